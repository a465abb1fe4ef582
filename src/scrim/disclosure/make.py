"""Making a disclosure: watch, choose, list the masks, sign the list, draw the film from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scrim.canonical import Json
from scrim.clock import Clock
from scrim.disclosure.compose import Cover, compose
from scrim.disclosure.draw import Drawn, draw, libraries
from scrim.disclosure.folder import DisclosureFolder
from scrim.disclosure.masks import MaskList
from scrim.disclosure.tracks import Pick, pick, tracks
from scrim.disclosure.watch import Eyes, Film, watch
from scrim.errors import DisclosureRefused
from scrim.redact import Zone
from scrim.vault.fields import LARGEST_DOCUMENT
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

_Progress = Callable[[int, int | None], None]


def _silent(_done: int, _total: int | None) -> None:
    """No progress is shown."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a disclosure is to show.

    Attributes:
        case: the case's id.
        request: hash of its request's body, or "".
        picks: where and when the one to show is; several where a track was interrupted.
        covers: masks drawn by hand.
        zones: the camera's privacy zones.
        detectors: what looks, for the record: names, hashes, settings.
    """

    case: str
    request: str
    picks: tuple[Pick, ...]
    covers: tuple[Cover, ...] = ()
    zones: tuple[Zone, ...] = ()
    detectors: Json = None


def listed(film: Film, order: Order, made_us: int) -> MaskList:
    """The masks of a disclosure.

    Raises:
        TrackUnclear: a pick names nobody or several, or two picks name two at one time.
    """
    found = tracks(film)
    chosen = [pick(film, found, one) for one in order.picks]
    return MaskList(
        case=order.case,
        request=order.request,
        source_sha256=film.sha256,
        size=film.size,
        time_base=film.time_base,
        made={
            "detectors": order.detectors,
            "policy": film.policy.document(),
            "libraries": libraries(),
        },
        picks=tuple((one.at_us, one.x, one.y) for one in order.picks),
        zones=tuple(zone.text() for zone in order.zones),
        frames=compose(film, chosen, order.covers),
        made_us=made_us,
    )


def make(
    source: Path,
    folder: DisclosureFolder,
    order: Order,
    *,
    eyes: Eyes,
    signer: Signer,
    clock: Clock,
    watching: _Progress = _silent,
    drawing: _Progress = _silent,
) -> tuple[Statement, Drawn]:
    """Make a new folder with a signed list of masks and the film drawn from it.

    Args:
        source: the opened original.
        folder: not there yet.
        order: what to show.
        eyes: what looks.
        signer: of whoever makes it.
        clock: for its time.
        watching: called with frames looked at and their number.
        drawing: called with frames drawn and their number.

    Raises:
        TrackUnclear: see :func:`listed`; no folder is made then.
        SourceMissing, SourceNotVideo: the original cannot be read.
        DisclosureRefused: the list would be too large to be read again.
        StoreError: the folder is there, or cannot be written; nothing is left behind.
    """
    film = watch(source, eyes, zones=order.zones, progress=watching)
    masks = listed(film, order, clock.now_us())
    statement = Statement.sign(masks.body(), signer)
    if len(statement.to_bytes()) > LARGEST_DOCUMENT:
        raise DisclosureRefused(
            "The list of masks would be too large.", "Make several disclosures, one after another."
        )
    folder.create()
    done = False
    try:
        drawn = draw(source, masks, folder.film, progress=drawing)
        folder.keep_made(statement)
        done = True
    finally:
        if not done:
            folder.discard()
    return statement, drawn


def again(source: Path, made: Statement, output: Path, *, drawing: _Progress = _silent) -> Drawn:
    """Draw the film of a signed list once more.

    Args:
        source: the opened original.
        made: the list.
        output: an ``.mp4`` file; replaced if it is there.
        drawing: called with frames done and their number.

    Raises:
        DisclosureRefused, SourceMissing, StoreError: see :func:`~scrim.disclosure.draw.draw`.
    """
    return draw(source, MaskList.of(made), output, progress=drawing)
