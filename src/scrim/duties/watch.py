"""When there is a check: on change, and on a timer.

Rules:

1. A change is what the ledger says, whichever process made it, or another file in the folder
   of packs; it is looked for every few seconds, and then everything is checked once.
2. Without a change there is a check every ``norms.check_seconds``: dates come by themselves.
3. The whole ledger is verified at the start and once a day.
4. All of it happens in a thread of its own, one at a time: whoever looks after children
   is not kept waiting.  What it found is collected by :meth:`Watch.news`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from scrim.clock import SECOND, Clock
from scrim.duties import changes, marks
from scrim.duties.checks import Checks
from scrim.duties.verifying import verify
from scrim.errors import ScrimError
from scrim.ledger import Ledger
from scrim.papers.applied import Applied
from scrim.store.database import reading

_LOOK_S: Final = 3.0
_VERIFY_US: Final = 20 * 3600 * SECOND  # below the day that a pack may ask for


class Watch:
    """Looks after one deployment's outcomes.

    Args:
        checks: what is run.
        applied: the packs in force, of ``checks``.
        ledger: where changes are read.
        clock: for what is due daily.
        folder: of the deployment's own packs, or ``None``.
        check_seconds: the longest time without a check.
        monotonic: seconds.
    """

    def __init__(
        self,
        checks: Checks,
        applied: Applied,
        ledger: Ledger,
        clock: Clock,
        *,
        folder: Path | None,
        check_seconds: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._checks = checks
        self._applied = applied
        self._ledger = ledger
        self._clock = clock
        self._folder = folder
        self._check_seconds = check_seconds
        self._monotonic = monotonic
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="norms")
        self._look: Future[tuple[str, ...]] | None = None
        self._failed: ScrimError | None = None
        self._next_look = 0.0
        self._next_check = 0.0
        self._files: object = None
        self._trouble = ""

    def news(self) -> tuple[str, ...]:
        """Begin a look where it is time for one; what the last one found, once, in lines.

        Raises:
            ScrimError: the last look failed; the next one tries again.
        """
        if self._look is not None and not self._look.done():
            return self._nothing_new()
        done, self._look = self._look, None
        now = self._monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK_S
            self._look = self._thread.submit(self.look)
        if done is None:
            return self._nothing_new()
        try:
            lines = done.result()
        except ScrimError as error:
            self._failed = error
            raise
        self._failed = None
        return lines

    def _nothing_new(self) -> tuple[str, ...]:
        if self._failed is not None:  # until a look works: the time between two is not "well"
            raise self._failed.with_traceback(None)
        return ()

    def look(self) -> tuple[str, ...]:
        """Look for changes, and check where there are any or it is time; lines for people."""
        lines: list[str] = []
        changed = changes.read_on(self._checks.engine, self._ledger).changed
        if changed:
            self._next_check = 0.0  # also at the next look, should this one fail
        if self._take(lines, changed=changed):
            self._next_check = 0.0
        if self._verify_due() and not verify(self._checks.engine, self._ledger, self._clock):
            lines.append("norms: the ledger does not hold; `scrim verify` says where")
        now = self._monotonic()
        if now >= self._next_check:
            lines += [f"norms: {line}" for line in self._checks.run().news]
            self._next_check = now + self._check_seconds
        return tuple(lines)

    def stop(self) -> None:
        """Wait for a look that is under way; there is none after."""
        self._thread.shutdown(wait=True)

    def _take(self, lines: list[str], *, changed: bool) -> bool:
        """Take the folder where a file is another, or what was in its way may be gone."""
        files = _signature(self._folder)
        if files == self._files and not (self._trouble and changed):
            return False
        taken = self._applied.refresh()
        self._files = files
        if taken.trouble is not None and taken.trouble.why != self._trouble:
            lines.append(f"norms: the packs in force stay as they were: {taken.trouble.why}")
        self._trouble = "" if taken.trouble is None else taken.trouble.why
        if taken.changed:
            lines.append(f"norms: other packs are in force: {', '.join(taken.changed)}")
        return bool(taken.changed)

    def _verify_due(self) -> bool:
        with reading(self._checks.engine) as connection:
            mark = marks.all_marks(connection).get(marks.LEDGER_VERIFIED)
        return mark is None or not 0 <= self._clock.now_us() - mark.at_us < _VERIFY_US


def _signature(folder: Path | None) -> object:
    """What is otherwise as soon as a file in the folder is."""
    if folder is None:
        return ()
    try:
        found = [(path.name, path.stat()) for path in sorted(folder.glob("*.yaml"))]
    except OSError as error:
        return error.errno
    return tuple((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in found)
