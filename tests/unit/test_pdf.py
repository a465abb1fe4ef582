"""PDFs: what stands in them can be read out again, and nothing else can get in."""

from __future__ import annotations

import base64
import re
import zlib

from scrim.pdf import Block, Code, Line, NewPage, Rows, all_shown, to_pdf


def text_of(pdf: bytes) -> str:
    """What a PDF of ours shows: its strings, those of the Chinese fonts as UTF-16."""
    said = []
    for stream in re.findall(rb"stream\r?\n(.*?)~>\s*endstream", pdf, re.DOTALL):
        page = zlib.decompress(base64.a85decode(stream))
        font = ""
        for name, letters in re.findall(
            rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", page, re.DOTALL
        ):
            if name:
                font = name.decode()
                continue
            raw = re.sub(
                rb"\\([0-7]{3}|.)",
                lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else m[1],
                letters,
                flags=re.DOTALL,
            )
            said.append(raw.decode("utf-16-be" if font in _chinese(pdf) else "cp1252"))
    return "".join(said)


def _chinese(pdf: bytes) -> set[str]:
    """Names of the fonts that are not Latin."""
    found = set()
    for number, body in re.findall(rb"(\d+) 0 obj\s*<<(.*?)>>\s*endobj", pdf, re.DOTALL):
        if b"UCS2" in body:
            found |= {name.decode() for name in re.findall(rb"/(F\d+) " + number + rb" 0 R", pdf)}
    return found


def test_what_stands_in_it_can_be_read_out_in_three_scripts() -> None:
    pdf = to_pdf(
        "x",
        [
            Line("Café <b>&amp; €"),
            Line("閉路電視錄影中", 30, centred=True),
            NewPage(),
            Line("闭路电视录像中", 30),
            Rows([["人", "b"], ["保管人", "d"]]),
        ],
        language="zh-Hant",
    )
    text = text_of(pdf)
    for words in ("Café <b>&amp; €", "閉路電視錄影中", "闭路电视录像中", "保管人"):
        assert words in text
    assert pdf.count(b"/Type /Page\n") == 2


def test_the_same_gives_the_same_bytes_and_loads_nothing() -> None:
    blocks: list[Block] = [
        Line("a"),
        Rows([["h"], ["x" * 200]]),
        Code("https://cctv.example/cameras"),
    ]
    pdf = to_pdf("t", blocks)
    assert pdf == to_pdf("t", blocks)
    assert b"/URI" not in pdf
    assert b"/JavaScript" not in pdf


def test_a_letter_that_cannot_be_shown_is_told() -> None:
    assert all_shown(["Café €", "保管人體体", "Жα"])
    assert not all_shown(["snow ☃"])
    assert "snow ?" in text_of(to_pdf("x", [Line("snow ☃")]))
