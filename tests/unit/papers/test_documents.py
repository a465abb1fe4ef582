"""Signs and drafts: filled from what is set, never with a hole, never made up."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from tests.unit.papers.office import START, Office
from tests.unit.test_pdf import text_of

from scrim.errors import PaperRefused, PaperUnknown
from scrim.norms.load import load_all
from scrim.norms.pack import Pack
from scrim.norms.pack import Paper as Kind
from scrim.papers.drafts import Draft, draft
from scrim.papers.particulars import Particulars, particulars
from scrim.papers.placing import Placing
from scrim.papers.sign import sign
from scrim.papers.words import LANGUAGES
from scrim.store import schema
from scrim.store.database import reading, writing

PAGE = "https://cctv.example/cameras?site=north"
BASELINE: Pack = load_all(None, ["baseline"])["baseline"]


@pytest.fixture
def north(office: Office) -> Office:
    """A site under the pack of Hong Kong, whose camera has a purpose."""
    office.sites.add(
        "north",
        {
            "name": "North <station>",
            "place": "station",
            "controller": "Transport Department",
            "contact": "cctv@td.example",
            "zone": "Asia/Hong_Kong",
        },
    )
    office.enrol("gate", Placing(site="north", purpose="public-safety"))
    office.applied.apply("hk")
    return office


def of(office: Office, site: str = "north", camera: str | None = None) -> Particulars:
    with reading(office.deployment.engine) as connection:
        return particulars(connection, office.applied, site, camera)


def made(office: Office, document: str, **said: str) -> Draft:
    return draft(document, of(office), BASELINE, page=PAGE, today="2026-03-01", said=said)


def test_a_sign_has_who_what_for_how_long_and_rights_in_three_languages(north: Office) -> None:
    pdf = sign(of(north), PAGE)
    text = text_of(pdf)
    assert pdf.count(b"/Type /Page\n") == len(LANGUAGES)
    for words in (
        "CCTV in operation",
        "30 days",
        "You may ask",
        "閉路電視錄影中",
        "公眾安全",
        "30 天",
        "闭路电视录像中",
        "公共安全",
    ):
        assert words in text
    assert text.count("Transport Department") == text.count(PAGE) == 3
    assert text.count("cctv@td.example") >= 2  # at a line's end it may be broken


def test_where_sound_is_recorded_the_sign_and_the_assessment_say_so(north: Office) -> None:
    assert "Sound is recorded too" not in text_of(sign(of(north), PAGE))
    north.applied.remove("hk")
    north.applied.apply("baseline")
    north.placings.set("gate", Placing(purpose="help-point"))
    north.ask_sound("gate", True)
    north.paper(Kind.PURPOSE, camera="gate", purpose="help-point", says=("sound",))
    text = text_of(sign(of(north), PAGE))
    for words in ("Sound is recorded too.", "同時錄音。", "同时录音。"):
        assert words in text
    assert "sound recorded in the originals" in made(north, "assessment").markdown()


def test_a_sign_of_a_site_under_no_pack_has_words_of_its_own(north: Office) -> None:
    north.applied.remove("hk")
    text = text_of(sign(of(north), PAGE, ["en"]))
    for words in ("Cameras in operation", "Safety of the public", "Responsible", "masked"):
        assert words in text


def test_a_sign_says_how_long_a_camera_of_its_own_is_kept(north: Office) -> None:
    north.applied.remove("hk")
    with writing(north.deployment.engine) as connection:
        for side in ("sealed", "masked"):
            connection.execute(
                insert(schema.retention_limit).values(
                    camera="gate", side=side, ceiling_s=45 * 86_400, floor_s=0, reason="long",
                    salt=b"x" * 16, set_us=START, entry=0,
                )
            )  # fmt: skip
    text = text_of(sign(of(north), PAGE, ["en"]))
    assert "45 days" in text
    assert "30 days" not in text


def test_there_is_no_sign_with_a_hole(north: Office) -> None:
    with pytest.raises(PaperRefused, match="public page"):
        sign(of(north), "")
    with pytest.raises(PaperRefused, match="'fr'"):
        sign(of(north), PAGE, ["fr"])
    with pytest.raises(PaperRefused, match="no camera"):
        sign(of(north, "default"), PAGE)
    north.enrol("yard", Placing(site="north"))
    with pytest.raises(PaperRefused, match="yard"):
        sign(of(north), PAGE)
    north.sites.set("north", {"contact": " "})
    with pytest.raises(PaperRefused, match="contact"):
        sign(of(north), PAGE)
    with pytest.raises(PaperUnknown):
        of(north, "south")
    with pytest.raises(PaperUnknown):
        of(north, "default", "gate")


def test_an_assessment_has_the_configuration_and_blanks_for_what_people_say(north: Office) -> None:
    found = made(north, "assessment", risks="None | *at all*")
    text = found.markdown()
    assert text.startswith("# DRAFT: Privacy impact assessment: gate, North \\<station\\>")
    assert "| gate | station | public-safety |" in text
    assert "why it is needed and nothing milder does: \\_" in text
    assert "None | \\*at all\\*" in text
    assert "hk-07 (" in text
    assert "unverified" in text
    assert "Not legal advice" in text
    assert "North &lt;station&gt;" in found.html()
    assert "<station>" not in found.html()
    assert "hk-07 (" in text_of(found.pdf())


def test_a_record_comes_from_the_baseline_where_no_pack_has_one(north: Office) -> None:
    text = made(north, "record").markdown()
    assert "Record of processing" in text
    assert "Transport Department" in text
    north.applied.remove("hk")
    north.applied.apply("eu")
    assert "GDPR" in made(north, "record").markdown()


def test_filings_are_drafted_by_the_pack_that_asks_for_them(north: Office) -> None:
    with pytest.raises(PaperRefused, match="filing-public-security"):
        made(north, "filing-public-security")
    north.applied.apply("cn")
    security = made(north, "filing-public-security")
    assert security.language == "zh-Hans"
    assert "Transport Department" in security.markdown()
    facial = made(north, "filing-facial-information")
    assert "______" in text_of(facial.pdf())
    assert "80123" in made(north, "filing-facial-information", count="80123").markdown()


def test_what_no_text_has_a_place_for_is_refused(north: Office) -> None:
    with pytest.raises(PaperRefused, match="'colour'"):
        made(north, "assessment", colour="red")
