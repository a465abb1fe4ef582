"""Invariant 4: nothing here recognises people, and nothing can be plugged in that would."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from scrim.redact.configured import ConfiguredDetector
from scrim.redact.decoders import LAYOUTS, Found
from scrim.redact.detector import Detection
from scrim.redact.recipe import KINDS
from scrim.settings import Detector
from scrim.store.schema import metadata

ROOT = Path(__file__).resolve().parents[2]

# Packages that recognise, compare or judge people. A name that contains one is refused too.
PACKAGES = (
    "arcface",
    "compreface",
    "cosface",
    "deepface",
    "dlib",
    "emotion",
    "face-api",
    "face-recognition",
    "facenet",
    "faceapi",
    "faiss",
    "fastreid",
    "gait",
    "insightface",
    "openface",
    "re-id",
    "reid",
    "retinaface",
    "scrfd",
    "sface",
    "strongsort",
    "deepsort",
    "torchreid",
    "vggface",
    "watchlist",
)

# Words for what describes a body so that it can be found again, or what judges it.
WORDS = (
    "age_group",
    "arcface",
    "biometric",
    "descriptor",
    "embedding",
    "emotion",
    "ethnicity",
    "faceprint",
    "feature_vector",
    "gait",
    "gallery",
    "gender",
    "identity_match",
    "landmarks",
    "person_id",
    "race",
    "reid",
    "same_person",
    "similarity",
    "template",
    "watchlist",
)

# Every text that goes over a wire or into a file somebody else reads.
WIRE_FORMATS = (
    "web/openapi.json",
    "src/scrim/live/wire.py",
    "src/scrim/ledger/entry.py",
    "src/scrim/redact/frames.py",
    "src/scrim/vault/manifest.py",
)


def _words_of(name: str) -> set[str]:
    """A name as it may be cut: ``facePrint_id`` gives face, print, id and their joins."""
    parts = [part.lower() for part in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)]
    joined = {
        sep.join(parts[i:j])
        for sep in ("_", "")
        for i in range(len(parts))
        for j in range(i + 1, len(parts) + 1)
    }
    return joined | {word.removesuffix("s") for word in joined}


def _locked() -> Iterator[tuple[str, str]]:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        for name in re.findall(r"^([a-zA-Z0-9._-]+)==", lock.read_text("utf-8"), re.MULTILINE):
            yield lock.name, name
    page = json.loads((ROOT / "web/package-lock.json").read_text("utf-8"))
    for path in page["packages"]:
        if path:
            yield "package-lock.json", path.rpartition("node_modules/")[2]


def _refused(name: str) -> bool:
    plain = re.sub(r"[-_.]+", "-", name.lower())
    words = plain.replace("/", "-").split("-")
    return any(
        bad in words or (len(bad) > 4 and bad in plain) or f"-{bad}-" in f"-{plain}-"
        for bad in PACKAGES
    )


def test_invariant_4_no_package_recognises_people() -> None:
    locked = list(_locked())
    assert len(locked) > 40
    assert [f"{lock}: {name}" for lock, name in locked if _refused(name)] == []


@pytest.mark.parametrize(
    "name", ["insightface", "face_recognition", "facenet-pytorch", "torchreid", "dlib-bin", "reid"]
)
def test_the_list_of_packages_refuses(name: str) -> None:
    assert _refused(name)


def test_invariant_4_the_schema_has_no_place_for_a_template() -> None:
    names = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if _words_of(f"{table.name}_{column.name}") & set(WORDS)
    ]
    assert len(metadata.sorted_tables) > 5
    assert names == []


@pytest.mark.parametrize("path", WIRE_FORMATS)
def test_invariant_4_no_wire_format_has_a_place_for_a_template(path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    found = {name for name in re.findall(r"[A-Za-z_]\w+", text) if _words_of(name) & set(WORDS)}
    assert found == set()


def test_words_are_found_however_they_are_written() -> None:
    for name in ("face_embedding", "faceEmbeddings", "PersonId", "GALLERY", "reid_vector"):
        assert _words_of(name) & set(WORDS), name
    for name in ("image", "trace", "personal", "storage_key", "period_id"):
        assert not _words_of(name) & set(WORDS), name


def test_invariant_4_a_detector_can_say_where_and_what_kind_and_nothing_else() -> None:
    assert [field.name for field in dataclasses.fields(Detection)] == [
        *("x", "y", "w", "h", "score", "kind")
    ]
    assert [field.name for field in dataclasses.fields(Found)] == ["boxes", "scores"]
    public = {name for name in vars(ConfiguredDetector) if not name.startswith("_")}
    assert public == {"name", "kind", "input_size", "size_for", "detect"}


def test_invariant_4_no_kind_and_no_layout_describes_a_person() -> None:
    kinds = get_args(Detector.model_fields["kind"].annotation)
    assert set(kinds) == set(KINDS) == {"face", "head", "person", "vehicle", "plate"}
    assert [name for name in LAYOUTS if _words_of(name) & set(WORDS)] == []
    roles = {role for layout in LAYOUTS.values() for role in layout.roles}
    assert [role for role in roles if _words_of(role) & set(WORDS)] == []
    assert [name for name in Detector.model_fields if _words_of(name) & set(WORDS)] == []
