"""``scrim site``, ``paper``, ``norms apply`` and the place of a camera, as typed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from scrim.cli.main import run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    assert run(["init", str(folder)]) == 0
    (folder / "scrim.toml").write_text('[norms]\npublic_url = "https://cctv.example/"\n')
    return folder


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    made = tmp_path / "a.mp4"
    made.write_bytes(b"x")
    return made


def said(data: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run([*words, "--data", str(data)])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_a_filing_has_the_number_that_is_metered(
    data: Path, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def go(*words: str) -> None:
        code, _, err = said(data, capsys, *words)
        assert code == 0, err

    go("camera", "add", "gate", str(clip), "--place", "street", "--purpose", "public-safety")
    go("norms", "apply", "cn")
    out = tmp_path / "draft.md"
    draft = ("paper", "draft", "filing", "--filing", "facial-information", "--out", str(out))
    go(*draft)
    assert "涉及人数(上限估计):0。" in out.read_text("utf-8")
    go(*draft, "--say", "count=12")
    assert "涉及人数(上限估计):12。" in out.read_text("utf-8")


def test_from_a_site_to_a_camera_that_may_record(
    data: Path, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def go(*words: str) -> str:
        code, out, err = said(data, capsys, *words)
        assert code == 0, err
        return out + err

    go("site", "add", "north", "--name", "North", "--place", "station", "--controller", "TD",
       "--contact", "td@example.org", "--not-public", "--label", "key-target")  # fmt: skip
    assert "td@example.org" in go("site", "list")
    go("site", "set", "north", "--country", "HK")
    shown = json.loads(go("site", "show", "north", "--json"))
    assert (shown["country"], shown["public_access"]) == ("HK", False)
    go("camera", "add", "gate", str(clip), "--site", "north", "--purpose", "public-safety")
    assert "does not record" in go("norms", "apply", "baseline", "--site", "north")
    assert "baseline  site north" in go("norms", "applied")
    sign = tmp_path / "sign.pdf"
    go("paper", "draft", "sign", "--site", "north", "--out", str(sign))
    go("paper", "add", "sign", "--site", "north", "--reference", "photo", "--issued", "2026-01-01",
       "--document", str(sign), "--says", "inside")  # fmt: skip
    go("paper", "add", "purpose", "--camera", "gate", "--reference", "memo", "--issued",
       "2026-01-01")  # fmt: skip
    assert "gate: may record" in go("paper", "waits")
    papers = json.loads(go("paper", "list", "--json"))
    assert papers[0]["document_sha256"] == hashlib.sha256(sign.read_bytes()).hexdigest()
    assert papers[1]["purpose"] == "public-safety"
    go("paper", "revoke", papers[0]["id"], "--reason", "fell down")
    (waits,) = json.loads(go("paper", "waits", "--json"))
    assert (waits["may_record"], waits["waits"][0]["why"]) == (False, "revoked")
    go("norms", "remove", "baseline", "--site", "north")
    assert "gate: may record" in go("paper", "waits")
    (camera,) = json.loads(go("camera", "list", "--json"))
    assert (camera["site"], camera["purpose"]) == ("north", "public-safety")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["camera", "add", "b", "CLIP", "--place", "tolet"], "no kind of place"),
        (["camera", "add", "b", "CLIP", "--place", "toilet"], "base-16"),
        (["camera", "add", "b", "CLIP", "--purpose", "traffic", "--purpose", "property"], "one"),
        (["camera", "add", "b", "CLIP", "--site", "south"], "no site"),
        (["camera", "set", "gate"], "Nothing is said"),
        (["camera", "set", "yard", "--place", "street"], "'yard'"),
        (["norms", "apply", "mars"], "no pack 'mars'"),
        (["norms", "apply", "hk", "--site", "default", "--camera", "gate"], "not both"),
        (["norms", "remove", "hk"], "not applied"),
        (["paper", "add", "sign", "--reference", "x", "--issued", "2026-02-30"], "no day"),
        (["paper", "add", "sign", "--reference", "x", "--issued", "2026-02-03", "--expires",
          "2026-02-02"], "before"),
        (["paper", "add", "sign", "--reference", "x", "--issued", "2026-02-03", "--camera",
          "yard"], "'yard'"),
        (["paper", "add", "sign", "--reference", "x", "--issued", "2026-02-03", "--document",
          "none.pdf"], "cannot be read"),
        (["paper", "add", "purpose", "--reference", "x", "--issued", "2026-02-03", "--purpose",
          "a", "--purpose", "b"], "one purpose"),
        (["paper", "revoke", "paper-x", "--reason", "y"], "no paper"),
        (["paper", "draft", "sign", "--out", "sign.md"], "PDF"),
        (["paper", "draft", "assessment", "--out", "a.doc"], "'.doc'"),
        (["paper", "draft", "assessment", "--out", "a.md", "--say", "risks"], "says nothing"),
        (["paper", "draft", "filing", "--out", "a.md"], "which one"),
        (["paper", "draft", "record", "--out", "no-folder/a.md"], "cannot be written"),
        (["site", "show", "south"], "no site"),
    ],
)  # fmt: skip
def test_a_slip_is_one_line_and_changes_nothing(
    data: Path, clip: Path, capsys: pytest.CaptureFixture[str], words: list[str], error: str
) -> None:
    for before in (["camera", "add", "gate", str(clip)], ["norms", "apply", "baseline"]):
        assert said(data, capsys, *before)[0] == 0
    _, listed, _ = said(data, capsys, "camera", "list", "--json")
    code, _, err = said(data, capsys, *(str(clip) if word == "CLIP" else word for word in words))
    assert code in (5, 14)
    assert error in err
    assert err.count("\n") == 1
    assert said(data, capsys, "camera", "list", "--json")[1] == listed
    assert json.loads(said(data, capsys, "paper", "list", "--json")[1]) == []
