"""``scrim case``: an officer asks for an opening, on their own machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from scrim.cli.hashed import sha256_of
from scrim.cli.identity import load, new_passphrase
from scrim.cli.options import AsJson
from scrim.cli.terminal import note, table, tell_json
from scrim.cli.terminal import tell as tell_plain
from scrim.cli.times import moment, moment_or_span, shown
from scrim.errors import CaseError, CaseState

if TYPE_CHECKING:
    from scrim.opening.client import Case, Client
    from scrim.vault.custodian import Identity
    from scrim.vault.request import Authority

app = typer.Typer(
    no_args_is_help=True,
    help="Ask custodians to open a recording, and see what became of it. Run this on the "
    "officer's own machine: what it opens stays there.",
    epilog="[bold]One hour of one camera, on a warrant:[/bold]\n\n"
    "scrim case request --server https://cctv.example --as officer.txt --purpose investigation "
    "--authority 'warrant:ESCC 17/2026' --document warrant.pdf --camera gate "
    "--since 2026-11-25T14:00+08:00 --until 2026-11-25T15:00+08:00 "
    "--reason 'A cyclist was knocked down at the gate.' --expires 14d",
)

Server: TypeAlias = Annotated[
    str, typer.Option("--server", envvar="SCRIM_ADDRESS", help="The server: https://host[:port].")
]
As: TypeAlias = Annotated[
    Path,
    typer.Option("--as", envvar="SCRIM_IDENTITY", metavar="FILE", help="Your identity file."),
]
Certificate: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--certificate",
        envvar="SCRIM_CERTIFICATE",
        metavar="FILE",
        help="Trust this certificate (PEM) in place of the system's.",
    ),
]
Keys: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--keys",
        envvar="SCRIM_CASE_KEYS",
        metavar="FOLDER",
        help="Where the one-time keys of your cases are, each for one case alone.",
    ),
]
CaseName: TypeAlias = Annotated[str, typer.Argument(metavar="CASE", help="case-xxxxxxxx.")]

DEFAULT_KEYS = Path("scrim-case-keys")


def passphrase_of(case: str) -> str:
    """Ask for the passphrase of a case's key."""
    return str(typer.prompt(f"Passphrase of the key of {case}", hide_input=True, err=True))


def connect(server: str, identity: Identity, certificate: Path | None) -> Client:
    """A client that signs in as somebody.

    Raises:
        SettingsError, ServerUntrusted: that server cannot be dealt with.
    """
    from scrim.opening.client import Client

    return Client(server, identity.signer, certificate=certificate)


@app.command()
def request(
    server: Server,
    identity: As,
    purpose: Annotated[
        str,
        typer.Option(
            "--purpose", help="One that the norms over the cameras release for, or the setting has."
        ),
    ],
    authority: Annotated[
        str,
        typer.Option(
            "--authority",
            metavar="KIND:REFERENCE",
            help="warrant, statute, consent or emergency, and its reference.",
        ),
    ],
    camera: Annotated[list[str], typer.Option("--camera", help="A camera. Once for each.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; the custodians read it.")],
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            metavar="QUESTION=TEXT",
            help="What norms ask before a release. Once for each; the custodians read it. "
            "Without, the refusal says what is asked.",
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="From when, with the time zone.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Until when, with the time zone.")
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(
            "--expires",
            help="When the case ends: a time, or 14d, 12h. Of a live one a day after its window.",
        ),
    ] = None,
    document: Annotated[
        Path | None,
        typer.Option("--document", help="The paper; only its SHA-256 leaves this machine."),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="An emergency: from now on, for at most an hour.")
    ] = False,
    minutes: Annotated[
        int | None,
        typer.Option("--minutes", min=1, max=60, help="For how long from now on, with --live."),
    ] = None,
    sealed: Annotated[
        bool,
        typer.Option(
            "--passphrase/--no-passphrase",
            help="Seal the one-time key with a passphrase that is asked for now and at "
            "`scrim case open`. Without, whoever has the file opens what is approved.",
        ),
    ] = True,
    keys: Keys = DEFAULT_KEYS,
    certificate: Certificate = None,
    as_json: AsJson = False,
) -> None:
    """Draft a case, make its one-time key, sign the request and hand it in.

    In an emergency: --live --minutes 30 --authority emergency:REFERENCE. The recorders seal
    what comes next to this case's key as well, once the custodians have approved.
    """
    if (minutes is not None) and not (live and since is None and until is None):
        raise CaseError(
            "--minutes is for a live case, from now on.",
            "Give --live with it and neither --since nor --until.",
        )
    from scrim.clock import SystemClock
    from scrim.opening.casekeys import CaseKeys
    from scrim.opening.draft import Draft
    from scrim.opening.words import digits_of
    from scrim.vault.custodian import new_identity
    from scrim.vault.statement import Statement

    now_us = SystemClock().now_us()
    span = _window(now_us, minutes) if minutes is not None else _interval(since, until)
    once = new_identity()
    draft = Draft(
        kind="live" if live else "recorded",
        purpose=purpose,
        authority=_authority(authority, document),
        cameras=tuple(camera),
        since_us=span[0],
        until_us=span[1],
        reason=reason,
        recipient=once.recipient,
        expires_us=_expiry(expires, now_us, span[1], live=live),
        answers=_answers(answer or []),
    )
    folder = CaseKeys(keys)
    folder.prepare()
    officer = load(identity)
    words = new_passphrase("Passphrase for this case's key") if sealed else None
    with connect(server, officer, certificate) as here:
        case, body = here.draft(draft)
        file = folder.keep(case, once, words)
        note(f"The one-time key of {case} is in {file}; without it nothing can be opened.")
        signed = Statement.sign(body, officer.signer)
        done = here.request(case, signed)
    note(f"Digits, for custodians who call: {digits_of(signed.sha256)}")
    if as_json:
        tell_json({**_facts(done), "key": str(file)})
    else:
        tell(f"{done.id}: {done.state}")


@app.command("list")
def list_cases(
    server: Server,
    identity: As,
    state: Annotated[str | None, typer.Option("--state", help="Only those in this state.")] = None,
    certificate: Certificate = None,
    as_json: AsJson = False,
) -> None:
    """Print your cases, the newest first."""
    with connect(server, load(identity), certificate) as here:
        found = here.cases(state)
    _print_list(found, as_json=as_json)


@app.command()
def refusals(
    server: Annotated[
        str | None, typer.Option("--server", envvar="SCRIM_ADDRESS", help="The server.")
    ] = None,
    identity: Annotated[
        Path | None,
        typer.Option("--as", envvar="SCRIM_IDENTITY", metavar="FILE", help="Your identity file."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", "-d", help="On the server: the whole register, of this folder."),
    ] = None,
    certificate: Certificate = None,
    as_json: AsJson = False,
) -> None:
    """Print what was refused, by which rule or by whom, and why: yours, or with --data all."""
    if data is not None:
        found = _register(data)
    elif server is None or identity is None:
        raise typer.BadParameter("give --server and --as, or --data on the server's own machine")
    else:
        with connect(server, load(identity), certificate) as here:
            found = [_facts(here.case(one.id)) for one in here.cases("refused")]
    if as_json:
        tell_json(found)
        return
    for one in found:
        tell(f"{one['case']}  {', '.join(one['cameras'])}  {shown(one['since_us'])}")
        if one["rule"]:
            tell(f"    rule {one['rule']}: {one['reason']}")
        for answer in _dicts(one, "answers"):
            if answer["decision"] == "refused":
                tell(f"    {answer['custodian']}: {answer['reason']}")


@app.command()
def show(
    server: Server,
    identity: As,
    case: CaseName,
    certificate: Certificate = None,
    as_json: AsJson = False,
) -> None:
    """Print one case: what is asked, who has answered, when it ends."""
    own = load(identity)
    with connect(server, own, certificate) as here:
        one = here.case(case)
    if as_json:
        tell_json(_facts(one))
        return
    tell(f"Case       {one.id}: {one.state}")
    if digits := _digits(one, own):
        tell(f"Digits     {digits}")
    tell(f"Purpose    {one.purpose}")
    for question, text in _given(one):
        tell(f"Given      {question}: {text}")
    tell(f"Cameras    {', '.join(one.cameras)}")
    tell(f"From       {shown(one.since_us)}")
    tell(f"Until      {shown(one.until_us)}")
    tell(f"Expires    {shown(one.expires_us)}")
    if one.rule or one.reason:
        tell(f"Reason     {one.rule or 'closed'}: {one.reason}")
    for asked in _dicts(one.details, "asked"):
        tell(f"Asked      any {asked['k']} of {', '.join(asked['custodians'])}")
        for other in _dicts(asked, "instead"):
            tell(f"       or  any {other['k']} of {', '.join(other['custodians'])}")
    for answer in _dicts(one.details, "answers"):
        tell(f"Answer     {answer['custodian']}: {answer['decision']} {answer['reason']}".rstrip())


@app.command()
def close(
    server: Server,
    identity: As,
    case: CaseName,
    reason: Annotated[str, typer.Option("--reason", help="Why it ends.")],
    keys: Keys = DEFAULT_KEYS,
    certificate: Certificate = None,
) -> None:
    """End a case: the server erases its sealed parts, this machine its one-time key.

    Of one that has ended by itself, expired or refused, the key is erased as well.
    """
    from scrim.opening.casekeys import CaseKeys

    folder = CaseKeys(keys)
    folder.file(case)
    with connect(server, load(identity), certificate) as here:
        try:
            done = here.close_case(case, reason)
        except CaseState:
            done = here.case(case)
            if done.state not in ("closed", "expired", "refused"):
                raise
    tell(f"{done.id}: {done.state}")
    if folder.erase(case):
        tell(f"Its one-time key is erased from {keys}.")
    else:
        note(f"Its one-time key is not in {keys}; if it lies elsewhere, erase it there.")


def _digits(case: Case, own: Identity) -> str:
    """Of the request as its officer signed it; nothing where a server shows another's."""
    from scrim.errors import StatementInvalid
    from scrim.opening.words import digits_of
    from scrim.vault.statement import Statement

    try:
        signed = Statement.from_document(case.details.get("request"))
    except StatementInvalid:
        return ""
    return digits_of(signed.sha256) if signed.verifier == own.verifier else ""


def _given(case: Case) -> list[tuple[str, str]]:
    """What its request answers to the questions of norms."""
    body = case.details.get("body")
    answers = body.get("answers") if isinstance(body, dict) else None
    return sorted(answers.items()) if isinstance(answers, dict) else []


def _window(now_us: int, minutes: int) -> tuple[int, int]:
    from scrim.clock import SECOND

    return now_us, now_us + minutes * 60 * SECOND


def _interval(since: str | None, until: str | None) -> tuple[int, int]:
    if since is None or until is None:
        raise CaseError(
            "From when until when is not said.",
            "Give --since and --until with the time zone; of a live case --minutes will do.",
        )
    return moment("--since", since), moment("--until", until)


def _expiry(expires: str | None, now_us: int, until_us: int, *, live: bool) -> int:
    from scrim.clock import SECOND

    if expires is not None:
        return moment_or_span("--expires", expires, now_us)
    if live:
        return until_us + 24 * 3600 * SECOND
    raise CaseError("When the case ends is not said.", "Give --expires: a time, or 14d, 12h.")


def _authority(text: str, document: Path | None) -> Authority:
    from scrim.vault.request import AUTHORITIES, Authority

    kind, colon, reference = text.partition(":")
    if not colon or kind.strip() not in AUTHORITIES or not reference.strip():
        raise CaseError(
            f"--authority {text!r} is not KIND:REFERENCE.",
            f"KIND is one of {', '.join(AUTHORITIES)}: 'warrant:ESCC 17/2026'.",
        )
    sha256 = "" if document is None else sha256_of(document, CaseError)
    return Authority(kind.strip(), reference.strip(), sha256)


def _answers(given: list[str]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for one in given:
        question, equals, text = one.partition("=")
        question = question.strip()
        if not equals or not question or not text.strip():
            raise CaseError(
                f"--answer {one!r} is not QUESTION=TEXT.",
                "Like --answer relevance='The gate is where the child was last seen.'.",
            )
        if question in found:
            raise CaseError(f"{question} is answered twice.", "Give one answer to each question.")
        found[question] = text
    return tuple(sorted(found.items()))


def tell(text: str) -> None:
    """Print what a server said: it cannot move the cursor, nor go on for pages."""
    from scrim.opening.failures import printable

    tell_plain(printable(text))


def _print_list(cases: tuple[Case, ...], *, as_json: bool) -> None:
    if as_json:
        tell_json([_facts(one) for one in cases])
    elif not cases:
        note("There are none.")
    else:
        rows = [
            [one.id, one.state, ", ".join(one.cameras), shown(one.since_us), shown(one.expires_us)]
            for one in cases
        ]
        table(["CASE", "STATE", "CAMERAS", "FROM", "EXPIRES"], rows)


def _register(data: Path) -> list[dict[str, Any]]:
    from scrim.fleet.deployment import Deployment

    deployment = Deployment.open(data)
    try:
        return [
            {
                "case": file.id,
                "officer": file.officer,
                "cameras": list(file.cameras),
                "since_us": file.since_us,
                "until_us": file.until_us,
                "ended_us": file.ended_us,
                "rule": file.rule or "",
                "reason": file.reason or "",
                "answers": [
                    {"custodian": one.custodian, "decision": one.decision, "reason": one.reason}
                    for one in file.answers
                ],
            }
            for file in deployment.cases().refusals()
        ]
    finally:
        deployment.close()


def _facts(case: Case) -> dict[str, Any]:
    return dict(case.details)


def _dicts(facts: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = facts.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
