"""``scrim subject``, ``hold``, ``filing`` and ``breach``: from the command line to a letter."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.cli.conftest import Outcome

from scrim.clock import SECOND, SystemClock, to_text
from scrim.fleet.cameras import Cameras
from scrim.fleet.deployment import Deployment

Scrim = Callable[..., Outcome]
NOW = SystemClock().now_us() // SECOND * SECOND
BEGIN = to_text(NOW - 1800 * SECOND)
END = to_text(NOW - 1200 * SECOND)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    deployment = Deployment.create(tmp_path / "data")
    cameras = Cameras(deployment.engine, deployment.ledger, deployment.clock)
    cameras.add("gate", "file", "/nowhere.mp4")
    deployment.close()
    return tmp_path / "data"


def add(scrim: Scrim, data: Path, *more: object) -> str:
    done = scrim(
        *("subject", "add", "--data", data, "--since", BEGIN, "--until", END),
        *("--contact", "Chan Tai Man", "--description", "a red coat"),
        *(more or ("--camera", "gate")),
    )
    assert done.code == 0, done.err
    return str(re.findall(r"req-[a-z0-9]{8}", done.out)[0])


def said(done: Outcome) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_from_intake_to_a_letter(scrim: Scrim, data: Path, tmp_path: Path) -> None:
    site = ("--controller", "The City", "--contact", "privacy@example.org")
    assert scrim("site", "set", "default", *site, "--data", data).code == 0
    request = add(scrim, data, "--site", "default")
    (listed,) = said(scrim("subject", "list", "--open", "--json", "--data", data))
    assert (listed["request"], listed["rule"], listed["late"]) == (request, "base-10", False)
    assert "Chan" not in json.dumps(listed)
    shown = said(scrim("subject", "show", request, "--json", "--data", data))
    assert shown["person"]["contact"] == "Chan Tai Man"
    assert "gate did not record" in scrim("subject", "show", request, "--data", data).out
    (held,) = said(scrim("hold", "list", "--json", "--data", data))
    assert held["request"] == request
    for name in ("a.txt", "a.html", "a.pdf"):
        done = scrim(
            *("subject", "letter", request, "acknowledgement", "--data", data),
            *("--out", tmp_path / name),
        )
        assert done.code == 0, done.err
    assert request in (tmp_path / "a.txt").read_text("utf-8")
    assert "privacy@example.org" in (tmp_path / "a.html").read_text("utf-8")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    done = scrim(
        *("subject", "answer", request, "--with", "nothing-held", "--data", data),
        *("--reply", "No camera recorded then."),
    )
    assert done.out.strip() == f"{request}: answered"
    assert said(scrim("hold", "list", "--json", "--data", data)) == []


def test_identified_located_extended_refused(scrim: Scrim, data: Path) -> None:
    assert scrim("norms", "apply", "eu", "--data", data).code == 0
    request = add(scrim, data)
    assert scrim("subject", "identify", request, "--note", "passport", "--data", data).code == 0
    place = f"gate,{BEGIN},{END}"
    assert scrim("subject", "locate", request, "--place", place, "--data", data).code == 0
    done = scrim("subject", "disclose", request, "--case", "case-nothere1", "--data", data)
    assert done.code == 12
    assert scrim("subject", "extend", request, "--reason", "many", "--data", data).code == 0
    done = scrim(
        *("subject", "refuse", request, "--ground", "others-identified", "--data", data),
        *("--reasons", "somebody else fills the picture"),
    )
    assert "refused" in done.out
    (line,) = said(scrim("subject", "refusals", "--json", "--data", data))
    assert line["reasons"] == "somebody else fills the picture"
    assert "others-identified" in scrim("subject", "refusals", "--data", data).out
    assert "refused" in scrim("subject", "list", "--data", data).out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("subject", "add", "--camera", "roof"), 5),
        (("subject", "add"), 15),
        (("subject", "add", "--site", "nowhere"), 14),
    ],
)
def test_intake_that_cannot_be(
    scrim: Scrim, data: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = scrim(
        *(*arguments, "--data", data, "--since", BEGIN, "--until", END),
        *("--contact", "Chan", "--description", "a red coat"),
    )
    assert done.code == code
    assert done.err.startswith("error: ")
    assert len(done.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("subject", "show", "req-nothere1"), 15),
        (("subject", "withdraw", "nobody"), 15),
        (("subject", "locate", "req-nothere1", "--place", "gate"), 15),
        (("subject", "locate", "req-nothere1", "--place", "gate,then,now"), 12),
        (("subject", "letter", "req-nothere1", "answer", "--out", "x.doc"), 15),
        (("hold", "lift", "17", "--reason", "x"), 15),
        (("hold", "review", "17", "--reason", "x", "--review", "9d"), 15),
        (("filing", "open", "public-security", "--since", BEGIN), 15),
        (("filing", "draft", "filing-nothere1", "no-such-file"), 15),
        (("filing", "filed", "filing-x", "--document", "no-such-file", "--reference", "1"), 15),
        (("breach", "close", "breach-nothere1", "--reason", "x"), 15),
    ],
)
def test_mistakes_end_in_one_line(
    scrim: Scrim, data: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = scrim(*arguments, "--data", data)
    assert done.code == code
    assert len(done.err.strip().splitlines()) == 1


def test_no_letter_is_on_record_that_could_not_be_written(
    scrim: Scrim, data: Path, tmp_path: Path
) -> None:
    site = ("--controller", "The City", "--contact", "privacy@example.org")
    scrim("site", "set", "default", *site, "--data", data)
    request = add(scrim, data)
    letter = ("subject", "letter", request, "--data", data, "--out")
    assert scrim(*letter, tmp_path / "no" / "a.txt", "acknowledgement").code == 15
    assert scrim(*letter, tmp_path / "b.txt", "refusal").code == 15
    assert not (tmp_path / "b.txt").exists()
    shown = ("subject", "show", request, "--json", "--data", data)
    assert said(scrim(*shown))["acknowledged_us"] is None
    assert scrim(*letter, tmp_path / "c.txt", "acknowledgement").code == 0
    assert said(scrim(*shown))["acknowledged_us"] is not None


def test_a_site_has_the_cameras_that_were_removed_too(scrim: Scrim, data: Path) -> None:
    assert scrim("camera", "remove", "gate", "--data", data).code == 0
    add(scrim, data, "--site", "default")
    (held,) = said(scrim("hold", "list", "--json", "--data", data))
    assert held["camera"] == "gate"


def test_no_number_is_too_large_to_be_refused(scrim: Scrim, data: Path) -> None:
    for command in (("lift",), ("review", "--review", "9d")):
        done = scrim("hold", *command, 2**63, "--reason", "x", "--data", data)
        assert done.code == 2


def test_a_hold_by_hand(scrim: Scrim, data: Path) -> None:
    hold = ("hold", "add", "--camera", "gate", "--since", BEGIN, "--reason", "complaint")
    for_ever = scrim(*hold, "--until", "2036-01-01T00:00Z", "--review", "90d", "--data", data)
    assert (for_ever.code, "31 days" in for_ever.err) == (15, True)
    no_review = scrim(*hold, "--until", END, "--review", "999d", "--data", data)
    assert (no_review.code, "year" in no_review.err) == (15, True)
    assert scrim(*hold, "--until", END, "--review", "90d", "--data", data).code == 0
    (one,) = said(scrim("hold", "list", "--json", "--data", data))
    assert (one["words"], one["review_due"]) == ("complaint", False)
    number = one["hold"]
    again = ("hold", "review", number, "--reason", "goes on", "--review", "9d", "--data", data)
    assert scrim(*again).code == 0
    assert "goes on" in scrim("hold", "list", "--data", data).out
    assert said(scrim("hold", "list", "--due", "--json", "--data", data)) == []
    assert scrim("hold", "lift", number, "--reason", "settled", "--data", data).code == 0
    assert "none" in scrim("hold", "list", "--data", data).err


def test_a_filing_from_its_opening_to_the_receipt(scrim: Scrim, data: Path, tmp_path: Path) -> None:
    assert scrim("norms", "apply", "cn", "--data", data).code == 0
    done = scrim("filing", "open", "public-security", "--since", BEGIN, "--data", data)
    filing = re.findall(r"filing-[a-z0-9]{8}", done.out)[0]
    assert "cn-02" in done.out
    (tmp_path / "draft.md").write_text("# Draft", "utf-8")
    assert scrim("filing", "draft", filing, tmp_path / "draft.md", "--data", data).code == 0
    document = ("--document", tmp_path / "draft.md", "--reference", "2026-17", "--data", data)
    wrong = ("--expires", "2020-01-01")
    assert scrim("filing", "filed", filing, *document, *wrong).code != 0
    assert said(scrim("paper", "list", "--json", "--data", data)) == []
    assert "paper of the deployment" in scrim("filing", "filed", filing, *document).err
    (paper,) = said(scrim("paper", "list", "--json", "--data", data))
    assert (paper["kind"], paper["filing"]) == ("filing", "public-security")
    assert scrim("filing", "acknowledged", filing, *document).code == 0
    listed = said(scrim("filing", "list", "--json", "--data", data))
    assert [one["state"] for one in listed["filings"]] == ["acknowledged"]
    assert listed["people"] == 0
    assert "acknowledged" in scrim("filing", "list", "--data", data).out


def test_a_breach_from_its_opening_to_its_end(scrim: Scrim, data: Path, tmp_path: Path) -> None:
    site = ("--controller", "The City", "--contact", "privacy@example.org")
    assert scrim("site", "set", "default", *site, "--data", data).code == 0
    done = scrim("breach", "open", "--happened", "A stick was lost.", "--data", data)
    breach = re.findall(r"breach-[a-z0-9]{8}", done.out)[0]
    assert "base-13" in done.out
    assess = ("--risk", "risk", "--people", 3, "--effects", "known", "--measures", "found")
    assert scrim("breach", "assess", breach, *assess, "--data", data).code == 0
    out = tmp_path / "note.txt"
    draft = ("breach", "draft", breach, "--authority", "the Commissioner", "--out", out)
    assert scrim(*draft, "--data", data).code == 0
    assert "A stick was lost." in out.read_text("utf-8")
    tell = ("breach", "notify", breach, "--whom", "authority", "--name", "by post")
    assert scrim(*tell, "--document", out, "--data", data).code == 0
    assert scrim("breach", "close", breach, "--reason", "found", "--data", data).code == 0
    (one,) = said(scrim("breach", "list", "--json", "--data", data))
    assert (one["state"], one["told"][0]["whom"]) == ("closed", "authority")
    assert "closed" in scrim("breach", "list", "--data", data).out
