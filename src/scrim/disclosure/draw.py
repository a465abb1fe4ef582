"""Drawing a film from the opened original and a list of masks.

Rules:

1. The list alone decides: no detector looks again.
2. The same original, the same list and the same libraries give the same bytes: one thread,
   no date, no name, no sound.
3. What lies under masks has no influence on any byte: it is painted over before the encoder
   sees it, and no packet of the original goes over.
4. What does not fit the list (another file, another frame, damage) is refused or covered whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from scrim.canonical import Json
from scrim.disclosure.boxes import Box
from scrim.disclosure.masks import Covered, FrameMasks, How, MaskList, Reason
from scrim.disclosure.watch import file_digest, strict
from scrim.errors import DisclosureRefused
from scrim.policy import Zone
from scrim.record.film import Beside, FilmReader, FilmWriter, store_error
from scrim.redact import ClearFrame, Mask, RedactedFrame, Rung, Source
from scrim.redact.mask import Painter

LIBRARIES: Final = ("av", "numpy", "opencv-python-headless", "onnxruntime")
"""What the bytes of a film may depend on besides Scrim itself."""

_KINDS = {Reason.FACE: "face", Reason.PLATE: "plate", Reason.OTHER_PERSON: "person"}
_DAMAGED = "the decoder reported damage"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn.

    Attributes:
        sha256: of the film.
        frames, shown, whole: how many frames, of these with somebody shown, and covered whole.
        sound: sound tracks that were left out.
    """

    sha256: str
    frames: int
    shown: int
    whole: int
    sound: int


def libraries() -> dict[str, Json]:
    """Versions of what a film's bytes may depend on."""
    return {name: version(name) for name in (*LIBRARIES, "scrim-cctv")}


def draw(
    source: Path,
    masks: MaskList,
    output: Path,
    *,
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
) -> Drawn:
    """Make the film that a list describes.

    Args:
        source: the opened original.
        masks: the list.
        output: an ``.mp4`` file; replaced if it is there.
        progress: called with frames done and their number.

    Raises:
        SourceMissing, SourceNotVideo: the original cannot be read.
        DisclosureRefused: it is not the one of the list.
        StoreFull, StoreError: the film cannot be written.
    """
    if file_digest(source) != masks.source_sha256:
        raise DisclosureRefused(
            f"{source.name} is not the film that the masks were made for.",
            "Open the original of this case again, and give that.",
        )
    policy = strict([Zone.parse(zone) for zone in masks.zones])
    with FilmReader(source, 1, policy) as reader, Beside(output) as beside:
        reader.passage = None  # every frame is encoded from what was painted
        try:
            writer = FilmWriter(beside.path, "mp4", reader, 1)
            try:
                whole = _write(reader, writer, Painter(policy), masks, progress)
            finally:
                writer.close()
            beside.keep()
        except OSError as error:
            raise store_error(error, output) from error
        sound = reader.sound
    shown = sum(frame.shown is not None for frame in masks.frames)
    return Drawn(file_digest(output), len(masks.frames), shown, whole, sound)


def _write(
    reader: FilmReader,
    writer: FilmWriter,
    painter: Painter,
    masks: MaskList,
    progress: Callable[[int, int | None], None],
) -> int:
    wanted = {frame.index: frame for frame in masks.frames}
    first, last = masks.frames[0], masks.frames[-1]
    begin: int | None = None
    done = whole = 0
    for clear, pts, duration in reader.frames():
        begin = pts if begin is None else begin
        entry = wanted.get(clear.index)
        if entry is None:
            continue
        if pts - begin != entry.pts or reader.time_base != masks.time_base:
            raise _unfit(f"frame {clear.index} has another time")
        if (clear.picture.width, clear.picture.height) != masks.size:
            raise _unfit(f"frame {clear.index} has another size")
        frame = _painted(painter, clear, entry)
        whole += not frame.masks and bool(frame.reason)
        writer.write(frame, entry.pts - first.pts, duration)
        done += 1
        progress(done, len(wanted))
        if clear.index == last.index:
            break
    if done != len(wanted):
        raise _unfit(f"it has {done} of {len(wanted)} frames")
    return whole


def _painted(painter: Painter, clear: ClearFrame, entry: FrameMasks) -> RedactedFrame:
    if entry.whole or clear.damaged:
        return painter.blanked(clear, entry.whole or _DAMAGED)
    return painter.masked(clear, [mask_of(one, one.box) for one in entry.masks], Rung.NORMAL)


def mask_of(one: Covered, box: Box) -> Mask:
    """A mask as masking draws it, in another rectangle than its own."""
    source = Source.FIXED if one.how is How.DRAWN else Source(one.how.value)
    return Mask(*box, _KINDS.get(one.reason, "moving"), 0, source, one.oval)


def _unfit(what: str) -> DisclosureRefused:
    return DisclosureRefused(
        f"The film does not fit the list of masks: {what}.",
        "Make the disclosure again; decoders of another version may see other frames.",
    )
