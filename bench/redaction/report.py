"""``REDACTION.md``: the figures as tables, with what they can and cannot tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bench.redaction import sources
from bench.redaction.leaks import BUCKETS
from bench.redaction.material import APART, GROUPS, TUNING
from bench.redaction.plots import Bars, chart

_HEIGHTS = [name for name, _ in BUCKETS] + ["20+"]
_SIDES = ("scrim", "bare", "plain")

_READ_ME = """\
- **What was tuned on what.** {tuning}, all made from them, and the drawn street were used
  while Scrim was being tuned. {apart}, all made from them and crowds of other seeds were
  not, and limits are judged on them alone. Both have few people in them.
- **The truth favours Scrim's own network.** Boxes in every frame come from CenterFace at a
  score of 0.4 on frames enlarged to about 960 pixels, linked over frames; Scrim looks with the same
  network. What is small in a crowd was large when its box was found. Boxes accepted by eye
  are counted apart.
- **Covered** is measured in the decoded output: pixels of the true box that have the
  mask's colour. Pixels that had it before are left out. A face counts where at least half
  of its box is in the picture and nobody stands before it.
- **Bounds** are one-sided, 95 %, Clopper-Pearson. Frames of one track hang together, so the
  bound over tracks is the one to trust.
- **A track** is one unbroken appearance of a face; it is exposed where any frame of it is
  under 85 % covered. The longest clear run is in frames under 50 %.
- **The independent detector** is OpenCV's Haar cascades (frontal alt2, profile both ways);
  hits on a true face (overlap 0.3) and all hits are given.
- **Speed** is processor time on one core, in turns; `plain` is libx264 superfast CRF 26 with
  a key frame every 50 and FFmpeg's defaults otherwise, `bare` Scrim's encoder without masks."""


def markdown(figures: Mapping[str, Any], machine: Mapping[str, Any]) -> str:
    """The whole page."""
    return "\n".join(_lines(figures, machine)) + "\n"


def _lines(figures: Mapping[str, Any], machine: Mapping[str, Any]) -> Iterator[str]:
    details = figures["details"]
    yield "# Redaction, measured"
    yield ""
    yield (
        f"{machine.get('processor')}, {machine.get('cores')} cores, {machine.get('memory_mb')} MB,"
        f" {machine.get('system')}, Python {machine.get('python')}, {machine.get('measured')};"
        f" {figures['mode']} run. Written by `make bench BENCH=redaction`."
    )
    yield from ["", "## Limits", ""]
    yield from _limits(figures["limits"])
    yield from ["", "## How to read it", ""]
    kept = {group: [c for c, g in sources.GROUPS.items() if g == group] for group in GROUPS}
    yield _READ_ME.format(tuning=_listed(kept[TUNING]), apart=_listed(kept[APART]))
    yield from ["", "## Leaks by face height", "", "![](redaction-leaks.svg)", ""]
    yield from _leaks(
        {name: group["leaks"] for name, group in details["groups"].items() if group["frames"]}
    )
    yield from ["", "## Groups", ""]
    yield from _groups(details["groups"])
    yield from ["", "## Clips with faces", "", "Faces of 20 pixels and more.", ""]
    yield from _clips(details["clips"])
    yield from ["", "## Clips without faces", ""]
    yield from _table(
        ["clip", "group", "frames", "masked share", "blanked frames"],
        [
            [name, c["group"], c["frames"], _percent(c["masked share"]), c["blanked"]]
            for name, c in details["clips"].items()
            if c["kind"] == "no faces"
        ],
    )
    yield from ["", "## Beside deface", ""]
    yield from _deface(details["deface"])
    yield from ["", "## Speed on one core", "", "![](redaction-speed.svg)", ""]
    yield from _speed(details["speed"])


def _limits(limits: Mapping[str, Any]) -> Iterator[str]:
    def row(name: str, figure: Mapping[str, Any]) -> list[object]:
        value = f"{figure['value']:.4g}"
        if "low" in figure:
            value += f" ({figure['low']:.4g} to {figure['high']:.4g})"
        wanted = ("at least" if figure["better"] == "higher" else "at most", figure["limit"])
        verdict = "holds" if holds(figure) else "**DOES NOT HOLD**"
        return [name, value, f"{wanted[0]} {wanted[1]:g}", verdict]

    yield from _table(["figure", "measured", "limit", ""], [row(*item) for item in limits.items()])


def holds(figure: Mapping[str, Any]) -> bool:
    """Whether a figure with a limit keeps it."""
    value, limit = float(figure["value"]), float(figure["limit"])
    return value >= limit if figure["better"] == "higher" else value <= limit


def _leaks(summaries: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    heads = [
        "", "face height", "face-frames", "under 50 %", "bound", "under 85 %", "bound",
        "tracks", "exposed", "share", "bound", "longest clear run",
    ]  # fmt: skip
    rows = []
    for name, summary in summaries.items():
        for height in _HEIGHTS:
            c = summary[height]
            if not c["face-frames"]:
                continue
            rows.append(
                [
                    name, height, c["face-frames"],
                    f"{c['under 50 %']} ({_percent(c['under 50 %, share'])})",
                    _percent(c["under 50 %, bound"]),
                    f"{c['under 85 %']} ({_percent(c['under 85 %, share'])})",
                    _percent(c["under 85 %, bound"]),
                    c["tracks"], c["tracks under 85 %"], _percent(c["tracks under 85 %, share"]),
                    _percent(c["tracks under 85 %, bound"]), c["longest clear run, frames"],
                ]
            )  # fmt: skip
    yield from _table(heads, rows)


def _groups(groups: Mapping[str, Any]) -> Iterator[str]:
    heads = [
        "", "frames", "blanked", "masked over true share", "checked by eye: under 85 %",
        "independent hits on faces, in", "out", "all hits, in", "out",
    ]  # fmt: skip
    rows = []
    for name, g in groups.items():
        if not g["frames"]:
            continue
        hits, eye = g["independent hits"], g["checked by eye"]
        rows.append(
            [
                name, g["frames"], g["blanked frames"], g["masked share over true share"],
                f"{eye['under 85 %']} of {eye['faces']}",
                hits["in, on faces"], hits["out, on faces"], hits["in"], hits["out"],
            ]
        )  # fmt: skip
    yield from _table(heads, rows)


def _clips(clips: Mapping[str, Any]) -> Iterator[str]:
    heads = [
        "clip", "group", "frames", "face-frames", "under 85 %", "tracks", "exposed",
        "masked share", "true share", "ratio", "blanked", "hits in", "out",
    ]  # fmt: skip
    rows = []
    for name, c in clips.items():
        if c["kind"] == "no faces":
            continue
        counts = c["20+"]
        ratio = c["masked share"] / c["true share"] if c["true share"] else 0.0
        rows.append(
            [
                name, c["group"], c["frames"], counts["face-frames"], counts["under 85 %"],
                counts["tracks"], counts["tracks under 85 %"], _percent(c["masked share"]),
                _percent(c["true share"]), f"{ratio:.2f}", c["blanked"],
                c["hits in"], c["hits out"],
            ]
        )  # fmt: skip
    yield from _table(heads, rows)


def _deface(figures: Mapping[str, Any]) -> Iterator[str]:
    if "left out" in figures:
        yield f"Left out: {figures['left out']}."
        return
    yield (
        "At its defaults, on the same frames. What its ellipses hold counts as covered, blurred"
        " as it is; Scrim is judged by the pixels of its output."
    )
    yield ""
    sides = {}
    for clip, both in figures["clips"].items():
        sides[f"{clip}: Scrim"] = both["scrim"]
        sides[f"{clip}: deface"] = both["deface"]
    yield from _leaks(sides)
    yield ""
    yield from _table(
        ["", "frames a second"],
        [[size, f"{1 / seconds:.2f}"] for size, seconds in figures["seconds a frame"].items()],
    )


def _speed(speed: Mapping[str, Any]) -> Iterator[str]:
    heads = [
        "clip", "Scrim f/s", "bare f/s", "plain f/s", "over plain", "over bare",
        "bytes, Scrim over plain", "PSNR Scrim", "plain", "SSIM Scrim", "plain",
    ]  # fmt: skip
    rows = []
    for name, f in speed.items():
        quality = f["quality outside the masks"]
        rows.append(
            [
                name, *(f["frames a second"][side] for side in _SIDES),
                f"{f['against plain']['value']:.2f}", f"{f['against bare']['value']:.2f}",
                f"{f['bytes']['scrim'] / f['bytes']['plain']:.2f}",
                f"{quality['scrim']['psnr']:.1f}", f"{quality['plain']['psnr']:.1f}",
                f"{quality['scrim']['ssim']:.4f}", f"{quality['plain']['ssim']:.4f}",
            ]
        )  # fmt: skip
    yield from _table(heads, rows)


def charts(figures: Mapping[str, Any]) -> dict[str, str]:
    """File names and SVG documents."""
    groups = {n: g["leaks"] for n, g in figures["details"]["groups"].items() if g["frames"]}
    places = []
    for height in _HEIGHTS:
        counts = [leaks[height] for leaks in groups.values()]
        values = [c["under 85 %, share"] * 100 if c["face-frames"] else None for c in counts]
        limit = 0.1 if height == "20+" else None
        places.append(Bars(f"{height} pixels", values, limit))
    speed = figures["details"]["speed"]
    faster = [
        Bars(
            name.replace(" ", "\n"),
            [f["against plain"]["value"]],
            figures["limits"][f"speed over plain transcode, {name}"]["limit"],
        )
        for name, f in speed.items()
    ]
    return {
        "redaction-leaks.svg": chart(
            "Face-frames under 85 % covered, by face height", list(groups), places, " %"
        ),
        "redaction-speed.svg": chart(
            "Speed over a plain transcode, one core (red: the limit)", ["Scrim"], faster
        ),
    }


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
