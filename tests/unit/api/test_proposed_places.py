"""Moving a camera and changing a site: what of it takes two people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.api.served import NOW_US, Served, enrol
from tests.unit.papers.office import write_pack

from scrim.access import Role
from scrim.access.proposals import Proposal
from scrim.changes import CAMERA_PLACED, SITE_CHANGED
from scrim.changes.placing import placing_change, site_change
from scrim.clock import SECOND
from scrim.errors import CameraUnknown, PaperUnknown, PlaceForbidden
from scrim.papers.placing import Placing
from scrim.papers.sites import Sites, site_in
from scrim.papers.standing import Standing, standings
from scrim.settings import AccessSettings, NormsSettings, Settings
from scrim.store.database import reading

SHORT = (
    "retention: [{rule: town-1, ceiling: {days: 3}, where: {purposes: [traffic]}}, "
    "{rule: town-1, ceiling: {days: 5}, where: {countries: [HK]}}]\n"
    "forbids: [{rule: town-1, places: [bath-house]}]"
)


@pytest.fixture
def town(serve_otherwise: Callable[..., Served], tmp_path: Path) -> Served:
    """Sites north and south; at north a pack is in force, which says less for traffic."""
    return _town(serve_otherwise, tmp_path, AccessSettings())


def _town(serve_otherwise: Callable[..., Served], tmp_path: Path, access: AccessSettings) -> Served:
    packs = tmp_path / "packs"
    packs.mkdir()
    write_pack(packs, "town", {"town-1": "read"}, SHORT)
    write_pack(packs, "plain", {"plain-1": "read"}, "")
    settings = Settings(norms=NormsSettings(packs_folder=packs), access=access)
    served = serve_otherwise(settings=settings)
    enrol(served)
    changes = served.services.changes
    for site in ("north", "south"):
        _sites(served).add(site, {})
    changes.applied.apply("town", site="north")
    return served


def _sites(served: Served) -> Sites:
    have = served.services
    return Sites(have.engine, have.ledger, have.clock, have.changes.applied)


def place(served: Served, **said: Any) -> Proposal | None:
    change = placing_change("demo", Placing(**said))
    return served.services.changes.make(CAMERA_PLACED, change, "camera-placed")


def change_site(served: Served, site: str, **said: Any) -> Proposal | None:
    return served.services.changes.make(SITE_CHANGED, site_change(site, said), "site-changed")


def recorded(served: Served) -> None:
    served.store(1, NOW_US - 60 * SECOND, NOW_US - 58 * SECOND)


def stands(served: Served) -> Standing:
    with reading(served.services.engine) as connection:
        return standings(connection, only="demo")[0]


async def agree(served: Served, made: Proposal | None) -> int:
    assert made is not None
    async with served.signed_in_as(Role.CUSTODIAN) as client:
        return (await client.post(f"/api/proposals/{made.id}/agree")).status_code


async def test_out_from_under_a_pack_takes_two(town: Served) -> None:
    assert place(town, site="north") is None, "nothing is recorded yet, and a pack is added"
    made = place(town, site="south", owner="Ada Lovelace")
    assert stands(town).site == "north", "nothing has changed"
    assert "Ada" not in str(town.entries())
    assert await agree(town, made) == 204
    assert stands(town).site == "south"
    assert town.entries()[-1]["reason"] == "camera-placed"


async def test_what_is_recorded_is_not_kept_otherwise_by_one(town: Served) -> None:
    assert place(town, site="north", labels=("lobby", "east")) is None
    recorded(town)
    made = place(town, purpose="traffic")  # which would erase within minutes
    assert stands(town).purpose == ""
    assert await agree(town, made) == 204
    assert stands(town).purpose == "traffic"
    back = place(town, purpose="property")  # which would keep it ten times as long
    assert back is not None
    assert stands(town).purpose == "traffic"
    assert await agree(town, place(town, labels=("key", "west"), site="south")) == 204
    assert stands(town).labels == {"key", "west"}


def test_a_pack_that_is_added_takes_two_where_something_is_recorded(town: Served) -> None:
    recorded(town)
    assert place(town, site="north") is not None
    assert stands(town).site == "default"


def test_what_changes_no_length_and_no_pack_is_one_persons(town: Served) -> None:
    recorded(town)
    assert place(town, site="south", purpose="property", place="street", labels=("lobby",)) is None
    assert (stands(town).site, stands(town).place) == ("south", "street")


async def test_a_site_that_keeps_its_recordings_otherwise_takes_two(town: Served) -> None:
    assert place(town, site="north") is None
    assert change_site(town, "north", country="GB", place="station") is None
    recorded(town)
    assert change_site(town, "north", controller="Transport Department") is None
    made = change_site(town, "north", country="HK", labels=("lobby",), controller="Ada Lovelace")
    assert stands(town).country == "GB"
    assert "Ada" not in str(town.entries())
    assert await agree(town, made) == 204
    assert (stands(town).country, sorted(stands(town).labels)) == ("HK", ["lobby"])
    with reading(town.services.engine) as connection:
        assert site_in(connection, "north").controller == "Ada Lovelace"


def test_what_cannot_be_is_not_even_proposed(town: Served) -> None:
    assert place(town, site="north") is None
    recorded(town)
    before = town.entries()
    with pytest.raises(PlaceForbidden):
        place(town, place="bath-house")
    with pytest.raises(PaperUnknown):
        place(town, site="moon")
    with pytest.raises(PaperUnknown):
        change_site(town, "moon", country="HK")
    change = placing_change("moon", Placing(site="south"))
    with pytest.raises(CameraUnknown):
        town.services.changes.make(CAMERA_PLACED, change, "camera-placed")
    assert town.entries() == before


def test_with_four_eyes_off_a_camera_is_moved_at_once(
    serve_otherwise: Callable[..., Served], tmp_path: Path
) -> None:
    served = _town(serve_otherwise, tmp_path, AccessSettings(four_eyes=False))
    recorded(served)
    assert place(served, site="north") is None
    assert place(served, site="south") is None
    assert stands(served).site == "south"
