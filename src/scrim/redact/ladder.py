"""Which rung a camera's masks are on, and what each rung changes.

Rules kept here:

- Down at once, up only after a calm time: whatever is not known counts as bad.
- When load rises, look further apart before looking less carefully.
- When certainty falls, cover more.  The view gets worse, privacy does not.

============  ========  ========  ==============  ============  ============================
rung          distance  margin    patience        threshold     besides
              of looks  of masks  (looks more)    of a find
============  ========  ========  ==============  ============  ============================
``NORMAL``    x 1       x 1       0               x 1
``SPARSE``    x 2       x 1.1     0               x 1
``WIDE``      x 2 (*)   x 1.35    2               x 0.5
``FIGURES``   x 2 (*)   x 1.35    2               x 0.5         what moves is covered whole
``WHOLE``     x 1       x 1.35    2               x 0.5         the whole frame is covered
============  ========  ========  ==============  ============  ============================

(*) x 1 unless load is among the causes: doubt is no reason to look less often.  ``WHOLE``
looks as often as ever, since masks and encoding cost nothing there and looks lead back up.

What brings a camera down, and where to:

===========================================  =========  ====================================
fact                                         rung       up again
===========================================  =========  ====================================
a detector failed, or a view is not trusted  WHOLE      to WIDE when the fact is over; then
                                                        calm times
a doubtful view (:mod:`scrim.redact.view`)   FIGURES    the same
few finds are certain                        WIDE       calm times
slow looks, or load from 0.85                SPARSE     calm times
pictures wait 0.8 s, or load from 1.0        WIDE       calm times
1.6 s, or load from 1.25                     FIGURES    calm times
2.6 s                                        WHOLE      calm times
===========================================  =========  ====================================

Where load comes and goes, each fall soon after a rise doubles the calm time, up to a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType

from scrim.redact.frames import Rung

_CALM_US = 3_000_000
_LONGEST_CALM_US = 60_000_000
_LONGEST_STEP_US = 1_000_000  # of the frames' clock, which may jump

LOADED = "this machine is loaded"
"""The reason given where looks take long or pictures wait."""

UNCERTAIN = "few finds are certain"
DOUBTFUL = "the view has been another one for long"
_RECOVERING = "it was worse a moment ago"


@dataclass(frozen=True, slots=True)
class Measures:
    """What a rung changes.

    Attributes:
        look_distance_factor: times the distance between looks, 1 or more.
        margin_factor: times the margin of masks, 1 or more.
        patience_extra: how many more looks may miss a track before it is let go.
        threshold_factor: times the score from which a find counts, 1 or less.
        figures: whatever moves is covered whole.
        whole: the whole frame is covered.
    """

    look_distance_factor: float = 1.0
    margin_factor: float = 1.0
    patience_extra: int = 0
    threshold_factor: float = 1.0
    figures: bool = False
    whole: bool = False


_WIDE = Measures(2.0, 1.35, 2, 0.5)
MEASURES = MappingProxyType(
    {
        Rung.NORMAL: Measures(),
        Rung.SPARSE: Measures(look_distance_factor=2.0, margin_factor=1.1),
        Rung.WIDE: _WIDE,
        Rung.FIGURES: replace(_WIDE, figures=True),
        Rung.WHOLE: replace(_WIDE, look_distance_factor=1.0, figures=True, whole=True),
    }
)
"""The table above, for a camera under load."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a frame comes in.

    Attributes:
        backlog_us: how long the picture has waited since it was captured; may be negative,
            where the camera's clock is ahead.
        load: seconds of work for a second of pictures, over the last seconds; from 1 on the
            machine does not keep up.
        slow: the last look took long.
        uncertain: many masks are held or guessed rather than found.
        view: why the view cannot be trusted; "" if it can.
        doubtful_view: as in :class:`~scrim.redact.view.View`.
        failed: why the last look gave no verdict; "" if it did.
    """

    backlog_us: int = 0
    load: float = 0.0
    slow: bool = False
    uncertain: bool = False
    view: str = ""
    doubtful_view: bool = False
    failed: str = ""


class _Stair:
    """One cause's way down and up, with its calm time."""

    def __init__(self) -> None:
        self.rung = Rung.NORMAL
        self.reason = ""
        self._calm_since_us = 0
        self._rose_us = -_LONGEST_CALM_US
        self._calm_us = _CALM_US

    def step(self, wanted: Rung, reason: str, now_us: int, *, ceiling: Rung = Rung.WHOLE) -> None:
        """Down to ``wanted`` at once; up to ``ceiling`` at once, and on by calm times."""
        if wanted >= self.rung:
            if wanted > self.rung:
                soon = now_us - self._rose_us < 2 * self._calm_us
                self._calm_us = min(2 * self._calm_us, _LONGEST_CALM_US) if soon else _CALM_US
            self.rung = wanted
            self.reason = reason if wanted else ""
            self._calm_since_us = now_us
        elif self.rung > ceiling:
            self.rung, self.reason = max(wanted, ceiling), reason or _RECOVERING
            self._calm_since_us = now_us
        elif now_us - self._calm_since_us >= self._calm_us:
            self.rung = Rung(self.rung - 1)
            self._calm_since_us = self._rose_us = now_us
            if self.rung is Rung.NORMAL:
                self.reason = ""


class Ladder:
    """One camera's rung.

    Called once a frame, before it is looked at or queued::

        ladder = Ladder(told)                       # told(old, new, reason) at each change
        ...
        view = watch.push(luma, frame.captured_us)
        measures = ladder.step(
            Facts(backlog_us=waited, load=load, slow=timed.slow,
                  view=view.reason, doubtful_view=view.doubtful, failed=failed),
            frame.captured_us,
        )
        # measures say when the next look is due and how wide this frame's masks are;
        # ladder.rung and ladder.reason go into the RedactedFrame

    ``failed`` is what the newest look said; frames that are blanked for it afterwards have
    the rung ``WHOLE`` of their own.  Only ever add to what the measures ask for.

    Args:
        told: called with the old rung, the new one and the reason, at each change.
    """

    def __init__(self, told: Callable[[Rung, Rung, str], None] | None = None) -> None:
        self._told = told
        self._load = _Stair()
        self._doubt = _Stair()
        self._now_us = 0
        self._last_us: int | None = None
        self.rung = Rung.NORMAL
        self.reason = ""

    @property
    def measures(self) -> Measures:
        """What the present rung asks for."""
        asked = MEASURES[self.rung]
        if self._load.rung is Rung.NORMAL:
            return replace(asked, look_distance_factor=1.0)
        return asked

    def step(self, facts: Facts, at_us: int) -> Measures:
        """The rung for a frame captured at ``at_us``, and what it asks for."""
        if self._last_us is not None:
            self._now_us += min(max(at_us - self._last_us, 0), _LONGEST_STEP_US)
        self._last_us = at_us
        self._load.step(_loaded(facts), LOADED, self._now_us)
        self._doubt.step(*_doubted(facts), self._now_us, ceiling=Rung.WIDE)
        worse = self._doubt if self._doubt.rung >= self._load.rung else self._load
        old, self.rung, self.reason = self.rung, worse.rung, worse.reason
        if old is not self.rung and self._told is not None:
            self._told(old, self.rung, self.reason)
        return self.measures


def _loaded(facts: Facts) -> Rung:
    if facts.backlog_us >= 2_600_000:
        return Rung.WHOLE
    if facts.backlog_us >= 1_600_000 or facts.load >= 1.25:
        return Rung.FIGURES
    if facts.backlog_us >= 800_000 or facts.load >= 1.0:
        return Rung.WIDE
    return Rung.SPARSE if facts.slow or facts.load >= 0.85 else Rung.NORMAL


def _doubted(facts: Facts) -> tuple[Rung, str]:
    if facts.failed or facts.view:
        return Rung.WHOLE, facts.failed or facts.view
    if facts.doubtful_view:
        return Rung.FIGURES, DOUBTFUL
    return (Rung.WIDE, UNCERTAIN) if facts.uncertain else (Rung.NORMAL, "")
