"""``scrim up``: one server, the recorders, the sweeper, the ledger's heads and checkpoints.

Rules:

- The caller holds the folder's lock (:meth:`DataFolder.lock`) from before the
  first change until :meth:`Supervisor.run` returns, and has waited for the children
  of one that was killed (:meth:`DataFolder.tended`).
- Only this process reads the ledger's signing key.
- A dead child is started again: at once the first time, then with waits that
  grow to half a minute.  A recorder that says it has nothing left to do (exit
  code 0: a file that is not looped) rests until its camera is changed.
- Cameras enrolled, changed or removed while Scrim runs take effect within a
  second or two: a new one gets a recorder, a changed one a new recorder, and a
  recorder that loses a camera starts again without it.
- A camera whose papers are not on record gets no recorder, and one whose paper ends loses
  it (invariant 9); the gate is asked, and what it says is in the ledger, before anything
  starts.  Where it cannot be asked nothing new starts.
- What is so is held against the norm packs in force on change and on a timer, in a thread
  of its own (:mod:`scrim.duties`).
- A case past its expiry is ended within seconds, whether anybody asks for it or not.
- When it stops, recorders are asked first and get time to store what they hold;
  then come the last heads and the last checkpoint.
- Trouble with the ledger or the disk is said once and tried again; it never
  stops the supervisor, because the recorders refuse by themselves what they
  cannot write down.
"""

from __future__ import annotations

import resource
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO, Final

from scrim import stopping
from scrim.errors import ScrimError
from scrim.fleet.admission import Admission
from scrim.fleet.cameras import Camera, Cameras
from scrim.fleet.children import Child
from scrim.fleet.commands import Commands, ScrimCommands
from scrim.fleet.deployment import Deployment
from scrim.fleet.groups import Groups
from scrim.fleet.heads import Heads
from scrim.fleet.tending import Tending

__all__ = ["Commands", "ScrimCommands", "Supervisor"]

_TICK: Final = 0.25
_CAMERAS_EVERY: Final = 1.0
_CASES_EVERY: Final = 5.0
_DUTIES_EVERY: Final = 60.0
_FILINGS_EVERY: Final = 900.0  # adding up who was counted takes a second for 15,000 cameras

Say = Callable[[str], None]


class Supervisor:
    """Keeps one deployment running until it is told to stop.

    Args:
        deployment: an open folder whose lock the caller holds.
        commands: how children are started.
        say: called with one line for people for each event.
        log: called with (child, line) for every line a child prints.
        on_tick: called about four times a second while everything runs.
        stop_seconds: how long children may take to stop before they are killed.
        keeps_open: descriptors for the children, see :meth:`DataFolder.tended`.
        sweeper: command line of what erases recordings whose time is over; empty for none.
    """

    def __init__(
        self,
        deployment: Deployment,
        commands: Commands,
        *,
        say: Say,
        log: Callable[[str, str], None] = lambda _child, _line: None,
        on_tick: Callable[[], None] = lambda: None,
        stop_seconds: float = stopping.KILLED_S,
        keeps_open: Sequence[int] = (),
        sweeper: Sequence[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._deployment = deployment
        self._commands = commands
        self._say = say
        self._log = log
        self._on_tick = on_tick
        self._stop_seconds = stop_seconds
        self._monotonic = monotonic
        self._cameras = Cameras(deployment.engine, deployment.ledger, deployment.clock)
        self._cases = deployment.cases()
        self._tending = Tending(deployment, say)
        self._admission = Admission(deployment.gatekeeper(), say, monotonic)
        self._heads = Heads(deployment.engine, deployment.ledger, deployment.clock)
        self._groups = Groups(deployment.settings.recorder.cameras_per_process)
        self._keeps_open = tuple(keeps_open)
        self._server = Child("server", commands.server(), monotonic, keeps_open=self._keeps_open)
        self._sweepers = [
            Child("retention", command, monotonic, keeps_open=self._keeps_open)
            for command in ([sweeper] if sweeper else [])
        ]
        self._recorders: dict[int, Child] = {}
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._stops = 0
        self._troubles: dict[str, str] = {}
        self._next_cameras = 0.0
        self._next_heads = 0.0
        self._next_cases = 0.0
        self._next_duties = 0.0
        self._watch = deployment.watch(monotonic)
        self._next_filings = 0.0

    def stop(self) -> None:
        """Ask :meth:`run` to end; a second call ends the children at once.

        May be called from a signal handler or another thread.
        """
        self._stops += 1
        with suppress(OSError):
            self._wake_write.send(b"x")

    def run(self) -> None:
        """Start everything, keep it running until :meth:`stop`, then stop in good order."""
        _no_core_dumps()
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        try:
            for child in (self._server, *self._sweepers):
                self._start(child)
            while not self._stops:
                self._look_after()
                self._on_tick()
                self._wait(_TICK)
        finally:
            self._stop_children()
            self._watch.stop()
            self._guarded("ledger", self._publish)
            self._selector.close()
            self._wake_read.close()
            self._wake_write.close()

    @contextmanager
    def stopped_by_signals(self) -> Iterator[None]:
        """Within the block SIGTERM, SIGINT and SIGHUP call :meth:`stop`; main thread only."""

        def ask(_number: int, _frame: FrameType | None) -> None:
            self.stop()

        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        before = [(number, signal.signal(number, ask)) for number in numbers]
        try:
            yield
        finally:
            for number, handler in before:
                signal.signal(number, handler)

    def children(self) -> Mapping[str, int | None]:
        """The children by name, with their process ids; ``None`` for one that does not run."""
        return {child.name: child.pid for child in self._children()}

    def _look_after(self) -> None:
        now = self._monotonic()
        if now >= self._next_cameras:
            self._next_cameras = now + _CAMERAS_EVERY
            self._guarded("cameras", self._follow_cameras)
        for child in list(self._children()):
            code = self._collect(child)
            if code is not None:
                self._died(child, code)
            if child.due is not None and now >= child.due:
                self._start(child)
        if now >= self._next_heads:
            self._next_heads = now + self._deployment.settings.ledger.heads_seconds
            self._guarded("ledger", self._publish)
        if now >= self._next_cases:
            self._next_cases = now + _CASES_EVERY
            self._guarded("cases", self._expire)
        if now >= self._next_duties:
            self._next_duties = now + _DUTIES_EVERY
            self._guarded("requests", self._tending.requests)
            self._guarded("breaches", self._tending.breaches)
            self._guarded("retention", self._tending.retention)
        self._guarded("norms", self._check)
        if now >= self._next_filings:
            self._next_filings = now + _FILINGS_EVERY
            self._guarded("filings", self._tending.filings)

    def _follow_cameras(self) -> None:
        change = self._groups.follow(self._admission.admitted(self._cameras.list()))
        for number in change.ended:
            self._end_recorder(number)
        for number, cameras in change.started.items():
            if number in self._recorders:
                self._end_recorder(number)
            child = Child(
                _name(cameras),
                self._commands.recorder(
                    [camera.id for camera in cameras],
                    [camera.id for camera in cameras if camera.sound],
                ),
                self._monotonic,
                keeps_open=self._keeps_open,
            )
            self._recorders[number] = child
            self._start(child)
        self._admission.stopped()

    def _end_recorder(self, number: int) -> None:
        child = self._recorders.pop(number)
        self._end([child])
        self._say(f"{child.name}: stopped")

    def _start(self, child: Child) -> None:
        try:
            self._deployment.say_settings()  # a child goes by them as they are now
            child.start()
        except (OSError, ScrimError) as error:
            wait = child.start_later()
            self._say(f"{child.name}: cannot be started ({error}); again in {wait:.0f} s")
            return
        assert child.output is not None
        self._selector.register(child.output, selectors.EVENT_READ, child)
        self._say(f"{child.name}: started")

    def _died(self, child: Child, code: int) -> None:
        if code == 0 and child is not self._server and child not in self._sweepers:
            self._say(f"{child.name}: came to its end")
            return
        wait = child.start_later()
        why = f": {child.last_line}" if child.last_line else ""
        when = "at once" if wait == 0 else f"in {wait:.0f} s"
        self._say(f"{child.name}: ended with {_ending(code)}, starting again {when}{why}")

    def _expire(self) -> None:
        for case in self._cases.expire():
            self._say(f"{case}: expired")

    def _check(self) -> None:
        for line in self._watch.news():
            self._say(line)

    def _publish(self) -> None:
        self._heads.publish()
        self._deployment.publish_checkpoint()

    def _guarded(self, what: str, act: Callable[[], None]) -> None:
        try:
            act()
        except ScrimError as error:
            if self._troubles.get(what) != str(error):
                self._troubles[what] = str(error)
                self._say(f"{what}: {error} Trying again.")
        else:
            if self._troubles.pop(what, None) is not None:
                self._say(f"{what}: works again")

    def _wait(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                with suppress(BlockingIOError):
                    self._wake_read.recv(64)
                continue
            child: Child = key.data
            self._read(child)

    def _read(self, child: Child) -> None:
        output = child.output
        lines = child.read_lines()
        for line in lines:
            self._log(child.name, line)
        if child.at_end and output is not None:
            self._forget(output)

    def _collect(self, child: Child) -> int | None:
        code = child.ended()
        if code is None:
            return None
        self._read(child)
        if child.output is not None:
            self._forget(child.output)
        child.close()
        return code

    def _forget(self, output: IO[bytes]) -> None:
        with suppress(KeyError):  # forgotten already, when it closed its output
            self._selector.unregister(output)

    def _stop_children(self) -> None:
        self._say("stopping")
        self._end(list(self._recorders.values()))
        self._end([self._server, *self._sweepers])

    def _end(self, children: list[Child]) -> None:
        for child in children:
            child.due = None
            child.send(signal.SIGTERM)
        deadline = self._monotonic() + self._stop_seconds
        left = [child for child in children if child.pid is not None]
        while left:
            late = self._monotonic() >= deadline or self._stops > 1
            for child in left if late else ():
                self._say(f"{child.name}: does not stop, killed")
                child.send(signal.SIGKILL)
            if late:
                time.sleep(0.05)
            left = [child for child in left if self._collect(child) is None]
            if left and not late:
                self._wait(0.05)

    def _children(self) -> Iterator[Child]:
        yield self._server
        yield from self._sweepers
        yield from list(self._recorders.values())  # others ask while it follows the cameras


def _name(cameras: tuple[Camera, ...]) -> str:
    return ("camera " if len(cameras) == 1 else "cameras ") + ", ".join(c.id for c in cameras)


def _ending(code: int) -> str:
    if code > 128:
        with suppress(ValueError):
            return signal.Signals(code - 128).name
    return f"exit code {code}"


def _no_core_dumps() -> None:
    # children inherit it; a dump of a recorder would hold clear pictures (invariant 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
