"""Which engine is used: the fastest whose masks are those of the reference.

Rules kept here:

- The reference is onnxruntime in float32.  Where nothing else agrees with it, or
  nothing else is at least :data:`_WORTHWHILE` faster, it is used.
- Agreement is judged on boxes as the detector hands them out, intersection over union.
  Each box of the reference must have a counterpart that overlaps it by :data:`LEAST`
  (a mask is half as wide again as its box), :data:`MOST_LOOSE` of them may have one under
  :data:`CLOSE`, and :data:`MOST_EXTRA` of a box for each one of the reference may be there
  that the reference, too, had not seen with scores a little lower.
- The scores of an engine that rounds are told higher by :attr:`~scrim.redact.engine.Kind.lift`:
  what it scores too low by no more than that is covered all the same.
- An engine that raises while it is tried is left out, with the reason.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scrim.errors import EngineUnavailable
from scrim.redact.centerface import CenterFace, blob_of, lifted
from scrim.redact.detector import Detection
from scrim.redact.engine import Engine, Kind
from scrim.redact.overlap import overlap_of

LEAST = 0.5
CLOSE = 0.7
MOST_LOOSE = 0.1
MOST_EXTRA = 0.1
_WORTHWHILE = 0.05
_FEWEST_BOXES = 20  # fewer prove nothing

Image = NDArray[np.uint8]
Found = Sequence[Sequence[Detection]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How an engine's boxes compare with the reference's on the same pictures.

    Attributes:
        boxes: of the reference.
        lost: of these, those without a counterpart.
        loose: of these, those whose counterpart is not close.
        extra: of the engine, those without a counterpart even among fainter ones.
        score: the most by which a counterpart's is lower, after the lift.
    """

    boxes: int
    lost: int
    loose: int
    extra: int
    score: float

    @property
    def holds(self) -> bool:
        """Whether the masks count as the same."""
        return (
            self.boxes >= _FEWEST_BOXES
            and not self.lost
            and self.loose <= MOST_LOOSE * self.boxes
            and self.extra <= MOST_EXTRA * self.boxes
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out of trying one engine.

    Attributes:
        kind: which.
        milliseconds: processor time of one call; ``None`` where it did not run.
        agreement: with the reference; ``None`` for the reference and where it did not run.
        refused: why it may not be used; "" where it may.
    """

    kind: Kind
    milliseconds: float | None
    agreement: Agreement | None
    refused: str = ""


def compare(reference: Found, fainter: Found, other: Found) -> Agreement:
    """Compare boxes, picture by picture.

    Args:
        reference: what has to be covered.
        fainter: what the reference finds with scores lower than ``other``'s threshold.
        other: what the engine's detector finds.
    """
    pairs = [
        _closest(box, found)
        for expected, found in zip(reference, other, strict=True)
        for box in expected
    ]
    back = [
        _closest(box, known)[0]
        for found, known in zip(other, fainter, strict=True)
        for box in found
    ]
    return Agreement(
        boxes=len(pairs),
        lost=sum(overlap < LEAST for overlap, _ in pairs),
        loose=sum(LEAST <= overlap < CLOSE for overlap, _ in pairs),
        extra=sum(overlap < LEAST for overlap in back),
        score=max([0.0, *(lower for overlap, lower in pairs if overlap >= LEAST)]),
    )


def _closest(box: Detection, among: Sequence[Detection]) -> tuple[float, float]:
    """Overlap with the one that overlaps ``box`` most, and by how much its score is lower."""
    return max(((overlap_of(box, one), box.score - one.score) for one in among), default=(0, 0))


def try_engines(
    engines: Mapping[Kind, Callable[[], Engine]],
    pictures: Sequence[Image],
    *,
    model: Path,
    threshold: float,
    seconds: float = 1.0,
) -> list[Trial]:
    """Hold every engine against the reference, and time those whose masks are the same.

    Args:
        engines: what makes each; the reference must be among them.
        pictures: height x width x 3, BGR, of the size in use, with faces in them.
        model: the packaged model, for the detector.
        threshold: lowest score that counts.
        seconds: of processor time for timing, all engines together.

    Raises:
        Exception: whatever making or running the reference raises.
    """
    reference = engines[Kind.ONNXRUNTIME]()
    expected = _found(reference, pictures, model, threshold)
    running: dict[Kind, tuple[Engine, Agreement | None]] = {Kind.ONNXRUNTIME: (reference, None)}
    refused: list[Trial] = []
    for kind, make in engines.items():
        if kind is Kind.ONNXRUNTIME:
            continue
        try:
            engine = make()
            faint = lifted(threshold, 1 / kind.lift**2)
            agreement = compare(
                expected,
                _found(reference, pictures, model, faint),
                _found(engine, pictures, model, threshold),
            )
        except EngineUnavailable as error:
            refused.append(Trial(kind, None, None, str(error)))
            continue
        # foreign libraries: whatever one raises while it is tried, the others can do without it
        except Exception as error:  # noqa: BLE001
            refused.append(Trial(kind, None, None, f"It raised {type(error).__name__}."))
            continue
        running[kind] = (engine, agreement)
    times = _times({kind: engine for kind, (engine, _) in running.items()}, pictures[0], seconds)
    return [
        Trial(kind, times[kind], agreement, _refusal(agreement))
        for kind, (_, agreement) in running.items()
    ] + refused


def fastest(trials: Sequence[Trial]) -> Kind:
    """The engine to use."""
    allowed = {
        trial.kind: trial.milliseconds
        for trial in trials
        if not trial.refused and trial.milliseconds is not None
    }
    reference = allowed[Kind.ONNXRUNTIME]
    best = min(allowed, key=allowed.__getitem__)
    return best if allowed[best] <= (1 - _WORTHWHILE) * reference else Kind.ONNXRUNTIME


def _refusal(agreement: Agreement | None) -> str:
    if agreement is None or agreement.holds:
        return ""
    if agreement.boxes < _FEWEST_BOXES:
        return f"Only {agreement.boxes} faces to compare it on."
    return (
        f"Its masks differ: of {agreement.boxes} boxes {agreement.lost} are lost"
        f" and {agreement.loose} loose; {agreement.extra} are too many."
    )


def _found(
    engine: Engine, pictures: Sequence[Image], model: Path, threshold: float
) -> list[list[Detection]]:
    detector = CenterFace(model, threshold=threshold, engine=engine)
    return [detector.detect(picture) for picture in pictures]


def _times(engines: Mapping[Kind, Engine], picture: Image, seconds: float) -> dict[Kind, float]:
    """Milliseconds of processor time a call, taken in turns, so that a busy machine slows all."""
    blob = blob_of(picture)
    taken: dict[Kind, list[float]] = {kind: [] for kind in engines}
    spent = 0.0
    while spent < seconds or not all(len(times) >= 3 for times in taken.values()):
        for kind, engine in engines.items():
            began = time.process_time()
            engine.run(blob)
            taken[kind].append(time.process_time() - began)
            spent += taken[kind][-1]
    return {kind: statistics.median(times) * 1000 for kind, times in taken.items()}
