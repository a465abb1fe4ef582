"""``scrim paper``: what has to be on record before a camera records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from scrim.cli.hashed import sha256_of
from scrim.cli.opened import opened
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.errors import PaperRefused

app = typer.Typer(
    no_args_is_help=True,
    help="Purposes, signs, assessments and filings: what the packs in force ask for before a "
    "camera records. The documents themselves stay with you; their hash goes on record.",
    epilog="[bold]A sign, made, put up and on record:[/bold]\n\n"
    "scrim paper draft sign --site north --out sign.pdf\n\n"
    "scrim paper add sign --site north --reference 'photo of 2026-03-01' --issued 2026-03-01 "
    "--document sign.pdf --says at-entrance --says inside",
)


@app.command()
def add(
    kind: Annotated[
        Literal["purpose", "sign", "assessment", "filing"], typer.Argument(help="What it is.")
    ],
    reference: Annotated[
        str, typer.Option("--reference", help="What it is called where you keep it.")
    ],
    issued: Annotated[str, typer.Option("--issued", help="The day: 2026-03-01.")],
    expires: Annotated[
        str | None, typer.Option("--expires", help="The last day on which it is good.")
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Of a whole site.")] = None,
    camera: Annotated[str | None, typer.Option("--camera", help="Of one camera.")] = None,
    document: Annotated[
        Path | None, typer.Option("--document", help="The file; only its SHA-256 is kept.")
    ] = None,
    purpose: Annotated[
        list[str] | None, typer.Option("--purpose", help="Of a purpose's paper; else the camera's.")
    ] = None,
    filing: Annotated[
        str | None, typer.Option("--filing", help="Which filing: public-security.")
    ] = None,
    says: Annotated[
        list[str] | None, typer.Option("--says", help="What it says: inside, sound. Once for each.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who puts it on record.")] = "operator",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Put a paper on record: of a camera, of a site, or of the whole deployment."""
    from scrim.norms.pack import Paper as Kind
    from scrim.papers.register import Draft

    if purpose is not None and len(set(purpose)) > 1:
        raise PaperRefused(
            "A camera has one purpose, and so has its paper.", "Give --purpose once."
        )
    draft = Draft(
        kind=Kind(kind),
        reference=reference,
        issued=issued,
        expires=expires,
        site=site,
        camera=camera,
        document_sha256=None if document is None else sha256_of(document, PaperRefused),
        purpose=purpose[0] if purpose else None,
        filing=filing,
        says=tuple(says or ()),
        by=by,
    )
    with opened(data) as deployment:
        row = deployment.papers().add(draft)
    if as_json:
        tell_json({"id": row.id})
        return
    tell(f"{row.id} is on record.")


@app.command("list")
def list_papers(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the papers on record, the revoked too."""
    from scrim.clock import to_text

    with opened(data) as deployment:
        found = deployment.papers().list()
        now = deployment.clock.now_us()
    if as_json:
        tell_json(
            [
                {
                    "id": row.id,
                    "kind": row.kind.value,
                    "site": row.site,
                    "camera": row.camera,
                    "purpose": row.purpose,
                    "filing": row.filing,
                    "says": list(row.says),
                    "reference": row.reference,
                    "document_sha256": row.document_sha256,
                    "issued_us": row.issued_us,
                    "expires_us": row.expires_us,
                    "revoked_us": row.revoked_us,
                    "in_force": row.in_force(now),
                }
                for row in found
            ]
        )
    elif not found:
        note("No paper is on record. Put one on record with `scrim paper add`.")
    else:
        table(
            ["ID", "KIND", "OF", "REFERENCE", "ENDS", ""],
            [
                [
                    row.id,
                    row.filing or row.purpose or row.kind.value,
                    row.camera or (f"site {row.site}" if row.site else "everything"),
                    row.reference,
                    "" if row.expires_us is None else to_text(row.expires_us)[:16] + "Z",
                    "in force" if row.in_force(now) else "revoked" if row.revoked_us else "over",
                ]
                for row in found
            ],
        )


@app.command()
def revoke(
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="Its id: paper-…")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Take a paper out of force. Cameras that need it stop recording within seconds."""
    with opened(data) as deployment:
        deployment.papers().revoke(paper, reason)
    tell(f"{paper} is revoked.")


@app.command()
def waits(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show which cameras may not record, for which paper, by which rule, and what ends soon."""
    from scrim.norms import NOT_ADVICE

    with opened(data) as deployment:
        gatekeeper = deployment.gatekeeper()
        verdicts, silent = gatekeeper.judge(), gatekeeper.silent()
    if as_json:
        tell_json(
            [
                {
                    "camera": one.camera,
                    "may_record": one.may_record,
                    "silent": silent.get(one.camera),
                    **one.document(),
                }
                for one in verdicts.values()
            ]
        )
        return
    for verdict in verdicts.values():
        tell(f"{verdict.camera}: {'may record' if verdict.may_record else 'does not record'}")
        for ruled in (*verdict.waits, *verdict.warnings):
            tell(f"  {ruled.text()}")
        if silent.get(verdict.camera):
            tell(f"  its sound is not recorded: {silent[verdict.camera]}")
    note(NOT_ADVICE)
