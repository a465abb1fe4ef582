"""``python -m bench [NAME ...]``: measure, print, and keep the figures.

Rules:

- A bench is a module ``bench/NAME.py`` or a package ``bench/NAME/`` with
  ``run() -> dict``: figures by name, nested as it likes, JSON all through.  Where a
  figure has a limit, the bench gives ``{"value": v, "limit": l, "better": "higher" |
  "lower"}`` with, where it was taken several times, ``"low"`` and ``"high"``, the spread.
- What stands under ``details`` is kept in the JSON and shown nowhere else.
- Each one runs in a process of its own, one after the other, so that none
  inherits another's threads and caches.
- Compare ratios of the same run; two runs of one machine differ by 15 % and more.
- Results go to ``bench/results/NAME.json`` and, all together, to
  ``bench/results/RESULTS.md``, with the machine they were measured on.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.machine import describe

_HERE = Path(__file__).resolve().parent
_RESULTS = _HERE / "results"
_NO_BENCH = {"__init__", "__main__", "machine"}


def names() -> list[str]:
    """The benches there are: modules and packages here that have a ``run``."""
    modules = {path.stem: path for path in _HERE.glob("*.py")}
    packages = {path.parent.name: path for path in _HERE.glob("*/__init__.py")}
    return sorted(
        name
        for name, path in {**modules, **packages}.items()
        if name not in _NO_BENCH and not name.startswith("_") and _has_run(path)
    )


def main() -> int:
    """Run the benches asked for; 1 where one failed or a limit does not hold."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Scrim.")
    parser.add_argument("name", nargs="*", help="which; all by default")
    parser.add_argument("--list", action="store_true", help="say which there are and stop")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        return _one(asked.one)
    there = names()
    if asked.list:
        print("\n".join(there))
        return 0
    unknown = set(asked.name) - set(there)
    if unknown:
        print(f"No such bench: {', '.join(sorted(unknown))}. There are: {', '.join(there)}.")
        return 2
    bad = 0
    for name in asked.name or there:
        print(f"== {name}", flush=True)
        began = time.monotonic()
        child = subprocess.run(
            [sys.executable, "-m", "bench", "--one", name], cwd=_HERE.parent, check=False
        )
        bad += child.returncode != 0
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    (_RESULTS / "RESULTS.md").write_text("\n".join(_markdown()) + "\n", encoding="utf-8")
    return 1 if bad else 0


def _one(name: str) -> int:
    """Run one bench in this process and keep its figures."""
    module = importlib.import_module(f"bench.{name}")
    figures = module.run()
    title = (module.__doc__ or name).strip().splitlines()[0]
    result = {"title": title, "machine": describe(), "figures": figures}
    _RESULTS.mkdir(exist_ok=True)
    text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    (_RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
    missed = 0
    for path, figure in _flat(figures):
        print(f"   {path:<58} {_shown(figure)}")
        missed += _holds(figure) is False
    return 1 if missed else 0


def _has_run(path: Path) -> bool:
    return "\ndef run(" in path.read_text(encoding="utf-8")


def _flat(figures: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(figures, Mapping) and "value" not in figures:
        for name, value in figures.items():
            if name == "details":
                continue
            yield from _flat(value, f"{path}.{name}" if path else str(name))
    else:
        yield path, figures


def _shown(figure: object) -> str:
    if not isinstance(figure, Mapping):
        return _number(figure)
    text = _number(figure["value"])
    if "low" in figure and "high" in figure:
        text += f" ({_number(figure['low'])} to {_number(figure['high'])})"
    holds = _holds(figure)
    if holds is not None:
        text += f", limit {_number(figure['limit'])}: {'holds' if holds else 'DOES NOT HOLD'}"
    return text


def _number(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _holds(figure: object) -> bool | None:
    if not isinstance(figure, Mapping) or "limit" not in figure:
        return None
    value, limit = float(figure["value"]), float(figure["limit"])
    return value >= limit if figure.get("better", "higher") == "higher" else value <= limit


def _markdown() -> Iterator[str]:
    yield "# What was measured"
    yield ""
    yield "Written by `make bench`; each figure with the machine it ran on in the JSON beside this."
    for path in sorted(_RESULTS.glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(result, dict) or "figures" not in result:
            continue
        machine = result.get("machine", {})
        yield ""
        yield f"## {path.stem}: {result.get('title', '')}"
        yield ""
        yield (
            f"{machine.get('processor')}, {machine.get('cores')} cores, "
            f"Python {machine.get('python')}, {machine.get('measured')}"
        )
        yield ""
        yield "| figure | value |"
        yield "|---|---|"
        for name, figure in _flat(result["figures"]):
            yield f"| {name} | {_shown(figure)} |"


if __name__ == "__main__":
    sys.exit(main())
