"""Running the project's own masking over an opened film, and keeping what it says, not shows.

Rules:

1. What is kept of a frame is where masks lie and how they came there; the picture goes on
   to whoever asked for the redacted one, and nowhere else.
2. The policy covers at least whole people, plates and vehicles, solid, whatever the camera's is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from scrim.errors import SourceMissing, SourceNotVideo
from scrim.record.film import FilmReader
from scrim.redact import (
    Cover,
    Detector,
    Mask,
    Policy,
    RedactedFrame,
    Redactor,
    State,
    Style,
    Zone,
)

EVERYBODY = frozenset(Cover)
"""All that can be covered is, in a picture that leaves."""

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What masking said of one frame.

    Attributes:
        index: its number in the film, from 0.
        pts, duration: in the film's time base; a duration of 0 is unknown.
        at_us: microseconds since the film's first frame.
        masks: in pixels of the upright picture.
        whole: why all of it is covered; "" where it is not.
        rung: how far down the ladder it was masked.
        cut: a scene begins with it, as masking tells: nobody was followed into it.
    """

    index: int
    pts: int
    duration: int
    at_us: int
    masks: tuple[Mask, ...]
    whole: str
    rung: int
    cut: bool


@dataclass(frozen=True, slots=True)
class Film:
    """An opened original, as masking saw it.

    Attributes:
        sha256: of the file.
        size: width and height of its upright pictures.
        time_base: of its time stamps, seconds.
        policy: what was covered.
        verdicts: one a frame, in order.
    """

    sha256: str
    size: tuple[int, int]
    time_base: Fraction
    policy: Policy
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Eyes:
    """What looks: as for :class:`~scrim.redact.Redactor`."""

    faces: Detector
    others: Sequence[Detector] = ()
    people: Detector | None = None


def strict(zones: Sequence[Zone] = ()) -> Policy:
    """Everybody and everything that can be covered, solid."""
    return Policy(EVERYBODY, tuple(zones), Style.SOLID)


def watch(
    source: Path,
    eyes: Eyes,
    *,
    zones: Sequence[Zone] = (),
    shown: Callable[[RedactedFrame], None] = lambda _frame: None,
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
) -> Film:
    """Mask a film, and say what was covered where.

    Args:
        source: the opened original.
        eyes: what looks.
        zones: the camera's privacy zones.
        shown: called with each frame, redacted, in order.
        progress: called with frames done and their number, where the file tells.

    Raises:
        SourceMissing: no such file, or it may not be read.
        SourceNotVideo: no picture in it.
    """
    policy = strict(zones)
    sha256 = file_digest(source)
    stamps: dict[int, tuple[int, int]] = {}
    verdicts: list[Verdict] = []
    with FilmReader(source, 1, policy) as reader:
        redactor = Redactor(eyes.faces, others=eyes.others, people=eyes.people, policy=policy)
        first_us: int | None = None

        def keep(frames: list[RedactedFrame]) -> None:
            for frame in frames:
                shown(frame)
                verdicts.append(_verdict(frame, *stamps.pop(frame.index), first_us or 0))
            progress(len(verdicts), reader.total)

        for frame, pts, duration in reader.frames():
            first_us = frame.captured_us if first_us is None else first_us
            stamps[frame.index] = (pts, duration)
            keep(redactor.push(frame))
        keep(redactor.flush())
        if not verdicts:
            raise SourceNotVideo(
                f"{source.name} holds no picture that can be decoded.",
                "Open it again from the case.",
            )
        return Film(sha256, reader.size, reader.time_base, policy, tuple(verdicts))


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in lower-case hexadecimal.

    Raises:
        SourceMissing: no such file, or it may not be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise SourceMissing(
            f"{path} cannot be read: {error.strerror}.", "Give the file that was opened."
        ) from None
    return digest.hexdigest()


def _verdict(frame: RedactedFrame, pts: int, duration: int, first_us: int) -> Verdict:
    blanked = frame.state is State.BLANKED
    return Verdict(
        frame.index,
        pts,
        duration,
        frame.captured_us - first_us,
        () if blanked else tuple(_plain(mask) for mask in frame.masks if mask.kind != "zone"),
        (frame.reason or "no verdict") if blanked else "",
        int(frame.rung),
        frame.begins_scene,
    )


def _plain(mask: Mask) -> Mask:
    """Without the cells of its outline, which nobody needs: that there is one does."""
    if mask.figure is None:
        return mask
    return replace(mask, figure=replace(mask.figure, columns=0, rows=0, cells=b""))
