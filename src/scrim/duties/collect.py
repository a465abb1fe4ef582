"""Every subject of a deployment with its facts, ready to be held against the packs.

Rules:

1. Each fact of the table is given or known to be not told; a test holds this.
2. A camera is under the packs that are applied to it, to its site and to the deployment; a
   site under its own and the deployment's; a request or a breach under those of its
   cameras, removed ones too, or where it names none of every camera; a filing under the one
   that asks for it.
3. The deployment's rules are those of every pack that is applied anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from scrim.duties import camera_facts, deployment, matters, sites
from scrim.duties.cameras import Cameras, Seen
from scrim.duties.ground import Ground
from scrim.duties.matters import Matter
from scrim.duties.unknown import Told, told
from scrim.norms.check import Subject
from scrim.norms.facts import Facts, Group

DEPLOYMENT = "deployment"
"""The id of the one deployment there is."""


def subjects(ground: Ground, only: str | None = None) -> Iterator[Subject]:
    """The deployment, its sites, cameras, requests, filings and breaches.

    Args:
        ground: where facts are read.
        only: a camera; nothing but it, with what it belongs to.
    """
    whole = _facts(Group.DEPLOYMENT, {k: one(ground) for k, one in deployment.FACTS.items()})
    everywhere = frozenset(one.pack for one in ground.applied)
    if only is None:
        yield Subject(Group.DEPLOYMENT, DEPLOYMENT, everywhere, whole)
    at_site = {
        id_: _facts(Group.SITE, _called(sites.FACTS, ground, sites.seen(ground, site)))
        for id_, site in ground.sites.items()
    }
    if only is None:
        for id_, facts in at_site.items():
            yield Subject(Group.SITE, id_, _over_site(ground, id_), Facts.joined(whole, facts))
    cameras = Cameras(ground)
    for seen in cameras:
        if only in (None, seen.row.id):
            facts = _facts(Group.CAMERA, camera_values(seen, ground.now_us))
            joined = Facts.joined(whole, at_site[seen.site.id], facts)
            yield Subject(Group.CAMERA, seen.row.id, seen.packs, joined)
    if only is None:
        yield from _matters(ground, whole, cameras.packs)


def camera_values(seen: Seen, now_us: int) -> dict[str, Told]:
    """Every fact of a camera."""
    values = {name: one(seen) for name, one in camera_facts.FACTS.items()}
    return values | {name: one(seen, now_us) for name, one in camera_facts.AGES.items()}


def salts(ground: Ground) -> dict[tuple[Group, str], bytes]:
    """What opens the commitments to subjects that belong to a person."""
    return {(Group.REQUEST, one.id): one.salt for one in matters.requests(ground)}


def _matters(
    ground: Ground, whole: Facts, packs: Mapping[str, Collection[str]]
) -> Iterator[Subject]:
    for group, found, functions in (
        (Group.REQUEST, matters.requests(ground), matters.REQUEST_FACTS),
        (Group.FILING, matters.filings(ground), matters.FILING_FACTS),
        (Group.BREACH, matters.breaches(ground), matters.BREACH_FACTS),
    ):
        for one in found:
            values: dict[str, Told] = {name: call(one) for name, call in functions.items()}
            facts = Facts.joined(whole, _facts(group, values))
            yield Subject(group, one.id, _over_matter(ground, group, one, packs), facts)


def _over_matter(
    ground: Ground, group: Group, one: Matter, packs: Mapping[str, Collection[str]]
) -> frozenset[str]:
    if group is Group.FILING:
        return frozenset({one.row.pack})
    found = [packs[camera] for camera in one.cameras if camera in packs]
    return frozenset().union(*found) if found else frozenset(one.pack for one in ground.applied)


def _over_site(ground: Ground, site: str) -> frozenset[str]:
    return frozenset(
        one.pack for one in ground.applied if one.camera is None and one.site in (None, site)
    )


def _called(functions: Mapping[str, Callable[..., Told]], *given: Any) -> dict[str, Told]:
    return {name: function(*given) for name, function in functions.items()}


def _facts(group: Group, values: Mapping[str, Told]) -> Facts:
    return Facts({group.value: told(dict(values))})


def of_group(subjects: Iterable[Subject], group: Group) -> Sequence[Subject]:
    """Those of one group."""
    return [one for one in subjects if one.scope is group]
