from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import pytest

from scrim.errors import LedgerBroken
from scrim.ledger import Checkpoint, SigningKey, VerifierKey, merkle
from scrim.ledger.note import open_note, sign

HERE = Path(__file__).parent


class Tree(Protocol):
    def extend(self, bodies: list[bytes]) -> None: ...
    def root(self, size: int) -> bytes: ...
    def inclusion(self, index: int, size: int) -> list[bytes]: ...
    def consistency(self, old: int, new: int) -> list[bytes]: ...


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return found


RFC6962 = load("rfc6962.json")
NOTE = load("signed-note.json")
GO = load("go-sumdb.json")


@pytest.fixture
def go_tree(stored: Tree) -> Tree:
    stored.extend([f"entry {index}".encode() for index in range(len(GO["roots"]))])
    return stored


def test_the_reference_trees_have_the_published_roots(stored: Tree) -> None:
    stored.extend([bytes.fromhex(leaf) for leaf in RFC6962["leaves"]])
    roots = [stored.root(size).hex() for size in range(len(RFC6962["roots"]))]
    assert roots == RFC6962["roots"]
    assert merkle.leaf_hash(b"L123456").hex() == RFC6962["hashes"]["leaf of L123456"]
    assert merkle.node_hash(b"N123", b"N456").hex() == RFC6962["hashes"]["node of N123 and N456"]


def test_roots_are_those_of_go(go_tree: Tree) -> None:
    assert [go_tree.root(size + 1).hex() for size in range(len(GO["roots"]))] == GO["roots"]


@pytest.mark.parametrize("case", GO["inclusion"], ids=lambda c: f"{c['index']}-of-{c['size']}")
def test_inclusion_proofs_are_those_of_go(go_tree: Tree, case: dict[str, Any]) -> None:
    index, size = case["index"], case["size"]
    assert [part.hex() for part in go_tree.inclusion(index, size)] == case["proof"]
    proof = [bytes.fromhex(part) for part in case["proof"]]
    leaf, root = merkle.leaf_hash(f"entry {index}".encode()), bytes.fromhex(GO["roots"][size - 1])
    merkle.verify_inclusion(index, size, leaf, proof, root)


@pytest.mark.parametrize("case", GO["consistency"], ids=lambda c: f"{c['old']}-{c['new']}")
def test_consistency_proofs_are_those_of_go(go_tree: Tree, case: dict[str, Any]) -> None:
    old, new = case["old"], case["new"]
    assert [part.hex() for part in go_tree.consistency(old, new)] == case["proof"]
    proof = [bytes.fromhex(part) for part in case["proof"]]
    roots = [bytes.fromhex(GO["roots"][size - 1]) for size in (old, new)]
    merkle.verify_consistency(old, new, proof, roots[0], roots[1])


def test_a_checkpoint_is_signed_byte_for_byte_as_go_signs_it(go_tree: Tree) -> None:
    made = GO["checkpoint"]
    key = SigningKey.from_text(made["signing_key"])
    assert key.verifier().to_text() == made["verifier_key"]
    size = len(GO["roots"])
    now = Checkpoint("scrim.example/ledger", size, go_tree.root(size))
    assert now.text() == made["text"]
    assert sign(now.text(), key) == made["note"]
    assert Checkpoint.from_note(made["note"], key.verifier()) == now


def test_go_s_own_note_is_made_and_opened() -> None:
    key = SigningKey.from_text(NOTE["signing_key"])
    peter, enoch = map(VerifierKey.from_text, NOTE["verifier_keys"])
    assert key.verifier() == peter
    assert key.to_text() == NOTE["signing_key"]
    assert [peter.to_text(), enoch.to_text()] == NOTE["verifier_keys"]
    both = NOTE["text"] + "\n" + "".join(NOTE["signatures"])
    assert sign(NOTE["text"], key) == NOTE["text"] + "\n" + NOTE["signatures"][0]
    for known in ([peter], [enoch], [peter, enoch]):
        assert open_note(both, known) == NOTE["text"]


def test_what_go_refuses_is_refused() -> None:
    peter = VerifierKey.from_text(NOTE["verifier_keys"][0])
    text, line = NOTE["text"], NOTE["signatures"][0]
    for key in NOTE["refused_verifier_keys"]:
        with pytest.raises(LedgerBroken):
            VerifierKey.from_text(key)
    for note in [
        text,
        text + "\n",
        text + "\n" + line[:-1],
        "\x01" + text + "\n" + line,
        text + "\n" + line.replace("PeterNeumann", "Bad Name"),
        text + "\n" + line + "Unexpected line.\n",
        text + "\n" + line * 101,
        text + "\n" + line[:60] + "ABCD" + line[60:],
    ]:
        with pytest.raises(LedgerBroken):
            open_note(note, [peter])
    with pytest.raises(LedgerBroken, match="no known key"):
        open_note(text + "\n" + line, [])


def test_every_piece_and_every_changed_character_of_a_key_is_refused() -> None:
    key = NOTE["verifier_keys"][0]
    pieces = {key[i:j] for i in range(len(key)) for j in range(i + 1, len(key) + 1)} - {key}
    changed = {key[:i] + chr(ord(key[i]) + 1) + key[i + 1 :] for i in range(len(key))}
    for text in pieces | changed:
        with pytest.raises(LedgerBroken):
            VerifierKey.from_text(text)
