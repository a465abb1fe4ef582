"""Facts of a camera, one function each.

Each takes a :class:`~scrim.duties.cameras.Seen` and gives the value, ``None`` where there
is none, or :data:`~scrim.duties.unknown.UNKNOWN` where it cannot be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from scrim.clock import SECOND
from scrim.duties.cameras import Seen
from scrim.duties.unknown import UNKNOWN, Told
from scrim.listening import is_loopback
from scrim.norms.pack import Paper as Kind
from scrim.norms.pack import Side
from scrim.papers.places import UNSAID
from scrim.policy import Cover

# persons covers faces, vehicles covers plates: what is wider covers what is within it
_COVERS: Final[Mapping[Cover, tuple[str, ...]]] = {
    Cover.FACES: ("faces",),
    Cover.PERSONS: ("faces", "persons"),
    Cover.PLATES: ("plates",),
    Cover.VEHICLES: ("plates", "vehicles"),
}


def enabled(one: Seen) -> Told:
    """There is no other way to switch a camera off than to remove it."""
    return one.row.removed_us is None


def recording(one: Seen) -> Told:
    return one.row.removed_us is None and one.admitted


def removed(one: Seen) -> Told:
    return one.row.removed_us is not None


def in_use_since(one: Seen) -> Told:
    return one.standing.first_us


def changed_since_filing(one: Seen) -> Told:
    return one.changed_us


def place(one: Seen) -> Told:
    """Not told before somebody says it of the camera or its site."""
    return UNKNOWN if one.standing.place == UNSAID else one.standing.place


def public_place(one: Seen) -> Told:
    return one.site.public_access


def labels(one: Seen) -> Told:
    return tuple(sorted(one.standing.labels))


def purpose(one: Seen) -> Told:
    return one.standing.purpose or None


def purpose_written(one: Seen) -> Told:
    return bool(one.standing.purpose) and _has(one, Kind.PURPOSE)


def purpose_over(one: Seen) -> Told:
    return one.says("over")


def owner_named(one: Seen) -> Told:
    """Its own, or whoever answers for its site."""
    return bool((one.row.owner or "").strip() or one.site.controller.strip())


def review_due(one: Seen) -> Told:
    """When its purpose or its assessment ends, whichever is first."""
    ends = [one.ends.get(kind) for kind in (Kind.PURPOSE, Kind.ASSESSMENT)]
    return min((end for end in ends if end is not None), default=None)


def sign(one: Seen) -> Told:
    return _has(one, Kind.SIGN)


def sign_expires(one: Seen) -> Told:
    return one.ends.get(Kind.SIGN)


def assessment(one: Seen) -> Told:
    return _has(one, Kind.ASSESSMENT)


def assessment_expires(one: Seen) -> Told:
    return one.ends.get(Kind.ASSESSMENT)


def assessment_first(one: Seen) -> Told:
    if one.assessed_us is None:
        return False
    return one.standing.first_us is None or one.assessed_us <= one.standing.first_us


def filings(one: Seen) -> Told:
    return tuple(sorted({p.filing for p in one.papers if p.kind is Kind.FILING and p.filing}))


def consent(one: Seen) -> Told:
    """Nobody can say for everybody who walks by that they have agreed."""
    return False


def sound_recorded(one: Seen) -> Told:
    """What may not be recorded is not taken from the camera."""
    return one.sound


def sound_needed(one: Seen) -> Told:
    return one.says("sound")


def zoom(one: Seen) -> Told:
    """Scrim moves no camera."""
    return False


def zoom_needed(one: Seen) -> Told:
    return one.says("zoom")


def analysis(one: Seen) -> Told:
    """Masks are drawn, and how many were drawn is counted; nothing else is drawn from a picture."""
    return False


def analysis_needed(one: Seen) -> Told:
    return one.says("analysis")


def covers(one: Seen) -> Told:
    return tuple(sorted({word for cover in one.policy.cover for word in _COVERS[cover]}))


def public(one: Seen) -> Told:
    """Pictures are for people who are signed in; the public page has none."""
    return False


def link_encrypted(one: Seen) -> Told:
    """A file or a device is on no network; of addresses rtsps, or this machine's own."""
    if one.row.kind != "rtsp":
        return True
    try:
        parts = urlsplit(one.row.source)
    except ValueError:
        return False
    return parts.scheme.lower() == "rtsps" or is_loopback(parts.hostname or "")


def density(one: Seen) -> Told:
    """Not measured."""
    return None


def sealed_floor(one: Seen) -> Told:
    return _floor(one, Side.SEALED)


def sealed_ceiling(one: Seen) -> Told:
    return _ceiling(one, Side.SEALED)


def masked_floor(one: Seen) -> Told:
    return _floor(one, Side.MASKED)


def masked_ceiling(one: Seen) -> Told:
    return _ceiling(one, Side.MASKED)


def retention_reason(one: Seen) -> Told:
    return one.reasoned


def sealed_objects(one: Seen) -> Told:
    return one.kept["sealed"].objects


def masked_objects(one: Seen) -> Told:
    return one.kept["masked"].objects


def sealed_overdue(one: Seen) -> Told:
    return one.overdue["sealed"]


def masked_overdue(one: Seen) -> Told:
    return one.overdue["masked"]


def sealed_early(one: Seen) -> Told:
    """Nothing but the sweep erases, and it takes nothing before its floor (retention.due)."""
    return 0


def masked_early(one: Seen) -> Told:
    return 0


def held_objects(one: Seen) -> Told:
    return sum(kept.held for kept in one.kept.values())


def people_counted(one: Seen) -> Told:
    return UNKNOWN if one.people.uncounted else one.people.tracks


def age(since_us: int | None, now_us: int) -> int | None:
    """Whole seconds from then to now."""
    return None if since_us is None else max(0, now_us - since_us) // SECOND


def sealed_oldest_age(one: Seen, now_us: int) -> Told:
    return age(one.kept["sealed"].oldest_us, now_us)


def masked_oldest_age(one: Seen, now_us: int) -> Told:
    return age(one.kept["masked"].oldest_us, now_us)


def _has(one: Seen, kind: Kind) -> bool:
    return any(paper.kind is kind for paper in one.papers)


def _floor(one: Seen, side: Side) -> Told:
    return one.limits[side].floor if side in one.limits else UNKNOWN


def _ceiling(one: Seen, side: Side) -> Told:
    return one.limits[side].ceiling if side in one.limits else UNKNOWN


FACTS: Final[Mapping[str, Callable[[Seen], Told]]] = {
    one.__name__: one
    for one in (
        enabled, recording, removed, in_use_since, changed_since_filing, place, public_place,
        labels, purpose, purpose_written, purpose_over, owner_named, review_due, sign,
        sign_expires, assessment, assessment_expires, assessment_first, filings, consent,
        sound_recorded, sound_needed, zoom, zoom_needed, analysis, analysis_needed, covers,
        public, link_encrypted, density, sealed_floor, sealed_ceiling, masked_floor,
        masked_ceiling, retention_reason, sealed_objects, masked_objects, sealed_overdue,
        masked_overdue, sealed_early, masked_early, held_objects, people_counted,
    )
}  # fmt: skip
"""By the name that the table of facts has; the two ages need the time too."""

AGES: Final[Mapping[str, Callable[[Seen, int], Told]]] = {
    one.__name__: one for one in (sealed_oldest_age, masked_oldest_age)
}
