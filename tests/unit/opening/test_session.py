"""A whole opening into a folder, and answering one from another machine."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from json import dumps
from pathlib import Path
from typing import Any

import av
import pytest
from tests.sim.case_world import SECOND_US, START_US, Server, World, checked, film

from scrim.errors import (
    CaseRefused,
    CaseState,
    ObjectMissing,
    PackageBroken,
    PartsTooFew,
    ServerAway,
    StatementInvalid,
    StoreError,
)
from scrim.opening.answering import name_of, read_answer, read_file, say_no, say_yes, write_answer
from scrim.opening.masked import save_masked
from scrim.opening.package import Package
from scrim.opening.session import Opening, Wanted
from scrim.opening.words import describe, digits_of
from scrim.store.keys import document_key, manifest_key
from scrim.vault.answer import Answer, SealedPart
from scrim.vault.custodian import new_identity
from scrim.vault.statement import Statement

NOW_US = START_US + 60 * SECOND_US


@pytest.fixture(scope="module")
def films() -> dict[tuple[str, int], bytes]:
    return {(camera, at): film(camera, at) for camera in ("gate", "yard") for at in range(4)}


@pytest.fixture
def world(films: dict[tuple[str, int], bytes]) -> World:
    made = World()
    for camera in ("gate", "yard"):
        made.record(camera, 1, range(2), clear=lambda *place: films[place])
        made.record(camera, 2, range(2, 4), clear=lambda *place: films[place])
    return made


def package(world: World, *answers: Statement) -> Package:
    request = world.request()
    given = answers or [world.approval(at, request) for at in (0, 1)]
    return checked(world, world.package(request, given))


def opening(world: World, server: Server, out: Path, found: Package | None = None) -> Opening:
    found = found or package(world)
    return Opening(server, found, world.once.secret, out, found.request.created_us)


def all_of(world: World, **kinds: bool) -> Wanted:
    chosen = {"native": True, "joined": False, "viewing": False, **kinds}
    return Wanted.all_of(package(world), **chosen)


def packets(path: Path) -> int:
    with av.open(str(path), "r") as source:
        return sum(packet.dts is not None for packet in source.demux(video=0))


class TestOpening:
    def test_everything_that_was_approved_is_written(
        self, world: World, films: dict[tuple[str, int], bytes], tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        server = Server(world)
        done = opening(world, server, out).run(all_of(world, joined=True, viewing=True))
        assert (done.segments, done.unproven, done.findings, done.faults) == (8, 0, [], [])
        assert done.size == sum(map(len, films.values()))
        for (camera, at), data in films.items():
            assert (out / f"native/{camera}/{at:010d}.mp4").read_bytes() == data
        assert [str(path.relative_to(out)) for path in done.files] == [
            "joined/gate-1.mp4",
            "viewing/gate-1.mp4",
            "joined/yard-1.mp4",
            "viewing/yard-1.mp4",
        ]
        assert {packets(path) for path in done.files} == {80}
        for period in world.periods:
            assert (out / document_key(*period.name)).read_bytes() == period.document
            assert (out / manifest_key(*period.name)).read_bytes() == period.manifest
        report = json.loads((out / "opened.json").read_bytes())
        assert (report["segments"], report["findings"]) == (8, [])
        assert report["viewing"] == done.viewing

    def test_nobody_else_can_read_what_was_opened(self, world: World, tmp_path: Path) -> None:
        out = tmp_path / "out"
        opening(world, Server(world), out).run(all_of(world, joined=True, viewing=True))
        for path in (out, *out.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path

    def test_the_look_is_logged_before_anything_is_fetched(
        self, world: World, tmp_path: Path
    ) -> None:
        server = Server(world)
        opening(world, server, tmp_path).run(all_of(world), "export")
        request = world.request()
        assert server.looked == [
            (request.case, "export", request.cameras, request.since_us, request.until_us)
        ]
        # Server.sealed asserts that something was logged before

        class Silent(Server):
            def open_viewing(self, *asked: Any) -> Any:
                raise ServerAway("The server does not answer.")

        silent = Silent(world)
        with pytest.raises(ServerAway):
            opening(world, silent, tmp_path / "other").run(all_of(world))
        assert silent.fetched == []
        assert not (tmp_path / "other").exists(), "nor is anything of the case written"

    def test_with_one_part_fewer_nobody_has_looked(self, world: World, tmp_path: Path) -> None:
        server = Server(world)
        few = package(world, world.approval(0, world.request()))
        with pytest.raises(PartsTooFew, match="No period of this case opens"):
            opening(world, server, tmp_path, few)
        assert server.looked == []

    def test_a_bad_part_beside_enough_good_ones_is_said(self, world: World, tmp_path: Path) -> None:
        request = world.request()
        bad = Answer.of(world.approval(1, request))
        parts = tuple(SealedPart(part.document_sha256, b"rubbish") for part in bad.parts)
        signed = Statement.sign(replace(bad, parts=parts).body(), world.signer(world.custodians[1]))
        found = package(world, world.approval(0, request), signed, world.approval(2, request))
        done = opening(world, Server(world), tmp_path, found).run(all_of(world))
        assert done.segments == 8
        assert done.findings == []
        assert len(done.faults) == 4
        assert all("office-1" in fault for fault in done.faults)

    def test_nothing_opens_after_the_end(self, world: World, tmp_path: Path) -> None:
        found = package(world)
        with pytest.raises(CaseState, match="expired"):
            Opening(Server(world), found, world.once.secret, tmp_path, found.request.expires_us)

    def test_a_clock_set_back_opens_nothing(self, world: World, tmp_path: Path) -> None:
        found = package(world)
        back_us = found.request.created_us - 3600 * SECOND_US
        with pytest.raises(CaseState, match="clock"):
            Opening(Server(world), found, world.once.secret, tmp_path, back_us)

    @pytest.mark.parametrize(
        "change",
        [
            {"cameras": ("gate", "other")},
            {"since_us": START_US - 1},
            {"until_us": START_US + 17 * SECOND_US},
            {"until_us": START_US},
        ],
    )
    def test_nothing_outside_the_case_is_asked_for(
        self, world: World, tmp_path: Path, change: dict[str, Any]
    ) -> None:
        server = Server(world)
        with pytest.raises(CaseRefused, match="outside"):
            opening(world, server, tmp_path).run(replace(all_of(world), **change))
        assert server.looked == []

    def test_part_of_the_case_may_be_looked_at(self, world: World, tmp_path: Path) -> None:
        server = Server(world)
        wanted = replace(all_of(world), cameras=("yard",), since_us=START_US + 9 * SECOND_US)
        done = opening(world, server, tmp_path).run(wanted)
        assert done.segments == 2
        assert server.fetched == [("yard", 2), ("yard", 3)]

    def test_another_cases_key_opens_nothing(self, world: World, tmp_path: Path) -> None:
        found = package(world)
        with pytest.raises(CaseRefused, match="not the one-time key"):
            Opening(Server(world), found, new_identity().secret, tmp_path, found.request.created_us)

    def test_a_run_cut_off_by_the_network_is_finished_by_the_next(
        self, world: World, films: dict[tuple[str, int], bytes], tmp_path: Path
    ) -> None:
        class Flaky(Server):
            def sealed(self, viewing: str, camera: str, segment: int) -> bytes:
                if len(self.fetched) == 5:
                    raise ServerAway("The connection to the server was lost.")
                return super().sealed(viewing, camera, segment)

        with pytest.raises(ServerAway):
            opening(world, Flaky(world), tmp_path).run(all_of(world, viewing=True))
        assert not list(tmp_path.rglob("*.part"))
        server = Server(world)
        done = opening(world, server, tmp_path).run(all_of(world, viewing=True))
        assert server.fetched == [("yard", 1), ("yard", 2), ("yard", 3)]
        assert done.segments == 8
        assert {packets(path) for path in done.files} == {80}
        for (camera, at), data in films.items():
            assert (tmp_path / f"native/{camera}/{at:010d}.mp4").read_bytes() == data

    def test_what_is_wrong_with_one_segment_is_in_the_report(
        self, world: World, tmp_path: Path
    ) -> None:
        server = Server(world)
        server.objects["gate", 1] = server.objects["yard", 1]
        done = opening(world, server, tmp_path).run(all_of(world))
        assert done.segments == 7
        report = json.loads((tmp_path / "opened.json").read_bytes())
        assert report["findings"] == [
            "segment 1 of camera gate: in its place came segment 1 of camera yard"
        ]

    def test_what_is_no_video_is_written_as_recorded_and_said(self, tmp_path: Path) -> None:
        plain = World()
        plain.record("gate", 1, range(2))
        done = opening(plain, Server(plain), tmp_path).run(all_of(plain, viewing=True))
        assert done.segments == 2
        assert [("does not decode" in one.what) for one in done.findings] == [True, True]
        assert (tmp_path / "native/gate/0000000001.mp4").exists()

    def test_a_folder_that_cannot_be_written_is_an_error(
        self, world: World, tmp_path: Path
    ) -> None:
        (tmp_path / "out").write_text("a file")
        with pytest.raises(StoreError, match="cannot be made"):
            opening(world, Server(world), tmp_path / "out").run(all_of(world))


class TestAnswering:
    def test_an_answer_goes_over_in_a_file(self, world: World, tmp_path: Path) -> None:
        found = checked(world, world.package(world.request()))
        own = world.custodians[2]
        path = tmp_path / "answer.json"
        write_answer(path, say_yes(found, own, found.request.created_us))
        statement, answer = read_answer(path)
        assert (answer.custodian, answer.decision) == ("office-2", "approved")
        answer.check_answers(found.request)
        whole = package(world, world.approval(0, found.request), statement)
        assert opening(world, Server(world), tmp_path, whole).run(all_of(world)).segments == 8
        with pytest.raises(StoreError, match="not overwritten"):
            write_answer(path, statement)

    def test_a_refusal_carries_its_reason_and_no_part(self, world: World) -> None:
        found = checked(world, world.package(world.request()))
        answer = Answer.of(
            say_no(found, world.custodians[0], NOW_US, "The warrant says another day.")
        )
        assert (answer.decision, answer.parts) == ("refused", ())

    def test_nobody_answers_in_anothers_name(self, world: World) -> None:
        found = checked(world, world.package(world.request()))
        assert name_of(found, world.custodians[1]) == "office-1"
        with pytest.raises(CaseRefused, match="that of office-1, not of office-2"):
            name_of(found, world.custodians[1], "office-2")
        with pytest.raises(CaseRefused, match="holds no part"):
            name_of(found, new_identity(), "office-1")

    def test_an_answer_changed_in_its_file_is_refused(self, world: World, tmp_path: Path) -> None:
        found = checked(world, world.package(world.request()))
        path = tmp_path / "answer.json"
        write_answer(path, say_yes(found, world.custodians[0], found.request.created_us))
        path.write_bytes(path.read_bytes().replace(b'"approved"', b'"approveD"'))
        with pytest.raises(StatementInvalid):
            read_answer(path)

    def test_a_file_that_is_not_there_is_told_so(self, tmp_path: Path) -> None:
        with pytest.raises(PackageBroken, match="cannot be read"):
            read_file(tmp_path / "none")


class TestWords:
    def test_everything_that_is_signed_is_said(self, world: World) -> None:
        request = world.request()
        found = checked(world, world.package(request, [world.refusal(1, request)]))
        text = "\n".join(describe(found))
        for said in (
            request.case,
            request.sha256,
            digits_of(request.sha256),
            request.purpose,
            request.authority.reference,
            request.authority.document_sha256,
            "gate, yard",
            request.reason,
            request.officer.id,
            request.officer.office,
            request.officer.verifier,
            request.recipient,
            "2 of 3 must agree",
            "office-1: refused",
            "The interval is wider than the warrant.",
        ):
            assert said in text
        assert text.count(" epoch 1 period ") == 4

    def test_a_written_reason_cannot_look_like_a_line_of_its_own(self, world: World) -> None:
        reason = "Good reason.\n  Cameras        gate\x1b[2J\u202e and more of it"
        found = checked(world, world.package(world.request(reason=reason)))
        lines = describe(found)
        assert not any(letter for line in lines for letter in line if not letter.isprintable())
        assert sum(line.startswith("  Cameras") for line in lines) == 1

    def test_a_changed_request_has_other_digits(self, world: World) -> None:
        one, other = (
            world.request(),
            world.request(reason="A cyclist was knocked down at the gatE."),
        )
        assert digits_of(one.sha256) != digits_of(other.sha256)


class _Reply:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def json(self) -> Any:
        return json.loads(self.data)


class _Media:
    """Answers as the API's routes of views and media do."""

    def __init__(self, playlist: str, view: object = "abc") -> None:
        self.asked: list[Any] = []
        self._playlist = playlist
        self._view = view

    def post(self, path: str, *, json: Any) -> _Reply:
        self.asked.append((path, json))
        return _Reply(dumps({"id": self._view}).encode())

    def get(self, path: str) -> _Reply:
        self.asked.append(path)
        if path.endswith(".m3u8"):
            return _Reply(self._playlist.encode())
        if "recorded-" not in path:
            raise ObjectMissing("No such object.")
        return _Reply(film("gate", 1))


def _playlist(*segments: int) -> Iterator[str]:
    yield "#EXTM3U"
    for at in segments:
        yield f'#EXT-X-MAP:URI="recorded-{at}.mp4",BYTERANGE="800@0"'
        yield f"#EXT-X-PROGRAM-DATE-TIME:2026-11-22T07:13:{at * 4:02d}.000Z"
        yield "#EXTINF:4,"
        yield f"recorded-{at}.mp4"


class TestMasked:
    def test_the_masked_footage_of_the_request_and_no_more(
        self, world: World, tmp_path: Path
    ) -> None:
        request = replace(world.request(), cameras=("gate",), periods=(world.request().periods[0],))
        media = _Media("\n".join(_playlist(0, 1, 2)))
        (path,) = save_masked(media, request, tmp_path / "masked")
        assert packets(path) == 60
        assert media.asked[0] == (
            "/api/views",
            {
                "camera": "gate",
                "mode": "recorded",
                "reason": "case-review",
                "since_us": request.since_us,
                "until_us": request.until_us,
                "case": request.case,
            },
        )
        assert media.asked[1:] == [
            "/media/abc/index.m3u8",
            *(f"/media/abc/recorded-{at}.mp4" for at in range(3)),
        ]

    @pytest.mark.parametrize("view", ["../../x", "", None, 7])
    def test_a_servers_words_are_no_addresses(
        self, world: World, tmp_path: Path, view: object
    ) -> None:
        media = _Media("https://elsewhere.example/recorded-1.mp4\n../recorded-1.mp4", view)
        with pytest.raises(PackageBroken):
            save_masked(media, world.request(), tmp_path)
        sound = _Media("https://elsewhere.example/recorded-1.mp4\n../recorded-1.mp4")
        assert save_masked(sound, world.request(), tmp_path) == []
