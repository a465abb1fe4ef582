"""``scrim verify``: is everything there, unchanged, and in the ledger?

Of a data folder, or of an evidence bundle: what is given says which.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from scrim.cli.ledger_key import ledger_key, read_text
from scrim.cli.options import AsJson
from scrim.cli.terminal import note, progress, tell, tell_json

if TYPE_CHECKING:
    from scrim.audit import Report

EPILOG = (
    "[bold]With the key and a checkpoint that were written down elsewhere[/bold] (only these "
    "show that the ledger was replaced as a whole or cut off):\n\n"
    "scrim verify scrim-data --key 'scrim.local/ledger+1a2b3c4d+AY...' --checkpoint monday.txt\n\n"
    "[bold]An evidence bundle[/bold], a folder or a ZIP, with the deployment's public keys and "
    "nothing else from it:\n\n"
    "scrim verify case-abcd2345.zip --key ledger.pub --anchor c2pa-anchor.pem\n\n"
    "[bold]For a program:[/bold] scrim verify scrim-data --json\n\n"
    "Works on a copy, on a read-only disk and while Scrim runs; writes nothing. "
    "docs/guide/verify.md and docs/ref/formats/bundle.md say what each finding means."
)


def verify(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA|BUNDLE",
            help="The data folder, or a copy of it; or an evidence bundle, folder or ZIP.",
        ),
    ],
    key: Annotated[
        str | None,
        typer.Option(
            "--key", metavar="KEY|FILE", help="The ledger's key as `scrim init` printed it."
        ),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            "--checkpoint", metavar="FILE", help="A checkpoint you kept elsewhere. May be repeated."
        ),
    ] = None,
    anchor: Annotated[
        Path | None,
        typer.Option(
            "--anchor",
            metavar="FILE",
            help="Of a bundle: the anchor of content credentials as the deployment published it.",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Compare sizes of objects, not their hashes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a data folder, or an evidence bundle, against manifests and ledger, offline.

    Exit code 0 if all holds, 1 if anything does not.
    """
    from scrim.evidence.verify import is_bundle

    if is_bundle(data):
        if checkpoint or quick:
            raise typer.BadParameter("--checkpoint and --quick are for data folders.")
        _bundle(data, key, anchor, as_json)
    elif anchor is not None:
        raise typer.BadParameter("--anchor is for evidence bundles, and this is none.")
    from scrim.audit import verify_folder

    pinned = None if key is None else ledger_key(key)
    remembered = [(str(path), read_text(path)) for path in checkpoint or []]
    with progress("Verifying", shown=not as_json) as update:
        report = verify_folder(
            data,
            key=pinned,
            remembered=remembered,
            quick=quick,
            progress=lambda _what, done, total: update(done, total),
        )
    if as_json:
        tell_json({"data": str(data), "quick": quick, **report.to_json()})
    else:
        _print(report, _of_folder(report))
    raise typer.Exit(0 if report.holds else 1)


def _bundle(path: Path, key: str | None, anchor: Path | None, as_json: bool) -> NoReturn:
    from scrim.evidence.authority import read_anchor
    from scrim.evidence.verify import verify_bundle

    pinned = None if key is None else ledger_key(key)
    trusted = None if anchor is None else read_text(anchor).encode()
    if trusted is not None:
        read_anchor(trusted)
    with progress("Verifying", shown=not as_json) as update:
        report = verify_bundle(path, key=pinned, anchor=trusted, progress=update)
    seen = report.checked
    what = (
        f"{seen['files']} files ({seen['bytes'] / 1e6:.1f} MB), {seen['originals']} originals of "
        f"{seen['periods']} periods, {seen['answers']} answers, {seen['entries']} entries, "
        f"{seen['viewing']} viewing copies"
    )
    if as_json:
        tell_json({"bundle": str(path), **report.to_json()})
    else:
        _print(report, what)
    raise typer.Exit(0 if report.holds else 1)


def _print(report: Report, what: str) -> None:
    for found in report.problems:
        tell(found.line())
    for found in report.notes:
        note(f"note: {found.line()}")
    if report.holds:
        tell(f"All holds: {what}.")
    else:
        count = len(report.problems)
        tell(f"{count} {'thing does' if count == 1 else 'things do'} not hold, of {what}.")


def _of_folder(report: Report) -> str:
    seen = report.checked
    return (
        f"{seen['entries']} entries, {seen['checkpoints']} checkpoints, {seen['periods']} periods, "
        f"{seen['segments']} segments, {seen['objects']} objects "
        f"({seen['bytes'] / 1e6:.1f} MB)"
    )
