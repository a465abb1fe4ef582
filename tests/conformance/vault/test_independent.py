"""A second reading of the format: stock ``age`` and the standard library, no Scrim.

What opens here opens in twenty years without this project.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from tests.sim.soft_token import install

from scrim.vault import Custodian, CustodianSet, PeriodDocument, PeriodKey
from scrim.vault.custodian import new_identity, write_identity
from scrim.vault.opening import combine, open_part

pytestmark = pytest.mark.skipif(
    shutil.which("age") is None, reason="age is not installed: apt install age, or brew install age"
)

VECTOR: dict[str, Any] = json.loads((Path(__file__).parent / "period.json").read_text())
TWO: dict[str, Any] = json.loads((Path(__file__).parent / "period-2.json").read_text())


def _age(identity: Path, sealed: bytes) -> bytes:
    done = subprocess.run(
        ["age", "-d", "-i", str(identity)], input=sealed, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def _bech32(prefix: str, data: bytes) -> str:
    """BIP 173, written from its text."""
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    words = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    check = 1
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    for word in [*expanded, *words, 0, 0, 0, 0, 0, 0]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ word
        for at, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            check ^= generator if top >> at & 1 else 0
    tail = [(check ^ 1) >> 5 * (5 - at) & 31 for at in range(6)]
    return prefix + "1" + "".join(letters[word] for word in words + tail)


def _recombine(document: dict[str, Any], identities: dict[str, str], folder: Path) -> str:
    n, k = len(document["custodians"]), document["k"]
    subsets = list(combinations(range(n), k - 1))
    pieces: dict[int, bytes] = {}
    for at, member in enumerate(document["custodians"]):
        if member["id"] not in identities:
            continue
        file = folder / f"{member['id']}.txt"
        file.write_text(identities[member["id"]] + "\n")
        part = json.loads(_age(file, base64.b64decode(member["part"])))
        assert part["camera"] == document["camera"]
        assert set(part["pieces"]) == {
            str(number) for number, subset in enumerate(subsets) if at not in subset
        }
        for number, text in part["pieces"].items():
            piece = bytes.fromhex(text)
            commitment = hashlib.sha256(b"scrim/piece/v1\n" + piece).hexdigest()
            assert commitment == document["commitments"][int(number)]
            pieces[int(number)] = piece
    assert len(pieces) == len(subsets)
    secret = reduce(lambda a, b: bytes(x ^ y for x, y in zip(a, b, strict=True)), pieces.values())
    return _bech32("age-secret-key-", secret).upper()


@pytest.mark.parametrize("who", list(combinations(VECTOR["custodians"], 2)), ids=" and ".join)
def test_two_custodians_open_the_vector_without_scrim(who: tuple[str, ...], tmp_path: Path) -> None:
    document = json.loads(VECTOR["document"])
    assert hashlib.sha256(VECTOR["document"].encode()).hexdigest() == VECTOR["document_sha256"]
    identity = _recombine(document, {name: VECTOR["custodians"][name] for name in who}, tmp_path)
    assert identity == VECTOR["identity"]
    file = tmp_path / "period.txt"
    file.write_text(identity + "\n")
    plain = _age(file, base64.b64decode(VECTOR["segment"]))
    assert hashlib.sha256(plain).hexdigest() == VECTOR["segment_plain_sha256"]


@pytest.mark.parametrize("who", list(combinations(TWO["custodians"], 2)), ids=" and ".join)
def test_version_2_opens_without_scrim_with_a_token_too(
    who: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", install(tmp_path))
    document = json.loads(TWO["document"])
    assert hashlib.sha256(TWO["document"].encode()).hexdigest() == TWO["document_sha256"]
    held = {name: TWO["custodians"][name]["identity"] for name in who}
    assert _recombine(document, held, tmp_path) == TWO["identity"]


def test_fingerprints_of_version_2_are_those_of_the_page() -> None:
    for member in json.loads(TWO["document"])["custodians"]:
        text = "scrim/custodian/v1\n" + member["recipient"]
        if member["verifier"]:
            text = f"scrim/card/v1\n{member['recipient']}/{member['verifier']}"
        h = hashlib.sha256(text.encode()).digest()
        groups = [int.from_bytes(h[5 * i : 5 * i + 5], "big") % 100_000 for i in range(6)]
        assert member["fingerprint"] == " ".join(f"{group:05d}" for group in groups)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (3, 1), (3, 3), (4, 3)])
def test_a_segment_sealed_now_opens_without_scrim(n: int, k: int, tmp_path: Path) -> None:
    made = {f"office-{at}": new_identity() for at in range(n)}
    members = tuple(Custodian(name, identity.recipient) for name, identity in made.items())
    key = PeriodKey.open(
        camera="gate", epoch=1, period=1, opened_us=1, custodians=CustodianSet(k, members)
    )
    sealed = key.seal(b"packets" * 50_000)
    secrets = {name: identity.secret for name, identity in list(made.items())[-k:]}
    file = tmp_path / "period.txt"
    file.write_text(_recombine(json.loads(key.document), secrets, tmp_path) + "\n")
    assert _age(file, sealed) == b"packets" * 50_000


def test_stock_age_opens_with_the_identity_that_scrim_recombines(tmp_path: Path) -> None:
    made = [new_identity() for _ in range(3)]
    members = tuple(Custodian(f"c{at}", one.recipient) for at, one in enumerate(made))
    key = PeriodKey.open(
        camera="gate", epoch=1, period=1, opened_us=1, custodians=CustodianSet(2, members)
    )
    sealed = PeriodDocument.parse(key.document).parts
    parts = [open_part(sealed[f"c{at}"], made[at].secret, key.document) for at in (0, 2)]
    file = tmp_path / "period.txt"
    file.write_text(combine(key.document, parts) + "\n")
    assert _age(file, key.seal(b"packets")) == b"packets"


def test_age_keygen_reads_our_identity_file(tmp_path: Path) -> None:
    made = new_identity()
    file = tmp_path / "court.txt"
    write_identity(file, made)
    done = subprocess.run(
        ["age-keygen", "-y", str(file)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == made.recipient


@pytest.mark.skipif(
    shutil.which("setsid") is None, reason="setsid is not installed: apt install util-linux"
)
def test_age_opens_with_our_passphrase_sealed_file(tmp_path: Path) -> None:
    made = new_identity()
    file = tmp_path / "court.txt"
    words = "ladder onion velvet harbour"
    write_identity(file, made, passphrase=words)
    sealed = tmp_path / "sealed.age"
    sealed.write_bytes(
        subprocess.run(
            ["age", "-r", made.recipient], input=b"for the court", capture_output=True, check=True
        ).stdout
    )
    opened = tmp_path / "opened"
    # age asks on the terminal only, so it gets one of its own.
    ours, theirs = os.openpty()
    command = ["setsid", "-c", "age", "-d", "-i", str(file), "-o", str(opened), str(sealed)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as age:
        os.close(theirs)
        asked = b""
        while b"passphrase" not in asked.lower():
            asked += os.read(ours, 1024)
        os.write(ours, words.encode() + b"\n")
        code = age.wait(timeout=300)
    os.close(ours)
    assert code == 0
    assert opened.read_bytes() == b"for the court"
