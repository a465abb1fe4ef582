"""The promise on real clips: every checked face is covered in the file that comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from scrim.record.offline import redact_file
from scrim.redact import CenterFace, default_model
from scrim.redact.mask import FILL

WITH_FACES = [
    "again.mkv",
    "face-demographics-walking.gif",
    "head-pose-face-detection-female-and-male.gif",
    "head-pose-face-detection-male.gif",
    "yes.mkv",
]


@pytest.fixture(scope="module")
def detector() -> CenterFace:
    if not default_model().exists():
        pytest.skip("needs the face model; `make test` puts it there")
    return CenterFace(default_model(), threads=2)


@pytest.mark.parametrize("clip", WITH_FACES)
def test_checked_faces_are_covered_in_the_output(
    clip: str, clips: Path, detector: CenterFace, tmp_path: Path
) -> None:
    result = redact_file(
        clips / clip, tmp_path / "out.mp4", detector=detector, report=tmp_path / "report.json"
    )
    report: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
    width, height = report["size"]
    checked = json.loads((clips / "faces.json").read_text())[clip]
    checks = {check["frame"]: check["faces"] for check in checked}
    seen = 0
    with av.open(str(tmp_path / "out.mp4")) as container:
        for index, frame in enumerate(container.decode(video=0)):
            seen += 1
            luma = frame.to_ndarray()[: frame.height].astype(int)
            for x, y, w, h in checks.get(index, []):
                flat = np.abs(luma[y : y + h, x : x + w] - FILL[0]) <= 8
                assert flat.mean() >= 0.85, f"frame {index}, face at {x},{y}"
    assert seen == result.frames == len(report["frames"])
    assert max(checks) < seen
    # Covering everything would be no way to win.
    area = sum(m["w"] * m["h"] for frame in report["frames"] for m in frame["masks"])
    assert area / seen < 0.35 * width * height
    assert result.blanked == 0
