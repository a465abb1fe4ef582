"""Norm packs and sound: changes that take two people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from tests.unit.api.served import Served, enrol
from tests.unit.papers.office import write_pack

from scrim.access import Role, Scope
from scrim.access.granting import Standings
from scrim.access.proposals import Proposal
from scrim.canonical import Json
from scrim.changes import APPLY_PACK, CAMERA_SOUND, REMOVE_PACK
from scrim.changes.packs import applying, removing
from scrim.errors import (
    CameraError,
    CameraUnknown,
    LedgerUnavailable,
    NormsConflict,
    PackInvalid,
    PaperUnknown,
    ScrimError,
)
from scrim.papers.sites import Sites
from scrim.settings import AccessSettings, NormsSettings, Settings
from scrim.store.database import reading, writing
from scrim.store.schema import camera as cameras


def apply(served: Served, pack: str, **where: str) -> Proposal:
    changes = served.services.changes
    made = changes.make(APPLY_PACK, applying(changes.applied, pack, **where), "pack-applied")
    assert made is not None
    return made


def in_force(served: Served) -> list[str]:
    return [f"{one.pack}: {one.text()}" for one in served.services.changes.applied.list()]


def acts(served: Served) -> list[str]:
    return [entry["act"] for entry in served.entries()]


async def agree(served: Served, made: Proposal) -> tuple[int, str]:
    async with served.signed_in_as(Role.CUSTODIAN) as client:
        answer = await client.post(f"/api/proposals/{made.id}/agree")
    return answer.status_code, answer.text


async def test_a_pack_comes_into_force_when_somebody_else_agrees(served: Served) -> None:
    made = apply(served, "hk")
    assert in_force(served) == []
    async with served.signed_in_as(Role.CUSTODIAN) as client:
        (shown,) = (await client.get("/api/proposals")).json()
        assert (shown["kind"], shown["change"]["pack"]) == ("apply-pack", "hk")
        assert (await client.post(f"/api/proposals/{made.id}/agree")).status_code == 204
    assert in_force(served) == ["hk: everything"]
    assert acts(served) == ["change-proposed", "signed-in", "change-agreed", "configured"]
    said = served.entries()[-1]
    assert (said["reason"], said["facts"]["pack"]) == ("pack-applied", "hk")


async def test_taking_a_pack_away_takes_two_people_too(served: Served) -> None:
    served.services.changes.applied.apply("hk", camera="demo")
    made = served.services.changes.make(REMOVE_PACK, removing("hk", None, "demo"), "pack-removed")
    assert made is not None
    assert in_force(served) == ["hk: camera demo"]
    assert (await agree(served, made))[0] == 204
    assert in_force(served) == []
    assert served.entries()[-1]["reason"] == "pack-removed"


def test_packs_that_cannot_be_met_together_are_not_even_proposed(served: Served) -> None:
    served.services.changes.applied.apply("cn")
    before = acts(served)
    with pytest.raises(NormsConflict) as refused:
        apply(served, "eu")
    assert refused.value.rules == ("cn-01", "eu-01")
    assert served.services.changes.proposals.list() == ()
    assert acts(served) == before


async def test_a_conflict_that_has_come_meanwhile_is_named_and_the_proposal_waits(
    served: Served,
) -> None:
    made = apply(served, "eu")
    served.services.changes.applied.apply("cn")
    status, said = await agree(served, made)
    assert status == 409
    assert "cn-01" in said
    assert "eu-01" in said
    assert in_force(served) == ["cn: everything"]
    assert "change-agreed" not in acts(served)
    assert [one.id for one in served.services.changes.proposals.waiting()] == [made.id]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"pack": "moon", "site": None, "camera": None}, PackInvalid),
        ({"pack": "hk", "site": "south", "camera": None}, PaperUnknown),
        ({"pack": "hk", "site": None, "camera": "yard"}, CameraUnknown),
    ],
)
def test_a_pack_or_a_place_that_is_not_there_is_not_proposed(
    served: Served, change: dict[str, str | None], error: type[ScrimError]
) -> None:
    with pytest.raises(error):
        apply(served, **change)  # type: ignore[arg-type]
    with pytest.raises(PaperUnknown):
        served.services.changes.make(
            REMOVE_PACK, removing("hk", change["site"], change["camera"]), "pack-removed"
        )
    assert served.entries() == []


async def test_a_pack_that_has_become_another_was_not_agreed_to(
    serve_otherwise: Callable[..., Served], tmp_path: Path
) -> None:
    packs = tmp_path / "packs"
    packs.mkdir()
    write_pack(packs, "town", {"town-1": "read"}, "")
    served = serve_otherwise(settings=Settings(norms=NormsSettings(packs_folder=packs)))
    enrol(served)
    made = apply(served, "town")
    limits = "retention: [{rule: town-1, ceiling: {days: 1}}]"
    write_pack(packs, "town", {"town-1": "read"}, limits)
    served.services.changes.applied.refresh()
    status, said = await agree(served, made)
    assert status == 409
    assert "another now" in said
    assert in_force(served) == []
    assert (await agree(served, apply(served, "town")))[0] == 204


async def test_who_has_a_site_decides_about_its_packs_and_no_others(served: Served) -> None:
    have = served.services
    Sites(have.engine, have.ledger, have.clock, have.changes.applied).add("north", {})
    here, all_over = apply(served, "hk", site="north"), apply(served, "hk")
    signer = served.register(Role.CUSTODIAN, "court")
    standings = Standings(have.engine, have.ledger, have.clock)
    standings.set_scope(have.people.get("court"), Scope(sites=frozenset({"north"})))
    async with served.signed_in_as(Role.CUSTODIAN, signer) as client:
        assert [one["id"] for one in (await client.get("/api/proposals")).json()] == [here.id]
        assert (await client.post(f"/api/proposals/{all_over.id}/agree")).status_code == 403
        assert (await client.post(f"/api/proposals/{here.id}/agree")).status_code == 204
    assert in_force(served) == ["hk: site north"]


def test_with_four_eyes_off_a_pack_is_in_force_at_once(
    serve_otherwise: Callable[..., Served],
) -> None:
    served = serve_otherwise(settings=Settings(access=AccessSettings(four_eyes=False)))
    changes = served.services.changes
    assert changes.make(APPLY_PACK, applying(changes.applied, "hk"), "pack-applied") is None
    assert in_force(served) == ["hk: everything"]
    assert acts(served) == ["configured"]


def test_invariant_5_no_pack_without_its_entry(served: Served) -> None:
    changes = served.services.changes
    change = applying(changes.applied, "hk")
    with writing(served.services.engine) as connection:
        connection.exec_driver_sql("DROP TABLE node")
    with pytest.raises(LedgerUnavailable):
        changes.make(APPLY_PACK, change, "pack-applied")
    assert in_force(served) == []
    assert changes.proposals.list() == ()


def options(served: Served) -> str:
    with reading(served.services.engine) as connection:
        return str(connection.execute(select(cameras.c.options)).scalar_one())


def sound(served: Served, on: bool, camera: str = "demo") -> Proposal | None:
    change: dict[str, Json] = {"camera": camera, "on": on}
    return served.services.changes.make(CAMERA_SOUND, change, "camera-sound-changed")


async def test_sound_takes_two_people_and_silence_one(served: Served) -> None:
    made = sound(served, True)
    assert made is not None
    assert options(served) == "{}"
    assert (await agree(served, made))[0] == 204
    assert options(served) == '{"sound":true}'
    assert sound(served, False) is None
    assert options(served) == "{}"
    said = [one["facts"] for one in served.entries() if one["act"] == "configured"]
    assert [one["sound"] for one in said] == [True, False]


def test_sound_that_no_camera_sends_is_not_even_proposed(served: Served) -> None:
    with pytest.raises(CameraUnknown):
        sound(served, True, "nowhere")
    with writing(served.services.engine) as connection:
        connection.execute(update(cameras).values(kind="usb"))
    with pytest.raises(CameraError, match="sends no sound"):
        sound(served, True)
    assert served.entries() == []
