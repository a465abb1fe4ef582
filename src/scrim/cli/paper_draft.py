"""``scrim paper draft``: signs, assessments, records and filings, from what is configured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from scrim.cli.opened import opened
from scrim.cli.options import DEFAULT_DATA, Data
from scrim.cli.policy import in_short
from scrim.cli.terminal import note, tell
from scrim.clock import SECOND
from scrim.errors import PaperRefused
from scrim.policy import Policy

if TYPE_CHECKING:
    from scrim.fleet.deployment import Deployment
    from scrim.papers.particulars import Particulars

PUBLIC = "/cameras"


def draft(
    document: Annotated[
        Literal["sign", "assessment", "record", "filing"],
        typer.Argument(help="What to make."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The file: .pdf, .md or .html; a sign is a PDF.")
    ],
    site: Annotated[str, typer.Option("--site", help="Of which site.")] = "default",
    camera: Annotated[
        str | None, typer.Option("--camera", help="Of one camera of it only.")
    ] = None,
    filing: Annotated[
        str | None,
        typer.Option("--filing", help="Which filing: public-security, facial-information."),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", help="en, zh-Hant, zh-Hans. A sign has a page for each."),
    ] = None,
    say: Annotated[
        list[str] | None,
        typer.Option(
            "--say", metavar="PLACE=TEXT", help="What only you know: necessity=…, authority=…"
        ),
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Make a document from what is configured. What only people can say is left as a blank."""
    said = dict(_pair(text) for text in say or [])
    if (document == "filing") != (filing is not None):
        raise PaperRefused(
            "A filing, and nothing else, says which one.", "Give --filing public-security."
        )
    with opened(data) as deployment:
        of = _particulars(deployment, site, camera)
        page = deployment.settings.norms.public_url.rstrip("/")
        page = f"{page}{PUBLIC}?site={site}" if page else ""
        if document == "sign":
            made = _sign(of, page, language, said, out)
        else:
            name = f"filing-{filing}" if filing is not None else document
            if filing is not None:
                said = {"count": _metered(deployment), **said}
            made = _draft(deployment, of, name, page, (language or ["en"])[0], said, out)
    try:
        out.write_bytes(made)
    except OSError as error:
        raise PaperRefused(
            f"{out} cannot be written: {error.strerror}.", "Give another --out."
        ) from None
    tell(f"Wrote {out}.")
    if document != "sign":
        note("A draft: complete its blanks, have it read, then put it on record.")


def _sign(
    of: Particulars, page: str, language: list[str] | None, said: dict[str, str], out: Path
) -> bytes:
    from scrim.papers.sign import sign
    from scrim.papers.words import LANGUAGES

    if out.suffix != ".pdf":
        raise PaperRefused("A sign is a PDF.", "Give --out sign.pdf.")
    return sign(of, page, language or LANGUAGES, said)


def _draft(
    deployment: Deployment,
    of: Particulars,
    document: str,
    page: str,
    language: str,
    said: dict[str, str],
    out: Path,
) -> bytes:
    from scrim.norms.load import load_all
    from scrim.papers.drafts import draft as made_of

    zone = ZoneInfo(of.site.zone)
    today = datetime.fromtimestamp(deployment.clock.now_us() // SECOND, zone).date().isoformat()
    policies = _covers(deployment)
    made = made_of(
        document,
        of,
        load_all(None, ["baseline"])["baseline"],
        page=page,
        today=today,
        language=language,
        said=said,
        describe=lambda camera: policies.get(camera, ()),
    )
    if out.suffix == ".pdf":
        return made.pdf()
    if out.suffix not in (".md", ".html"):
        raise PaperRefused(f"{out.suffix!r} is no kind of draft.", "Take .pdf, .md or .html.")
    return (made.markdown() if out.suffix == ".md" else made.html()).encode()


def _particulars(deployment: Deployment, site: str, camera: str | None) -> Particulars:
    from scrim.papers.particulars import particulars
    from scrim.store.database import reading

    with reading(deployment.engine) as connection:
        return particulars(connection, deployment.applied(), site, camera)


def _metered(deployment: Deployment) -> str:
    """People whose faces are in sealed originals: an upper bound, and what it does not know."""
    people = deployment.filings().people()
    unsure = f" (+ {people.uncounted} segments not counted)" if people.uncounted else ""
    return f"{people.tracks}{unsure}"


def _covers(deployment: Deployment) -> dict[str, Sequence[str]]:
    from scrim.fleet.cameras import Cameras

    default = deployment.settings.redaction.policy
    cameras = Cameras(deployment.engine, deployment.ledger, deployment.clock)
    return {one.id: (in_short(Policy.parse(one.policy, default)),) for one in cameras.list()}


def _pair(text: str) -> tuple[str, str]:
    name, equals, said = text.partition("=")
    if not equals or not said.strip():
        raise PaperRefused(f"--say {text!r} says nothing.", "Write it as necessity='…'.")
    return name, said


def attach(papers: typer.Typer) -> None:
    """Put ``draft`` beside the other commands of ``scrim paper``."""
    papers.command("draft")(draft)
