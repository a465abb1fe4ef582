from xml.etree import ElementTree

from bench.redaction.plots import Bars, chart

_NAME = "{http://www.w3.org/2000/svg}"


def _rectangles(svg: str) -> list[ElementTree.Element]:
    # the first is the ground, the next are the key
    return ElementTree.fromstring(svg).findall(f"{_NAME}rect")


def test_bars_are_as_high_as_their_values() -> None:
    svg = chart("t", ["a"], [Bars("x", [1.0]), Bars("y", [2.0])])
    low, high = (float(r.attrib["height"]) for r in _rectangles(svg)[2:])
    assert abs(high - 2 * low) < 0.2


def test_a_missing_value_has_no_bar_and_a_limit_has_a_line() -> None:
    svg = chart("t", ["a", "b"], [Bars("x", [None, 3.0], limit=2.0)])
    assert len(_rectangles(svg)) == 1 + 2 + 1
    assert svg.count("#c53030") == 1


def test_names_are_escaped() -> None:
    svg = chart("a < b & c", ["<s>"], [Bars("x\ny", [0.0])])
    texts = [t.text for t in ElementTree.fromstring(svg).iter(f"{_NAME}text")]
    assert {"a < b & c", "<s>", "x", "y"} <= set(texts)
