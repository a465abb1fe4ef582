"""Which recorder process serves which cameras.

Rules:

- A recorder that runs well is left alone: enrolling a camera never interrupts
  another.  So a new camera joins no running process; new cameras share new ones.
- A recorder one of whose cameras is changed or removed starts again with what is
  left, since a process learns its cameras when it starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scrim.canonical import digest
from scrim.fleet.cameras import Camera


@dataclass(frozen=True, slots=True)
class Change:
    """What has to happen so that the processes agree with the list of cameras.

    Attributes:
        ended: groups whose recorder ends.
        started: groups whose recorder starts, or starts again, and their cameras.
    """

    ended: tuple[int, ...]
    started: Mapping[int, tuple[Camera, ...]]


class Groups:
    """Cameras by recorder process.

    Args:
        size: cameras a process at most.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._groups: dict[int, tuple[Camera, ...]] = {}
        self._next = 0

    def follow(self, cameras: Iterable[Camera]) -> Change:
        """Take over a new list of cameras and say what it changes."""
        wanted = {camera.id: camera for camera in cameras}
        ended: list[int] = []
        started: dict[int, tuple[Camera, ...]] = {}
        for number, members in list(self._groups.items()):
            kept = tuple(wanted[member.id] for member in members if member.id in wanted)
            if not kept:
                ended.append(number)
                del self._groups[number]
            elif [_works(camera) for camera in kept] != [_works(member) for member in members]:
                self._groups[number] = started[number] = kept
        served = {member.id for members in self._groups.values() for member in members}
        new = [camera for name, camera in sorted(wanted.items()) if name not in served]
        for index in range(0, len(new), self._size):
            members = tuple(new[index : index + self._size])
            self._groups[self._next] = started[self._next] = members
            self._next += 1
        return Change(tuple(ended), started)


def _works(camera: Camera) -> tuple[object, ...]:
    # Only what a recorder reads; its epoch grows at every start and says nothing.
    # Enrolling an id again counts as a change even where nothing else does.
    return (
        camera.id,
        camera.kind,
        camera.source,
        tuple(sorted(camera.options.items())),
        digest(camera.policy),
        camera.added_us,
        camera.custodian_set,
        camera.sound,
    )
