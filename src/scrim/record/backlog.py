"""What waits to be masked: bounded, and when it is full it skips to a key frame.

The masked side may lose frames when the machine cannot keep up; the sealed side
has its own way and does not come through here.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from scrim.camera.packet import ClearPacket, Gap, GapCause, StreamInfo
from scrim.record.segments import Slot


@dataclass(frozen=True, slots=True)
class NewStream:
    """What follows needs a new decoder."""

    stream: StreamInfo


@dataclass(frozen=True, slots=True)
class Broken:
    """Pictures are missing here: nothing may be carried over from before."""

    reason: str
    cause: GapCause


@dataclass(frozen=True, slots=True)
class Picture:
    """One packet and where it lies."""

    slot: Slot
    packet: ClearPacket


Item: TypeAlias = NewStream | Broken | Picture


class Backlog:
    """A queue between the source's thread and the masking thread.

    Args:
        most_bytes, most_us: what may wait, in bytes and in capture time.
        on_gap: told when frames begin to be left out and when they are back.
    """

    def __init__(self, most_bytes: int, most_us: int, on_gap: Callable[[Gap], None]) -> None:
        self._most_bytes = most_bytes
        self._most_us = most_us
        self._on_gap = on_gap
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._pictures: deque[int] = deque()  # capture times of those that wait
        self._put_at: deque[float] = deque()  # and when they came
        self.waited_us = 0
        """How long the picture that was taken last had waited."""
        self._skipping_since: int | None = None
        self._closed = False
        self._wake = threading.Condition()
        self.skipped = 0

    def put(self, item: Item) -> None:
        """Queue an item, or leave pictures out up to the next key frame."""
        with self._wake:
            if isinstance(item, Picture) and not self._admit(item.packet):
                self.skipped += 1
                return
            self._items.append(item)
            if isinstance(item, Picture):
                self._bytes += len(item.packet.data)
                self._pictures.append(item.packet.captured_us)
                self._put_at.append(time.monotonic())
            self._wake.notify()

    def get(self, timeout: float) -> Item | None:
        """The next item; ``None`` after ``timeout`` seconds or when closed and empty."""
        with self._wake:
            if not self._items and not self._closed:
                self._wake.wait(timeout)
            if not self._items:
                return None
            item = self._items.popleft()
            if isinstance(item, Picture):
                self._bytes -= len(item.packet.data)
                self._pictures.popleft()
                self.waited_us = int((time.monotonic() - self._put_at.popleft()) * 1_000_000)
            return item

    def close(self) -> None:
        """Nothing more will be put."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    @property
    def done(self) -> bool:
        """Closed and empty."""
        with self._wake:
            return self._closed and not self._items

    def __len__(self) -> int:
        with self._wake:
            return len(self._items)

    def _admit(self, packet: ClearPacket) -> bool:
        waiting_us = packet.captured_us - self._pictures[0] if self._pictures else 0
        full = self._bytes > self._most_bytes or waiting_us > self._most_us
        since = self._skipping_since
        if since is None:
            if full:
                self._skipping_since = packet.captured_us
                self._on_gap(Gap(packet.captured_us, None, GapCause.OVERLOADED))
            return not full
        if full or not packet.is_key:
            return False
        self._skipping_since = None
        self._on_gap(Gap(since, packet.captured_us, GapCause.OVERLOADED))
        self._items.append(Broken("this machine could not keep up", GapCause.OVERLOADED))
        return True
