import stat
from pathlib import Path

import pytest

from scrim.errors import CustodianInvalid, DataFolderError, DataFolderMissing, LedgerUnavailable
from scrim.fleet import Cameras, Deployment
from scrim.ledger import Act, Entry
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.note import VerifierKey
from scrim.store.custodians import custodians_of_camera
from scrim.vault import Custodian, CustodianSet
from scrim.vault.custodian import new_identity, read_identity


def three() -> CustodianSet:
    names = ("privacy", "registry", "audit")
    return CustodianSet(2, tuple(Custodian(name, new_identity().recipient) for name in names))


def test_the_ledgers_key_is_for_its_owner_only(deployment: Deployment) -> None:
    assert stat.S_IMODE(deployment.key_file.stat().st_mode) == 0o600
    key = VerifierKey.from_text(deployment.verifier_file.read_text())
    assert key == deployment.signing_key().verifier()
    assert key.name == deployment.settings.ledger.origin


def test_creating_again_keeps_the_key(deployment: Deployment) -> None:
    before = deployment.verifier_text()
    again = Deployment.create(deployment.folder.path)
    assert again.verifier_text() == before
    again.close()


def test_a_lost_key_is_not_replaced_once_there_are_entries(deployment: Deployment) -> None:
    deployment.set_custodians(three())
    deployment.key_file.unlink()
    with pytest.raises(DataFolderError, match="missing"):
        Deployment.create(deployment.folder.path)
    with pytest.raises(LedgerUnavailable):
        deployment.publish_checkpoint()


def test_opening_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataFolderMissing):
        Deployment.open(tmp_path / "none")


def test_custodians_are_in_force_and_in_the_ledger(deployment: Deployment) -> None:
    assert deployment.custodians() is None
    first, second = three(), three()
    deployment.set_custodians(first)
    deployment.set_custodians(second)
    assert deployment.custodians() == second
    entries = [Entry.parse(body) for _, body in deployment.ledger.entries(0, 10)]
    assert [entry.act for entry in entries] == [Act.CUSTODIANS_SET] * 2
    assert entries[0].facts["recipients"] == [c.recipient for c in first.custodians]
    assert (entries[0].facts["k"], entries[0].facts["demo"]) == (2, False)


def test_a_group_of_cameras_has_custodians_of_its_own(deployment: Deployment) -> None:
    cameras = Cameras(deployment.engine, deployment.ledger)
    cameras.add("gate", "file", "/a.mp4")
    everybody, north = three(), three()
    deployment.set_custodians(everybody)
    (before,) = cameras.list()
    with pytest.raises(CustodianInvalid, match="north"):
        deployment.set_group("gate", "north")
    deployment.set_custodians(north, "north")
    assert cameras.list() == (before,), "the group is not this camera's"
    deployment.set_group("gate", "north")
    (after,) = cameras.list()
    assert after.custodian_set != before.custodian_set
    assert custodians_of_camera(deployment.engine, "gate") == north
    assert deployment.custodians() == everybody
    entries = [Entry.parse(body) for _, body in deployment.ledger.entries(0, 10)]
    assert [entry.facts.get("group") for entry in entries] == [None, "everybody", "north", "north"]


def test_demo_custodians_are_marked_and_have_their_identities_here(
    deployment: Deployment,
) -> None:
    made = deployment.make_demo_custodians()
    assert made.demo
    assert (made.k, len(made.custodians)) == (2, 3)
    files = sorted(deployment.folder.demo_custodians.glob("demo-*.txt"))
    assert [read_identity(file).recipient for file in files] == [
        custodian.recipient for custodian in made.custodians
    ]


def _without_cards(made: CustodianSet) -> CustodianSet:
    members = tuple(Custodian(one.id, one.recipient) for one in made.custodians)
    return CustodianSet(made.k, members, made.demo)


def test_demo_custodians_of_before_get_their_cards_once_and_in_the_ledger(
    deployment: Deployment,
) -> None:
    made = deployment.make_demo_custodians()
    deployment.set_custodians(_without_cards(made))
    assert deployment.upgrade_demo_custodians() == made
    assert deployment.custodians() == made
    assert deployment.ledger.size() == 2
    assert deployment.upgrade_demo_custodians() is None
    assert deployment.ledger.size() == 2


def test_custodians_that_are_real_or_elsewhere_are_left_as_they_are(
    deployment: Deployment,
) -> None:
    assert deployment.upgrade_demo_custodians() is None
    real = _without_cards(three())
    deployment.set_custodians(real)
    assert deployment.upgrade_demo_custodians() is None
    made = _without_cards(deployment.make_demo_custodians())
    deployment.set_custodians(made)
    (deployment.folder.demo_custodians / "demo-2.txt").unlink()
    assert deployment.upgrade_demo_custodians() is None
    assert deployment.custodians() == made


def test_a_checkpoint_is_signed_by_the_key(deployment: Deployment) -> None:
    deployment.set_custodians(three())
    deployment.publish_checkpoint()
    note = deployment.folder.checkpoint.read_text()
    found = Checkpoint.from_note(note, VerifierKey.from_text(deployment.verifier_text()))
    assert (found.size, found.root) == (1, deployment.ledger.root())
