"""``scrim custodian deal``, ``reshare`` and ``check-reshare``: old periods for a new set.

By files, so that a custodian's device needs no network: the operator brings period
documents and the new set, the old custodians bring deals back, and each new one checks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from scrim.canonical import digest
from scrim.cli import identity as person
from scrim.cli.options import AsJson
from scrim.cli.terminal import note, tell, tell_json
from scrim.clock import SystemClock
from scrim.errors import CustodianInvalid, SealBroken, VaultError
from scrim.vault.custodian_set import CustodianSet
from scrim.vault.dealing import deal as deal_pieces
from scrim.vault.dealing import open_dealt_part
from scrim.vault.document import PeriodDocument
from scrim.vault.fields import LARGEST_DOCUMENT
from scrim.vault.opening import open_part
from scrim.vault.reshare import Reshare
from scrim.vault.secret_file import write_new
from scrim.vault.statement import Statement

To: TypeAlias = Annotated[
    Path, typer.Option("--to", metavar="SET", help="The new set of custodians, a JSON file.")
]
Old: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--old",
        metavar="SET",
        help="The old set with its signing keys, for periods from before there were any.",
    ),
]
Mine: TypeAlias = Annotated[
    Path, typer.Option("--identity", "-i", metavar="FILE", help="Your identity file.")
]

_REMEDY: Final = "Give the file that the operator or the other custodian sent."


def deal(
    documents: Annotated[
        list[Path], typer.Argument(metavar="DOCUMENT...", help="Period documents (….open.json).")
    ],
    to: To,
    participants: Annotated[
        list[str],
        typer.Option(
            "--with", metavar="ID", help="A custodian who deals, you among them. Once for each."
        ),
    ],
    identity: Mine,
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder for the deals.")],
    old: Old = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="The new set's hash is that of the ledger; do not ask.")
    ] = False,
) -> None:
    """An old custodian hands their pieces of old periods on to a new set.

    k of the old custodians do this, all naming the same k. Nobody has the whole of a
    secret at any moment, and the old parts stay as good as they were: this takes
    nothing back. Look before you agree: whoever is in the new set can answer for
    these recordings from then on.
    """
    new_set = _set(to)
    if not yes:
        _agree(new_set)
    mine = person.load(identity)
    opener = mine.opener(person.TerminalAsker())
    now_us, known = SystemClock().now_us(), _known(old)
    made: dict[Path, bytes] = {}
    for path in documents:
        document = _read(path)
        period = PeriodDocument.parse(document)
        holder = next(
            (one for one in period.custodians.custodians if one.recipient == mine.recipient), None
        )
        if holder is None:
            raise CustodianInvalid(
                f"This identity holds no part of the period in {path}.",
                "Use the identity whose recipient stands in that document.",
            )
        order = [one.id for one in period.custodians.custodians if one.id in participants]
        statement = deal_pieces(
            document,
            open_part(period.parts[holder.id], opener, document),
            new_set,
            order if len(order) == len(participants) else participants,
            mine.signer,
            now_us,
            known=known.get(mine.recipient, ""),
        )
        name = f"{period.camera}-{period.epoch:06d}-{period.period:06d}.{holder.id}.deal.json"
        made[out / name] = statement.to_bytes()
    _make_folder(out)
    for path, data in made.items():
        write_new(path, data)
        tell(str(path))


def reshare(
    document: Annotated[Path, typer.Argument(metavar="DOCUMENT", help="The period document.")],
    deals: Annotated[list[Path], typer.Argument(metavar="DEAL...", help="One of each who deals.")],
    to: To,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The new file. Never overwritten.")
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(
            "--store",
            metavar="DATA",
            help="The data folder that recorded it: cases ask the new custodians too from then on.",
        ),
    ] = None,
    old: Old = None,
) -> None:
    """Put the deals of one period together, and check each of them. Opens nothing.

    With --store it is in force: in the ledger, and asked for with the period.
    """
    if out is None and store is None:
        raise typer.BadParameter("say where to: --out FILE, or --store DATA on the server")
    statements = [Statement.parse(_read(path)) for path in deals]
    made = Reshare.gather(_read(document), _set(to), statements, _known(old))
    if out is not None:
        write_new(out, made.to_bytes())
        tell(str(out))
    if store is not None:
        _store(made, store)


def _store(made: Reshare, data: Path) -> None:
    from scrim.fleet.deployment import Deployment

    deployment = Deployment.open(data)
    try:
        stored = deployment.reshares().store(made.to_bytes())
    finally:
        deployment.close()
    tell(
        f"Period {stored.period} of epoch {stored.epoch} of {stored.camera} can be opened by "
        f"{made.custodians.k} of the new custodians too (ledger entry {stored.entry})."
    )


def check_reshare(
    file: Annotated[Path, typer.Argument(metavar="RESHARE", help="What `reshare` wrote.")],
    document: Annotated[Path, typer.Argument(metavar="DOCUMENT", help="The period document.")],
    identity: Mine,
    old: Old = None,
    as_json: AsJson = False,
) -> None:
    """A new custodian sees whether what was dealt to them opens and is what was committed to.

    Whether the pieces are the period's own is seen when k of the new set combine; if
    they are not, the one who dealt them is named then.
    """
    document_bytes = _read(document)
    found = Reshare.parse(_read(file), document_bytes, _known(old))
    mine = person.load(identity)
    part = open_dealt_part(found, mine.opener(person.TerminalAsker()))
    dealers = [one.dealer for one in found.deals]
    if as_json:
        tell_json({"custodian": part.custodian, "dealers": dealers, "holds": True})
    else:
        tell(f"Custodian {part.custodian}: what {', '.join(dealers)} dealt to you opens and holds.")


def _agree(new_set: CustodianSet) -> None:
    note(f"Any {new_set.k} of these {len(new_set.custodians)} will be able to open:")
    for custodian in new_set.custodians:
        note(f"  {custodian.id:<20} {custodian.fingerprint}")
    note(f"Hash of the set: {digest(new_set.document())}")
    note("It must be that of a `custodians-set` entry in the ledger.")
    typer.confirm("Is it?", abort=True, err=True)


def _set(path: Path) -> CustodianSet:
    try:
        value = json.loads(_read(path))
    except (ValueError, RecursionError):
        raise CustodianInvalid(f"{path} is not a set of custodians.", _REMEDY) from None
    return CustodianSet.from_document(value)


def _known(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    return {one.recipient: one.verifier for one in _set(path).custodians if one.verifier}


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise VaultError(f"{path} cannot be read: {error.strerror}.", _REMEDY) from None
    if len(data) > LARGEST_DOCUMENT:
        raise SealBroken(f"{path} is larger than any such file.", _REMEDY)
    return data


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VaultError(
            f"{path} cannot be written: {error.strerror}.", "Give another place with --out."
        ) from None
