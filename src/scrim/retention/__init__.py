"""Retention: what is kept how long, and the sweep that erases the rest.

From the top: ``limits`` (how long, and which rule says so), ``own`` (what was said of
one camera), ``due`` (what is past its time), ``marking`` and ``clearing`` (the two halves
of an erasure), ``clock`` (whether the time may be believed), ``sweep`` (all of it),
``plan`` (what goes when).

The room knows no picture, no key and no web.
"""

from scrim.retention.limits import CameraLimits, Nobody, Papers, Retention
from scrim.retention.sweep import Sweep, Swept

__all__ = ["CameraLimits", "Nobody", "Papers", "Retention", "Sweep", "Swept"]
