"""Sealed segments in, originals out; what a server may try in between."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage
import pytest
from tests.sim.case_world import SECOND_US, START_US, Server, World, noise

from scrim.errors import PackageBroken, SealBroken, StoreError
from scrim.opening import plan
from scrim.opening.decrypt import Decryption, OpenPeriod, Original
from scrim.opening.native import NativeFolder
from scrim.opening.plan import Finding, Segment
from scrim.vault import chain_head, manifest
from scrim.vault.receiving import open_periods
from scrim.vault.request import Request


class Case:
    """Two cameras of two periods, approved; the server may be made to lie."""

    def __init__(self) -> None:
        self.world = World()
        for camera in ("gate", "yard"):
            self.world.record(camera, 1, range(3))
            self.world.record(camera, 2, range(3, 6))
        self.request: Request = self.world.request()
        self.server = Server(self.world)
        self.listing: list[dict[str, Any]] = self.world.listing(self.request)
        self.identities = {
            (one.ref.camera, one.ref.epoch, one.ref.period): one.identity
            for one in open_periods(
                self.request,
                [self.world.approval(at, self.request) for at in (0, 1)],
                self.world.documents,
                self.world.once.secret,
            )
        }

    def periods(self) -> list[OpenPeriod]:
        closed = {p.name: manifest.parse(p.manifest).sha256 for p in self.world.periods if p.closed}
        return [
            OpenPeriod(p.name, p.document, closed.get(p.name), self.identities[p.name])
            for p in sorted(self.world.periods, key=lambda one: one.name)
        ]

    def decryption(self, since_us: int | None = None, until_us: int | None = None) -> Decryption:
        return Decryption(
            self.server,
            "view",
            self.periods(),
            plan.of_listing(self.listing),
            self.request.since_us if since_us is None else since_us,
            self.request.until_us if until_us is None else until_us,
        )

    def run(self, camera: str = "gate") -> tuple[list[Original], list[Finding]]:
        found = list(self.decryption().originals(camera))
        return (
            [one for one in found if isinstance(one, Original)],
            [one for one in found if isinstance(one, Finding)],
        )


@pytest.fixture
def case() -> Case:
    return Case()


def numbers(originals: list[Original]) -> list[int]:
    return [one.segment.segment for one in originals]


def only(findings: list[Finding], segment: int | None, words: str) -> None:
    assert [(one.segment, words in one.what) for one in findings] == [(segment, True)], findings


def test_originals_come_as_recorded_and_in_order(case: Case) -> None:
    for camera in ("gate", "yard"):
        originals, findings = case.run(camera)
        assert findings == []
        assert numbers(originals) == list(range(6))
        assert [one.data for one in originals] == [noise(camera, at) for at in range(6)]
        assert all(one.segment.proven for one in originals)


def test_only_what_overlaps_the_interval_is_fetched(case: Case) -> None:
    since_us = START_US + 5 * SECOND_US
    found = list(case.decryption(since_us, since_us + 3 * SECOND_US + 1).originals("gate"))
    assert [one.segment.segment for one in found if isinstance(one, Original)] == [1, 2]
    assert len(found) == 2
    assert case.server.fetched == [("gate", 1), ("gate", 2)]


def test_a_cut_segment_is_named(case: Case) -> None:
    case.server.objects["gate", 2] = case.server.objects["gate", 2][:-100]
    originals, findings = case.run()
    only(findings, 2, "it was cut: ")
    assert numbers(originals) == [0, 1, 3, 4, 5]


def test_a_changed_segment_is_named(case: Case) -> None:
    sealed = bytearray(case.server.objects["gate", 2])
    sealed[-1] ^= 1
    case.server.objects["gate", 2] = bytes(sealed)
    only(case.run()[1], 2, "it was changed")


def test_segments_in_each_others_place_are_named(case: Case) -> None:
    objects = case.server.objects
    objects["gate", 1], objects["gate", 4] = objects["gate", 4], objects["gate", 1]
    originals, findings = case.run()
    assert [(one.segment, one.what) for one in findings] == [
        (1, "in its place came segment 4 of the same camera"),
        (4, "in its place came segment 1 of the same camera"),
    ]
    assert numbers(originals) == [0, 2, 3, 5]


def test_a_segment_of_another_camera_is_named(case: Case) -> None:
    case.server.objects["gate", 1] = case.server.objects["yard", 1]
    only(case.run()[1], 1, "in its place came segment 1 of camera yard")


def test_a_segment_that_is_gone_is_named(case: Case) -> None:
    del case.server.objects["gate", 5]
    originals, findings = case.run()
    only(findings, 5, "the server does not have it")
    assert numbers(originals) == [0, 1, 2, 3, 4]


def test_a_segment_that_the_recorder_lost_is_said_to_be_so() -> None:
    case = Case()
    case.world.record("gate", 3, range(6, 8), lost=[7])
    case.request = case.world.request()
    case.listing = case.world.listing(case.request)
    case.server = Server(case.world)
    answers = [case.world.approval(at, case.request) for at in (0, 1)]
    for one in open_periods(case.request, answers, case.world.documents, case.world.once.secret):
        case.identities[one.ref.camera, one.ref.epoch, one.ref.period] = one.identity
    originals, findings = case.run()
    only(findings, 7, "the recorder lost it")
    assert numbers(originals) == list(range(7))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start_us": START_US - 1}, "moves it in time"),
        ({"end_us": START_US + 1}, "moves it in time"),
        ({"sha256": "0" * 64}, "lists another object"),
        ({"size": 1}, "lists another object"),
    ],
)
def test_a_list_that_says_otherwise_than_the_manifest_is_named(
    case: Case, change: dict[str, Any], words: str
) -> None:
    case.listing[0].update(change)
    originals, findings = case.run()
    only(findings, 0, words)
    assert numbers(originals) == list(range(6))  # the manifest is what counts


def test_a_segment_left_out_of_the_list_or_added_to_it_is_named(case: Case) -> None:
    extra = {**case.listing[0], "segment": 77}
    del case.listing[1]
    case.listing.append(extra)
    _, findings = case.run()
    assert [(one.segment, one.what) for one in findings] == [
        (1, "the server left it out of its list"),
        (77, "the server lists it, and the manifest does not know it"),
    ]


def test_segments_of_periods_nobody_asked_for_are_named(case: Case) -> None:
    case.listing.append({**case.listing[0], "period": 9, "segment": 90})
    (finding,) = case.decryption().unasked()
    assert finding.segment == 90
    assert case.run()[1] == []


def test_an_edited_manifest_is_refused_and_the_other_periods_go_on(case: Case) -> None:
    name = ("gate", 1, 1)
    good = manifest.parse(case.server.manifests[name])
    records = [dict(record) for record in good.records]
    records[0]["start_us"], records[0]["end_us"] = START_US - 8, START_US - 4  # moved in time
    case.server.manifests[name] = manifest.build(
        good.document_sha256,
        *name,
        good.opened_us,
        good.closed_us,
        records,
        chain_head(good.document_sha256, records),
        good.closed_by,
    )
    originals, findings = case.run()
    only(findings, None, "period 1 of epoch 1: This is not a period manifest as it was written")
    assert numbers(originals) == [3, 4, 5]


def test_another_periods_manifest_is_refused(case: Case) -> None:
    case.server.manifests["gate", 1, 2] = case.server.manifests["yard", 1, 2]
    originals, findings = case.run()
    only(findings, None, "period 2")
    assert numbers(originals) == [0, 1, 2]


def test_a_manifest_that_is_gone_is_named(case: Case) -> None:
    del case.server.manifests["gate", 1, 2]
    only(case.run()[1], None, "period 2")


def test_a_period_without_its_identity_gives_one_finding(case: Case) -> None:
    case.identities["gate", 1, 1] = None
    originals, findings = case.run()
    only(findings, None, "its parts do not open it")
    assert numbers(originals) == [3, 4, 5]
    assert ("gate", 0) not in case.server.fetched


def test_the_wrong_identity_opens_nothing(case: Case) -> None:
    case.identities["gate", 1, 1] = case.identities["yard", 1, 1]
    originals, findings = case.run()
    assert [one.segment for one in findings] == [0, 1, 2]
    assert numbers(originals) == [3, 4, 5]


@pytest.mark.parametrize("field", ["plain_sha256", "plain_size"])
def test_a_recorder_that_lied_about_the_inside_is_found_out(case: Case, field: str) -> None:
    period = case.world.periods[0]
    period.records[1][field] = "0" * 64 if field == "plain_sha256" else 1
    parsed = manifest.parse(period.manifest)
    period.manifest = manifest.build(
        parsed.document_sha256,
        *period.name,
        parsed.opened_us,
        parsed.closed_us,
        period.records,
        chain_head(parsed.document_sha256, period.records),
        "recorder",
    )
    case.server = Server(case.world)
    originals, findings = case.run()
    only(findings, 1, "not what the manifest says")
    assert numbers(originals) == [0, 2, 3, 4, 5]


def test_records_out_of_order_or_of_another_place_are_refused(case: Case) -> None:
    period = case.world.periods[0]
    digest = period.ref.document_sha256

    def rebuilt(records: list[dict[str, Any]]) -> manifest.Manifest:
        data = manifest.build(
            digest, *period.name, START_US, START_US, records, chain_head(digest, records), "x"
        )
        return manifest.parse(data)

    whole = (0, 2**52)
    swapped = [period.records[1], period.records[0], period.records[2]]
    with pytest.raises(SealBroken, match="out of order"):
        plan.of_manifest(rebuilt(swapped), *whole)
    moved = [{**period.records[0], "key": "sealed/yard/000001/000001/0000000000.age"}]
    with pytest.raises(SealBroken, match="at another place"):
        plan.of_manifest(rebuilt(moved), *whole)
    with pytest.raises(SealBroken, match="ends before it begins"):
        plan.of_manifest(rebuilt([{**period.records[0], "end_us": 0}]), *whole)


def test_an_open_period_is_read_from_the_list_and_not_said_to_be_proven() -> None:
    case = Case()
    case.world.periods[1].closed = None
    originals, findings = case.run()
    assert findings == []
    assert [one.segment.proven for one in originals] == [True] * 3 + [False] * 3
    assert [one.data for one in originals] == [noise("gate", at) for at in range(6)]


def test_a_forged_segment_of_an_open_period_still_needs_its_key() -> None:
    case = Case()
    case.world.periods[1].closed = None
    other = pyrage.x25519.Identity.generate().to_public()
    forged = pyrage.encrypt(b"not what was there", [other])
    case.server.objects["gate", 3] = forged
    for item in case.listing:
        if (item["camera"], item["segment"]) == ("gate", 3):
            item.update(size=len(forged), sha256=hashlib.sha256(forged).hexdigest())
    only(case.run()[1], 3, "not sealed to its period")


@pytest.mark.parametrize("item", [None, {}, {"camera": "gate"}, {"camera": 1}])
def test_a_list_that_is_none_is_refused(item: object) -> None:
    with pytest.raises(PackageBroken, match="cannot be read"):
        plan.of_listing([item])


class TestNative:
    def test_files_are_what_was_recorded_and_their_owners_alone(
        self, case: Case, tmp_path: Path
    ) -> None:
        folder = NativeFolder(tmp_path / "out")
        for original in case.run()[0]:
            path = folder.write(original)
            assert path.read_bytes() == original.data
            assert path.stat().st_mode & 0o077 == 0
        names = sorted(path.name for path in (tmp_path / "out/gate").iterdir())
        assert names == [f"{at:010d}.mp4" for at in range(6)]

    @pytest.mark.parametrize(
        ("first", "name"),
        [
            (b"\0\0\0\x14ftypqt  ", "0000000003.mov"),
            (b"\0\0\0\x18ftypisom", "0000000003.mp4"),
        ],
    )
    def test_a_file_is_named_by_its_container_or_its_first_bytes(
        self, tmp_path: Path, first: bytes, name: str
    ) -> None:
        segment = Segment("gate", 1, 1, 3, 0, 1, 0, "")
        assert NativeFolder(tmp_path).path(segment, first).name == name
        told = replace(segment, container=name[-3:])
        assert NativeFolder(tmp_path).path(told).name == name

    def test_a_run_that_was_interrupted_goes_on_where_it_was(
        self, case: Case, tmp_path: Path
    ) -> None:
        folder = NativeFolder(tmp_path)
        found = case.decryption().originals("gate", folder.read)
        for _ in range(2):
            original = next(found)
            assert isinstance(original, Original)
            folder.write(original)
        del found  # the run ends here
        (tmp_path / "gate/0000000002.mp4.part").write_bytes(b"half a seg")
        (tmp_path / "gate/0000000001.mp4").write_bytes(b"damaged meanwhile")
        case.server.fetched.clear()
        for one in case.decryption().originals("gate", folder.read):
            assert isinstance(one, Original)
            folder.write(one)
        assert case.server.fetched == [("gate", at) for at in range(1, 6)]
        for at in range(6):
            assert (tmp_path / f"gate/{at:010d}.mp4").read_bytes() == noise("gate", at)
        assert not list(tmp_path.rglob("*.part"))

    def test_what_cannot_be_written_is_an_error_with_a_remedy(
        self, case: Case, tmp_path: Path
    ) -> None:
        (tmp_path / "gate").write_text("a file where a folder must be")
        with pytest.raises(StoreError, match="cannot be made"):
            NativeFolder(tmp_path).write(case.run()[0][0])

    def test_what_no_manifest_vouches_for_is_fetched_again(
        self, case: Case, tmp_path: Path
    ) -> None:
        folder = NativeFolder(tmp_path)
        original = case.run()[0][0]
        folder.write(original)
        assert folder.read(original.segment) == original.data
        assert folder.read(replace(original.segment, plain_sha256="", container="")) is None
