"""Trees and proofs held against programs that nobody here wrote."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Protocol

import pytest

SIZES = [1, 2, 3, 5, 8, 13, 31, 32, 33, 64, 100]
BODIES = [b"body %d" % index for index in range(max(SIZES))]


class Tree(Protocol):
    def extend(self, bodies: list[bytes]) -> None: ...
    def root(self, size: int) -> bytes: ...
    def inclusion(self, index: int, size: int) -> list[bytes]: ...
    def consistency(self, old: int, new: int) -> list[bytes]: ...


def rekor_entry(index: int, size: int, body: bytes, proof: list[bytes], root: bytes) -> object:
    """What sigstore's verifier reads of an entry of a log."""
    inclusion = SimpleNamespace(log_index=index, tree_size=size, hashes=proof, root_hash=root)
    return SimpleNamespace(
        _inner=SimpleNamespace(inclusion_proof=inclusion, canonicalized_body=body)
    )


def test_sigstore_accepts_the_inclusion_proofs(stored: Tree) -> None:
    theirs = pytest.importorskip("sigstore._internal.merkle", reason="pip install sigstore")
    errors = pytest.importorskip("sigstore.errors")
    stored.extend(BODIES)
    for size in SIZES:
        root = stored.root(size)
        for index in range(size):
            proof = stored.inclusion(index, size)
            theirs.verify_merkle_inclusion(rekor_entry(index, size, BODIES[index], proof, root))
            with pytest.raises(errors.VerificationError):
                theirs.verify_merkle_inclusion(rekor_entry(index, size, b"other", proof, root))


def test_pymerkle_makes_the_same_trees_and_paths(stored: Tree) -> None:
    pymerkle = pytest.importorskip("pymerkle", reason="pip install pymerkle")
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for body in BODIES:
        other.append_entry(body)
    stored.extend(BODIES)
    for size in SIZES:
        assert other.get_root(size) == stored.root(size)
        for index in range(size):
            path = other.prove_inclusion(index + 1, size).path
            assert set(path[1:]) == set(stored.inclusion(index, size))
