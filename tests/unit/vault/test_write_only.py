"""Invariant 3: a recorder holds public keys only; what it sealed it cannot open."""

from __future__ import annotations

import ast
import gc
import json
import subprocess
import sys
import types
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import scrim
from scrim.errors import PartsTooFew
from scrim.vault import Custodian, CustodianSet, PeriodDocument, PeriodKey, agekeys
from scrim.vault.custodian import new_identity
from scrim.vault.opening import combine, open_part

IDENTITIES = [new_identity() for _ in range(3)]
CUSTODIANS = CustodianSet(
    2, tuple(Custodian(f"office-{at}", one.recipient) for at, one in enumerate(IDENTITIES))
)
SOURCE = Path(scrim.__file__).parent
SECRET_MODULES = {
    "scrim.vault.backup",
    "scrim.vault.openers",
    "scrim.vault.opening",
    "scrim.vault.dealing",
    "scrim.vault.custodian",
    "scrim.vault.demo",
    "scrim.vault.mint",
}


def _everything_secret(document: bytes) -> dict[str, bytes]:
    """All that would open the period, as it could stand in memory."""
    sealed = PeriodDocument.parse(document).parts
    parts = [
        open_part(sealed[f"office-{at}"], one.secret, document) for at, one in enumerate(IDENTITIES)
    ]
    identity = combine(document, parts)
    secret = agekeys.secret_of(identity)
    found = {
        "the secret": secret,
        "the secret in hexadecimal": secret.hex().encode(),
        "the identity": identity.encode(),
        "the identity in small letters": identity.lower().encode(),
    }
    for part in parts:
        for number, piece in part.pieces.items():
            found[f"piece {number}"] = bytes(piece)
            found[f"piece {number} in hexadecimal"] = piece.hex().encode()
    return found


def _open() -> PeriodKey:
    return PeriodKey.open(camera="gate", epoch=1, period=1, opened_us=1, custodians=CUSTODIANS)


# --- the whole memory of a process that has opened a period ---------------------------------

_RECORDER = """
import json, sys
from scrim.vault import CustodianSet, PeriodKey
asked = json.loads(sys.stdin.readline())
planted = bytes.fromhex(asked["planted"])
keys = [
    PeriodKey.open(
        camera="gate", epoch=1, period=at, opened_us=1,
        custodians=CustodianSet.from_document(asked["custodians"]),
    )
    for at in range(2)
]
sealed = [key.seal(b"packets" * 50000) for key in keys]
print(json.dumps([key.document.decode() for key in keys]), flush=True)
sys.stdin.readline()
"""


def _memory(pid: int) -> Iterator[bytes]:
    """Every readable mapping of a process, whole."""
    mapped = Path(f"/proc/{pid}/maps").read_text()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in mapped.splitlines():
            span, access, *rest = line.split()
            if "r" not in access or rest[-1] in {"[vvar]", "[vvar_vclock]", "[vsyscall]"}:
                continue
            start, end = (int(text, 16) for text in span.split("-"))
            memory.seek(start)
            try:
                yield memory.read(end - start)
            except OSError:  # a mapping of a device, or one that has gone
                continue


def _found_in(pid: int, needles: dict[str, bytes]) -> set[str]:
    return {name for block in _memory(pid) for name, needle in needles.items() if needle in block}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; run it on Linux")
def test_invariant_3_memory_of_the_recorder_holds_nothing_that_opens() -> None:
    planted = bytes(range(200, 232))
    asked = {"custodians": CUSTODIANS.document(), "planted": planted.hex()}
    with subprocess.Popen(
        [sys.executable, "-c", _RECORDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as recorder:
        assert recorder.stdin is not None
        assert recorder.stdout is not None
        recorder.stdin.write(json.dumps(asked) + "\n")
        recorder.stdin.flush()
        documents = [text.encode() for text in json.loads(recorder.stdout.readline())]
        try:
            if not _found_in(recorder.pid, {"planted": planted}):
                pytest.fail("what was planted was not found, so this search proves nothing")
            for document in documents:
                needles = _everything_secret(document)
                assert len(needles) == 4 + 2 * 3
                assert _found_in(recorder.pid, needles) == set()
                # The public half is there: the search looks in the right place.
                recipient = {"recipient": PeriodDocument.parse(document).recipient.encode()}
                assert _found_in(recorder.pid, recipient) == {"recipient"}
        except PermissionError:
            pytest.skip("may not read a child's memory; allow ptrace, or run it outside a sandbox")
        finally:
            recorder.stdin.close()


# --- what can be reached from the key ---------------------------------------------------------


def _reachable(root: object) -> list[object]:
    """All objects reachable from ``root``, closures and class attributes too.

    Modules, and the globals of functions, are everybody's and are left out.
    """
    seen: dict[int, object] = {}
    waiting: list[object] = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, types.ModuleType):
            continue
        seen[id(one)] = one
        if isinstance(one, types.FunctionType):
            waiting += [one.__closure__, one.__defaults__, one.__kwdefaults__, one.__code__]
        elif isinstance(one, type):
            waiting += vars(one).values() if one.__module__.startswith("scrim.") else []
        else:
            waiting += gc.get_referents(one)
    return list(seen.values())


def _holders(objects: Iterable[object], needles: dict[str, bytes]) -> set[str]:
    found = set()
    for one in objects:
        if isinstance(one, str):
            data = one.encode("utf-8", "surrogatepass")
        elif isinstance(one, bytes | bytearray | memoryview):
            data = bytes(one)
        else:
            continue
        found |= {name for name, needle in needles.items() if needle in data}
    return found


def test_invariant_3_nothing_reachable_from_a_period_key_opens_it() -> None:
    key = _open()
    key.seal(b"packets")
    reachable = _reachable(key)
    assert any(one is key.document for one in reachable)
    needles = _everything_secret(key.document)
    assert _holders(reachable, needles) == set()
    # The search does find a secret where there is one: in a list, and in a closure.
    secret = needles["the secret"]
    assert _holders(_reachable([key, [secret]]), needles) == {"the secret"}
    assert _holders(_reachable(lambda: secret), needles) == {"the secret"}


def test_invariant_3_a_period_key_has_nothing_but_public_halves() -> None:
    key = _open()
    assert set(PeriodKey.__slots__) == {"document", "document_sha256", "recipient"}
    assert not hasattr(key, "__dict__")
    public = {name for name in dir(key) if not name.startswith("_")}
    assert public == {"document", "document_sha256", "recipient", "open", "seal"}


# --- k-1 custodians -----------------------------------------------------------------------------


def test_invariant_3_fewer_than_k_custodians_do_not_open() -> None:
    key = _open()
    sealed = PeriodDocument.parse(key.document).parts
    for who in combinations(range(3), 1):
        parts = [
            open_part(sealed[f"office-{at}"], IDENTITIES[at].secret, key.document) for at in who
        ]
        with pytest.raises(PartsTooFew):
            combine(key.document, parts)


# --- the modules of the recorder ----------------------------------------------------------------


def test_invariant_3_sealing_does_not_import_opening() -> None:
    program = (
        "import sys, scrim.vault, scrim.vault.period, scrim.vault.chain, scrim.vault.manifest;"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "scrim.vault.period" in loaded
    assert loaded & SECRET_MODULES == set()


def _imported(file: Path) -> Iterator[str]:
    """Every module that a file imports, or may mean by a name it imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", ["record", "redact", "camera", "live", "api", "access"])
def test_invariant_3_recorder_and_server_never_import_what_opens(room: str) -> None:
    files = sorted((SOURCE / room).rglob("*.py"))
    assert files
    offenders: dict[str, Any] = {
        str(file.relative_to(SOURCE)): found
        for file in files
        if (found := set(_imported(file)) & SECRET_MODULES)
    }
    assert offenders == {}
