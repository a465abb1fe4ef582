"""Facts of the deployment as a whole, one function each.

Each takes the :class:`~scrim.duties.ground.Ground` and gives the value; ``None`` where
the table of facts says that there may be none.  What cannot be told is not told: such a
function gives :data:`UNKNOWN`, and a rule that asks is breached and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import func, select

from scrim.duties import custody, ledger_facts
from scrim.duties.ground import Ground
from scrim.duties.unknown import UNKNOWN, Told
from scrim.listening import is_loopback
from scrim.norms.pack import Paper as Kind
from scrim.papers.sites import DEFAULT, Site
from scrim.store import schema
from scrim.store.custodians import in_force, sets_in_force
from scrim.store.people_counted import counted

OPERATING_RULES: Final = "operating-rules"
"""The filing by which rules for those who run the system are put on record."""

WHY_NOTHING: Final = (
    "There is no code that makes a template of a face or compares two, and no table or "
    "message with a place for one: tests hold the schema and the wire to that."
)
"""Why ``templates_stored`` and ``comparisons`` are 0 (invariant 4)."""

_CLOCK_SLACK_US: Final = 5_000_000


def country(ground: Ground) -> Told:
    """Not told where a site's is not said, or where they stand in several."""
    said = {site.country for site in _in_use(ground)}
    return (said.pop() or UNKNOWN) if len(said) == 1 else UNKNOWN


def sites(ground: Ground) -> Told:
    return len(_in_use(ground))


def cameras(ground: Ground) -> Told:
    return sum(ground.cameras_at.values())


def owner_named(ground: Ground) -> Told:
    return all(site.controller.strip() for site in _in_use(ground))


def contact_published(ground: Ground) -> Told:
    """A site's contact is on its signs and on the public page as soon as it is said."""
    return all(site.contact.strip() for site in _in_use(ground))


def policy_published(ground: Ground) -> Told:
    """The public page says what cameras do and how long it is kept; where it is, is a setting."""
    return bool(ground.settings.norms.public_url)


def rules_written(ground: Ground) -> Told:
    return OPERATING_RULES in ground.filings(ground.papers_of_all)


def access_rules_written(ground: Ground) -> Told:
    """Each route declares whom it lets in, and one that does not cannot be made (invariant 8)."""
    return True


def review_due(ground: Ground) -> Told:
    """When the deployment's own assessment ends, the last of them."""
    ends = [one.expires_us for one in ground.papers_of_all if one.kind is Kind.ASSESSMENT]
    return max((end for end in ends if end is not None), default=None)


def page_encrypted(ground: Ground) -> Told:
    """The server itself speaks no TLS: what is not loopback is reached in the clear."""
    return is_loopback(ground.settings.server.host)


def templates_stored(ground: Ground) -> Told:
    return 0


def comparisons(ground: Ground) -> Told:
    return 0


def published_unmasked(ground: Ground) -> Told:
    """The server holds no clear picture and the public page none at all (invariant 1)."""
    return 0


def people_counted(ground: Ground) -> Told:
    """Face tracks in stored originals of all cameras; not told while some are not counted."""
    found = counted(ground.connection)
    return UNKNOWN if found.uncounted else found.tracks


def people_100000_since(ground: Ground) -> Told:
    """As the meter wrote it down (``threshold``); by the count now where it has not yet."""
    table = schema.threshold
    reached = ground.connection.execute(
        select(func.min(table.c.reached_us)).where(table.c.reached_us.is_not(None))
    ).scalar()
    if reached is not None:
        return int(reached)
    people = people_counted(ground)
    if people is UNKNOWN:
        return UNKNOWN
    return ground.now_us if isinstance(people, int) and people >= 100_000 else None


def filings(ground: Ground) -> Told:
    return ground.filings(ground.papers_of_all)


def access_log_kept(ground: Ground) -> Told:
    """Entries of the ledger are never removed."""
    return None


def assessments_kept(ground: Ground) -> Told:
    """Papers are revoked, never deleted."""
    return None


def custodians(ground: Ground) -> Told:
    """The smallest set in force of any group of cameras."""
    return min((len(one.custodians) for one in _sets(ground)), default=0)


def custodians_needed(ground: Ground) -> Told:
    """The least that any group of cameras needs."""
    return min((one.k for one in _sets(ground)), default=0)


def clock_right(ground: Ground) -> Told:
    """The last entry of the ledger is not of a later time, and no sweep has doubted the clock."""
    table = schema.retention_state
    known = [
        ledger_facts.newest_entry_us(ground),
        ground.connection.execute(select(func.max(table.c.trusted_us))).scalar(),
    ]
    slack = ground.now_us + _CLOCK_SLACK_US
    return all(one is None or one <= slack for one in known)


def _sets(ground: Ground) -> list[custody.Set]:
    found = [in_force(ground.connection, group) for group in sets_in_force(ground.connection)]
    return [one for one in found if one is not None]


def _in_use(ground: Ground) -> list[Site]:
    """Sites that somebody entered, and ``default`` while a camera is there or there is no other."""
    found = [
        site
        for id_, site in ground.sites.items()
        if id_ != DEFAULT or site.salt or id_ in ground.cameras_at
    ]
    return found or [ground.sites[DEFAULT]]


_OWN: Final = (
    country, sites, cameras, owner_named, contact_published, policy_published, rules_written,
    access_rules_written, review_due, page_encrypted, templates_stored, comparisons,
    published_unmasked, people_counted, people_100000_since, filings, access_log_kept,
    assessments_kept, custodians, custodians_needed, clock_right,
)  # fmt: skip

FACTS: Final[Mapping[str, Callable[[Ground], Told]]] = {
    **{one.__name__: one for one in _OWN},
    **custody.FACTS,
    **ledger_facts.FACTS,
}
"""By the name that the table of facts has."""
