"""The public page, and what the API says of cameras that wait for papers."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.unit.api.served import NOW_US, Served, status

from scrim.access.signin import in_ledger
from scrim.api.public_page import language_of
from scrim.changes.sound import change_sound
from scrim.clock import SECOND
from scrim.norms.pack import Paper as Kind
from scrim.papers.applied import Applied
from scrim.papers.gatekeeper import Gatekeeper
from scrim.papers.placing import Placing, Placings
from scrim.papers.register import Draft, PaperRegister
from scrim.papers.sites import Sites


class Desk:
    """The privacy officer's side of a served folder."""

    def __init__(self, served: Served) -> None:
        have = served.services
        here = (have.engine, have.ledger, have.clock)
        self.applied = Applied(*here)
        self.sites = Sites(*here, self.applied)
        self.placings = Placings(*here, self.applied)
        self.papers = PaperRegister(*here)
        self.gatekeeper = Gatekeeper(*here, self.applied)

        self.have = have

    def ask_sound(self, camera: str, on: bool) -> None:
        have = self.have
        with in_ledger(have.engine) as connection:
            change_sound(connection, have.ledger, have.clock.now_us(), camera, on)

    def paper(self, kind: Kind, expires: str | None = None, says: tuple[str, ...] = ()) -> None:
        self.papers.add(Draft(kind, "file 7", "2026-11-01", expires, camera="demo", says=says))


async def test_a_camera_that_waits_says_for_which_paper_by_which_rule(served: Served) -> None:
    desk = Desk(served)
    desk.placings.set("demo", Placing(purpose="public-safety"))
    desk.applied.apply("hk")
    desk.gatekeeper.settle()
    async with served.signed_in() as client:
        (camera,) = (await client.get("/api/cameras")).json()
        figures = (await client.get("/metrics")).text
    assert camera["purpose"] == "public-safety"
    assert camera["status"]["state"] == "withheld"
    assert "sign (hk-05)" in camera["status"]["reason"]
    found = {one["rule"]: one for one in camera["waits"]}
    assert set(found) == {"hk-02", "hk-05", "hk-07"}
    assert found["hk-05"]["citation"].startswith("PDPO")
    assert found["hk-07"]["unverified"] is True
    assert 'scrim_camera_withheld{camera="demo"} 1.0' in figures


async def test_a_camera_that_waits_for_its_place_says_how_to_say_it(served: Served) -> None:
    desk = Desk(served)
    desk.applied.apply("baseline")
    desk.gatekeeper.settle()
    async with served.signed_in() as client:
        (camera,) = (await client.get("/api/cameras")).json()
    assert camera["status"]["state"] == "withheld"
    assert "`scrim camera set demo --place KIND` (base-16)" in camera["status"]["reason"]
    assert ("base-16", "place-unsaid") in [(one["rule"], one["why"]) for one in camera["waits"]]


async def test_what_ends_soon_is_in_the_api_and_in_the_figures(served: Served) -> None:
    desk = Desk(served)
    desk.placings.set("demo", Placing(purpose="public-safety", place="street"))
    desk.paper(Kind.PURPOSE)
    desk.paper(Kind.SIGN, expires="2026-11-30")
    desk.applied.apply("baseline")
    desk.gatekeeper.settle()
    async with served.signed_in() as client, served.recorder() as recorder:
        await recorder.send(status())
        (camera,) = (await client.get("/api/cameras")).json()
        figures = (await client.get("/metrics")).text
    assert camera["waits"] == []
    assert camera["status"]["state"] != "withheld"
    (one,) = camera["expiring"]
    assert (one["paper"], one["why"]) == ("sign", "expires")
    values = {
        (sample.name, sample.labels.get("rule")): sample.value
        for family in text_string_to_metric_families(figures)
        for sample in family.samples
    }
    assert values["scrim_camera_withheld", None] == 0
    ends = values["scrim_paper_ends_seconds", one["rule"]]
    assert ends == one["ends_us"] / SECOND > NOW_US / SECOND


async def test_the_public_page_says_what_the_cameras_do_without_signing_in(served: Served) -> None:
    desk = Desk(served)
    said = {
        "name": "North <station>",
        "place": "station",
        "controller": "Transport Department",
        "contact": "cctv@td.example",
    }
    desk.sites.add("north", said)
    desk.placings.set("demo", Placing(site="north", purpose="public-safety", owner="Ada Lovelace"))
    desk.applied.apply("eu")
    async with served.client() as client:
        answer = await client.get("/cameras")
        chinese = await client.get("/cameras", headers={"Accept-Language": "zh-HK,zh;q=0.8"})
        chosen = await client.get("/cameras", params={"lang": "zh-Hans", "site": "north"})
        nowhere = await client.get("/cameras", params={"site": "../etc"})
    text = answer.text
    assert answer.status_code == 200
    for words in (
        "North &lt;station&gt;",
        "Transport Department",
        "cctv@td.example",
        "3 days",
        "You may ask",
        "Write to the contact of the place",
        "what you wore and carried",
        "is kept until you have your answer",
        "<dt>Sound</dt><dd>not recorded</dd>",
    ):
        assert words in text
    assert "<script" not in text
    assert chinese.headers["content-language"] == "zh-Hant"
    assert "公眾安全" in chinese.text
    assert "衣著及攜帶物品" in chinese.text
    assert "衣着及携带物品" in chosen.text
    assert "公共安全" in chosen.text
    assert nowhere.status_code == 200
    nonce = answer.headers["content-security-policy"].split("'nonce-")[1].split("'")[0]
    assert f'<style nonce="{nonce}">' in text


class Links(HTMLParser):
    """What a page's elements point at, and which of it is its icon."""

    def __init__(self) -> None:
        super().__init__()
        self.icon = ""
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "link" and said.get("rel") == "icon":
            self.icon = said["href"] or ""
        elif tag != "a":
            self.loads += [value or "" for name, value in attrs if name in ("href", "src")]


async def test_the_public_page_brings_its_icon_and_loads_nothing(served: Served) -> None:
    async with served.client() as client:
        answer = await client.get("/cameras")
    page = Links()
    page.feed(answer.text)
    assert page.loads == []
    head, _, picture = page.icon.partition(",")
    assert head == "data:image/svg+xml"
    assert ElementTree.fromstring(unquote(picture)).tag == "{http://www.w3.org/2000/svg}svg"
    policy = answer.headers["content-security-policy"].split("; ")
    assert "data:" in next(part for part in policy if part.startswith("img-src")).split()


async def test_the_public_page_says_where_sound_is_recorded(served: Served) -> None:
    desk = Desk(served)
    desk.placings.set("demo", Placing(purpose="help-point"))
    desk.applied.apply("baseline")
    desk.ask_sound("demo", True)
    async with served.client() as client:
        before = (await client.get("/cameras")).text
        desk.paper(Kind.PURPOSE, says=("sound",))
        served.clock.us += 11 * SECOND
        after = (await client.get("/cameras")).text
    assert "<dd>not recorded</dd>" in before
    assert "recorded by 1, sealed with the originals" in after


async def test_the_public_page_says_nothing_that_helps_an_attacker(served: Served) -> None:
    desk = Desk(served)
    desk.placings.set("demo", Placing(place="corridor", owner="Ada Lovelace"))
    async with served.client() as client:
        answer = await client.get("/cameras")
    nonce = answer.headers["content-security-policy"].split("'nonce-")[1].split("'")[0]
    text = answer.text.replace(nonce, "")  # drawn anew each time, it may spell any short word
    for secret in ("demo", "Ada", "corridor", "rtsp", "offline", "custodian-"):
        assert secret not in text


async def test_a_deployment_that_says_nothing_has_a_page_all_the_same(served: Served) -> None:
    async with served.client() as client:
        text = (await client.get("/cameras")).text
    assert "not said yet" in text


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "fr-FR", "en"),
        (None, "zh-TW", "zh-Hant"),
        (None, "zh-Hant-CN", "zh-Hant"),
        (None, "zh-CN,en;q=0.5", "zh-Hans"),
        (None, "zh", "zh-Hans"),
        (None, "zh-HK;q=0.2,en-GB;q=0.9", "en"),
        (None, "zh;q=0, en;q=0.1", "en"),
        (None, "zh;q=x,en", "en"),
        ("zh-Hans", "en", "zh-Hans"),
        ("xx", "zh-HK", "zh-Hant"),
    ],
)
def test_the_language_is_that_which_is_asked_for(
    asked: str | None, accepted: str, language: str
) -> None:
    assert language_of(asked, accepted) == language
