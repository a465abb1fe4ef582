"""An officer is certified in the ledger first; the authority is made once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scrim.errors import LedgerUnavailable
from scrim.evidence.authority import ANCHOR_FILE, KEY_FILE, read_anchor, read_chain, verifier_in
from scrim.evidence.issuing import issue
from scrim.fleet import Deployment
from scrim.ledger import Entry, holds
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer

OFFICER = ("officer-7", Signer.of_identity(new_identity().secret).verifier, bytes(16))


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment.create(tmp_path / "data")


def issued(deployment: Deployment) -> bytes:
    here = deployment
    return issue(here.ledger, here.clock, here.folder.keys, here.settings.ledger.origin, OFFICER)


def entries(deployment: Deployment) -> list[Entry]:
    return [Entry.parse(body) for _, body in deployment.ledger.entries(0, 100)]


def test_an_officer_is_certified(deployment: Deployment) -> None:
    first, second = issued(deployment), issued(deployment)
    anchor = read_anchor((deployment.folder.keys / ANCHOR_FILE).read_bytes())
    for chain in (first, second):
        assert verifier_in(read_chain(chain), anchor) == OFFICER[1]
    said = entries(deployment)
    assert [entry.facts["change"] for entry in said] == [
        "evidence-authority",
        "officer-certified",
        "officer-certified",
    ]
    assert holds(str(said[1].facts["person"]), OFFICER[0], OFFICER[2])
    assert OFFICER[0] not in json.dumps([entry.body().decode() for entry in said])
    deployment.close()


def test_no_entry_no_certificate(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(entry: Entry) -> None:
        raise LedgerUnavailable("The ledger cannot be written.", "")

    monkeypatch.setattr(deployment.ledger, "append", refuse)
    with pytest.raises(LedgerUnavailable):
        issued(deployment)
    assert not (deployment.folder.keys / KEY_FILE).exists()
    deployment.close()
