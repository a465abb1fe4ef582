"""What runs in a process of its own: ``python -m bench.redaction.child WHAT NAME CORE``.

It is pinned to one core before any library starts a thread; its last line is JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def main() -> None:
    """See the top of this module."""
    what, name, core = sys.argv[1:4]
    os.sched_setaffinity(0, {int(core)})
    import cv2

    cv2.setNumThreads(1)
    from scrim.record.memory import keep_freed_memory

    keep_freed_memory()  # as the recorder does; for all sides alike
    answer = _JOBS[what](name)
    print(json.dumps(answer))


def _truth(name: str) -> int:
    from bench.redaction import truth

    return len(truth.faces_of(name))


def _make(name: str) -> int:
    from bench.redaction import catalogue, independent, material

    clip = material.make(catalogue.recipes()[name])
    if not name.startswith("speed-"):
        independent.look_at(clip)
    return len(clip.faces)


def _leaks(name: str) -> dict[str, Any]:
    from bench.redaction import judge, material

    return judge.judged(material.load(name))


def _speed(name: str) -> dict[str, Any]:
    from bench.redaction import material, speed

    return speed.measured(material.load(name))


def _deface(name: str) -> dict[str, Any]:
    from bench.redaction import deface, material

    return deface.judged(material.load(name))


def _deface_speed(name: str) -> float:
    from bench.redaction import deface, material

    return deface.seconds_a_frame(material.load(name))


def _ceiling(name: str) -> list[Any]:
    from bench.redaction import ceiling, material

    return ceiling.seen(material.load(name))


_JOBS: dict[str, Callable[[str], Any]] = {
    "truth": _truth,
    "make": _make,
    "leaks": _leaks,
    "speed": _speed,
    "deface": _deface,
    "deface speed": _deface_speed,
    "ceiling": _ceiling,
}

if __name__ == "__main__":
    main()
