"""The network in 8 bits finds what it finds in float32."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec

import pytest

from scrim.record.engine_pictures import calibration_pictures, check_pictures
from scrim.redact import default_model
from scrim.redact.centerface import blob_of
from scrim.redact.choice import try_engines
from scrim.redact.engine import Kind, build
from scrim.redact.model import read_model
from scrim.redact.quantise import quantised

pytestmark = pytest.mark.skipif(
    find_spec("onnx") is None, reason="needs the extra accel: pip install -e .[accel]"
)


def test_no_face_is_lost_and_none_is_scored_lower() -> None:
    model = read_model(default_model())
    rounded = quantised(model, [blob_of(picture) for picture in calibration_pictures()])
    assert len(rounded) < len(model) / 3
    makers = {
        kind: partial(build, kind, model, quantised=rounded)
        for kind in (Kind.ONNXRUNTIME, Kind.INT8)
    }
    trials = try_engines(
        makers, list(check_pictures()), model=default_model(), threshold=0.2, seconds=0.01
    )
    eight = next(trial for trial in trials if trial.kind is Kind.INT8)
    assert eight.refused == ""
    assert eight.agreement is not None
    assert (eight.agreement.lost, eight.agreement.boxes >= 50) == (0, True)
    assert eight.agreement.score < 0.02  # where the three first layers are rounded, too: 0.07
