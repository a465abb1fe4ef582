"""Hardware encodes only after it proved itself; what does not is libx264 and a line in the log."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from tests.unit.record.test_encode import redacted

from scrim.record.encode import MaskedEncoder
from scrim.record.encoder_choice import choose_encoder, try_encoders
from scrim.record.hardware import HARDWARE, Opener, Shape, opener
from scrim.settings import Encoding

# Slow enough for a stand-in in software to win against it.
SLOW = Encoding.model_construct(preset="slower", crf=26, encoder="auto")  # type: ignore[arg-type]
SLOWER = "scenecut=0:keyint=infinite:sync-lookahead=0:force-cfr=1:ref=1:bframes=0:me=esa:subme=9"
GOOD = "scenecut=0:keyint=infinite:sync-lookahead=0:force-cfr=1:aq-mode=0:subme=0"


def stand_in(
    params: str = GOOD,
    crf: int = 27,
    *,
    out_of_band: bool = True,
    preset: str = "superfast",
    bf: str = "0",
) -> Opener:
    """An encoder that behaves as one in hardware may."""

    def opened(shape: Shape) -> VideoCodecContext:
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height = shape.width, shape.height
        context.pix_fmt = "nv12"
        context.time_base, context.framerate = shape.time_base, shape.frame_rate
        if out_of_band:
            context.flags |= Flags.global_header
        context.thread_count = 1
        context.options = {
            "preset": preset,
            "crf": str(crf),
            "rc-lookahead": "0",
            "bf": bf,
            "forced-idr": "1",
            "x264-params": params,
        }
        context.open()
        return context

    return opened


def refusal(opener: Opener) -> str:
    trials = try_encoders(SLOW, {"stand-in": opener})
    (trial,) = (trial for trial in trials if trial.name == "stand-in")
    return trial.refused


def chosen_of(opener: Opener, said: list[str]) -> Opener:
    """The stand-in, chosen.

    Which is faster is measured, and on a busy machine once in a while wrongly.
    """
    for _ in range(9):
        chosen = choose_encoder(SLOW, said.append, {"stand-in": opener})
        if chosen is not None:
            return chosen
    raise AssertionError(f"it was never chosen: {said}")


def test_a_good_and_faster_encoder_is_chosen_and_named_in_the_log() -> None:
    said: list[str] = []
    chosen_of(stand_in(), said)
    assert len(said) == 1
    assert said[0].startswith("encoder: stand-in, ")


@pytest.mark.parametrize(
    ("opener", "why"),
    [
        (stand_in("force-cfr=1", bf="2"), "at once"),
        (stand_in(GOOD + ":threads=3:sliced-threads=0"), "at once"),
        (stand_in(GOOD.replace("keyint=infinite", "keyint=4")), "key frames"),
        (stand_in(crf=45), "looks worse"),
        (stand_in(crf=10), "times as large"),
        (stand_in(SLOWER, preset="placebo"), "not faster"),
        (stand_in(out_of_band=False), "parameter sets"),
    ],
    ids=[
        "B frames",
        "frame threads",
        "own key frames",
        "ugly",
        "large",
        "slow",
        "in band",
    ],
)
def test_what_an_encoder_must_not_do_refuses_it(opener: Opener, why: str) -> None:
    assert why in refusal(opener)


def raising(error: Exception) -> Opener:
    def opened(shape: Shape) -> VideoCodecContext:
        raise error

    return opened


@pytest.mark.parametrize(
    "error", [av.error.PermissionError(1, "no device"), RuntimeError("driver")]
)
def test_an_encoder_that_does_not_open_is_left_out(error: Exception) -> None:
    assert "does not open" in refusal(raising(error))
    said: list[str] = []
    assert choose_encoder(SLOW, said.append, {"h264_nvenc": raising(error)}) is None
    assert said == []  # nobody asked for it
    asked = Encoding(encoder="h264_nvenc")
    assert choose_encoder(asked, said.append, {"h264_nvenc": raising(error)}) is None
    assert len(said) == 1
    assert "h264_nvenc is not used" in said[0]


@pytest.mark.parametrize("name", HARDWARE)
def test_the_real_ones_open_or_say_in_one_line_that_they_do_not(name: str) -> None:
    said: list[str] = []
    chosen = choose_encoder(Encoding.model_validate({"encoder": name}), said.append)
    assert len(said) == 1
    assert name in said[0]
    if chosen is None:
        assert "Going on with libx264" in said[0]
    with pytest.raises(KeyError):
        opener("h264_none")


def test_hardware_that_fails_later_leaves_the_stream_to_libx264() -> None:
    first: list[bool] = []
    good = stand_in()

    def opened(shape: Shape) -> VideoCodecContext:
        if first:
            raise av.error.ExternalError(1, "too many streams")
        return good(shape)

    said: list[str] = []
    chosen = chosen_of(opened, said)
    first.append(True)
    encoder = MaskedEncoder(320, 192, Fraction(25), origin_us=1_000_000, hardware=chosen)
    assert len(encoder.encode(redacted(0), key=True)) == 1
    assert said[1:] == ["the encoder stand-in does not open (ExternalError); libx264 instead"]


def kinds(data: bytes) -> set[int]:
    return {u[0] & 31 for u in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]}


def test_whatever_hardware_writes_beside_slices_is_thrown_away() -> None:
    talkative = stand_in(GOOD + ":aud=1:nal-hrd=vbr:vbv-maxrate=2000:vbv-bufsize=2000")
    raw = talkative(Shape(320, 192, Fraction(25), Fraction(1, 90_000), None, 26, None))
    picture = redacted(0).picture.reformat(format="nv12")
    picture.pts = 0
    assert kinds(bytes(raw.encode(picture)[0])) >= {5, 6, 9}  # what is to be thrown away
    encoder = MaskedEncoder(320, 192, Fraction(25), origin_us=1_000_000, hardware=talkative)
    for index in range(6):
        (packet,) = encoder.encode(redacted(index), key=index % 3 == 0)
        assert packet.is_keyframe == (index % 3 == 0)
        assert (packet.pts, packet.dts) == (index * 3600, index * 3600)
        assert kinds(bytes(packet)) == {5 if packet.is_keyframe else 1}
    assert encoder.codec_string.startswith("avc1.")
