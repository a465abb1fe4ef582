"""``scrim case open``: what custodians approved, on the officer's own disk."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrim.cli.case import (
    DEFAULT_KEYS,
    As,
    CaseName,
    Certificate,
    Keys,
    Server,
    connect,
    passphrase_of,
)
from scrim.cli.identity import load
from scrim.cli.known import Known, LedgerKey, checked, seeing
from scrim.cli.options import AsJson
from scrim.cli.terminal import note, progress, tell, tell_json
from scrim.cli.times import moment, shown

if TYPE_CHECKING:
    from scrim.opening.package import Package
    from scrim.opening.session import Opened, Wanted

FINDINGS = 1
"""Exit code: something was opened, and something is not as it should be."""


def open_case(
    case: CaseName,
    server: Server,
    identity: As,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the files go.")],
    keys: Keys = DEFAULT_KEYS,
    native: Annotated[
        bool, typer.Option("--native", help="Write the originals as recorded as well.")
    ] = False,
    joined: Annotated[
        bool,
        typer.Option("--join", help="And one file a camera of the same, not encoded again."),
    ] = False,
    viewing: Annotated[
        bool, typer.Option("--viewing/--no-viewing", help="Write the marked viewing copy.")
    ] = True,
    camera: Annotated[
        list[str] | None, typer.Option("--camera", help="Only this one. Once for each.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only from then on.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only until then.")] = None,
    act: Annotated[str, typer.Option("--act", help="What for: view, export or disclose.")] = "view",
    ledger_key: LedgerKey = None,
    known: Known = None,
    certificate: Certificate = None,
    as_json: AsJson = False,
) -> None:
    """Combine the custodians' parts, decrypt, and write what was approved.

    That you look is in the ledger before the first picture comes. Run it again after
    an interruption: what is written already is kept.

    Of a live case each segment is written to OUT/native as it comes, until the window
    is over; then the viewing copy. After the window it opens all of it at once.

    Exit code 1 where something was left out; it is named here and in opened.json.
    """
    from scrim.clock import SystemClock
    from scrim.opening.casekeys import CaseKeys
    from scrim.opening.live import LiveOpening, Machine
    from scrim.opening.session import Opening

    once = CaseKeys(keys).read(case, lambda: passphrase_of(case))
    with connect(server, load(identity), certificate) as here:
        package = checked(here.package(case), ledger_key, known, here.consistency)
        opening: Opening | LiveOpening
        if package.request.is_live:
            machine = Machine(SystemClock(), time.sleep, seeing(None, known, here.consistency))
            opening = LiveOpening(here, package, once.secret, out, machine)
            _say_window(package, out)
        else:
            opening = Opening(here, package, once.secret, out, SystemClock().now_us())
        wanted = _wanted(package, camera, since, until, (native, joined, viewing))
        with progress("Opening", shown=not as_json) as update:
            done = opening.run(wanted, act, lambda _camera, count: update(count))
    if as_json:
        tell_json({"out": str(out), **_facts(done)})
    else:
        _print(done, out)
    raise typer.Exit(FINDINGS if done.findings else 0)


def attach(cases: typer.Typer) -> None:
    """Add the command to ``scrim case``."""
    cases.command("open")(open_case)


def _say_window(package: Package, out: Path) -> None:
    request = package.request
    note(f"Live until {shown(request.until_us)}; each segment is written to {out / 'native'}.")


def _wanted(
    package: Package,
    cameras: list[str] | None,
    since: str | None,
    until: str | None,
    kinds: tuple[bool, bool, bool],
) -> Wanted:
    from scrim.opening.session import Wanted

    asked = package.request
    return Wanted(
        asked.cameras if not cameras else tuple(sorted(set(cameras))),
        asked.since_us if since is None else moment("--since", since),
        asked.until_us if until is None else moment("--until", until),
        *kinds,
    )


def _facts(done: Opened) -> dict[str, object]:
    return {
        "viewing": done.viewing,
        "segments": done.segments,
        "bytes": done.size,
        "unproven": done.unproven,
        "files": [str(path) for path in done.files],
        "findings": [one.line() for one in done.findings],
        "parts_left_out": done.faults,
    }


def _print(done: Opened, out: Path) -> None:
    for fault in done.faults:
        note(f"left out: {fault}")
    for finding in done.findings:
        tell(finding.line())
    if done.unproven:
        note(
            f"{done.unproven} segments are of periods that are still recorded: no manifest "
            "vouches for them yet. Open them again in some minutes."
        )
    for path in done.files:
        tell(str(path))
    tell(f"{done.segments} segments opened ({done.size / 1e6:.1f} MB) into {out}.")
    if done.findings:
        count = len(done.findings)
        tell(f"{count} {'thing is' if count == 1 else 'things are'} not as they should be.")
