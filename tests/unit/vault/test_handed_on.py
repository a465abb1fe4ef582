"""Parts of a re-shared period on their way to an officer, and what must not pass for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyrage
import pytest
from tests.sim.case_world import World
from tests.sim.handing_on import hand_on

from scrim.errors import CaseRefused, PartInvalid
from scrim.vault import Custodian, CustodianSet
from scrim.vault.answer import Answer, SealedPart
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.deal import Deal
from scrim.vault.dealing import DealtPart
from scrim.vault.handover import approve, held_by
from scrim.vault.opening import combine, open_part
from scrim.vault.receiving import OpenedPeriod, open_periods, receive_dealt_part
from scrim.vault.request import Request
from scrim.vault.reshare import Reshare
from scrim.vault.statement import Statement


@dataclass
class Handed:
    """Two periods of 2 of 3, handed on to ``office-2`` and two new ones, 2 of 3 again."""

    world: World
    new: dict[str, Identity]
    reshares: dict[str, tuple[Reshare, ...]]

    @property
    def request(self) -> Request:
        return self.world.request()

    def yes(self, name: str, **changes: object) -> Statement:
        asked = self.request
        identity = self.new.get(name) or self.world.custodians[int(name[-1])]
        given: dict[str, object] = {
            "request": asked,
            "documents": self.world.documents,
            "custodian": name,
            "opener": identity.opener(),
            "signer": identity.signer,
            "now_us": asked.created_us + 1,
            "reshares": self.reshares,
        }
        return approve(**{**given, **changes})  # type: ignore[arg-type]

    def open(self, *answers: Statement) -> list[OpenedPeriod]:
        return list(
            open_periods(
                self.request,
                answers,
                self.world.documents,
                self.world.once.secret,
                self.reshares,
            )
        )

    def secret(self, at: int) -> str:
        document = self.world.periods[at].document
        parts = self.world.periods[at].parsed.parts
        return combine(
            document,
            [
                open_part(parts[f"office-{n}"], self.world.custodians[n].secret, document)
                for n in (0, 1)
            ],
        )


@pytest.fixture
def handed() -> Handed:
    world = World()
    world.record("gate", 1, range(2))
    world.record("gate", 2, range(2, 4))
    new = {"new-1": new_identity(), "new-2": new_identity()}
    members = [("office-2", world.custodians[2]), *new.items()]
    chosen = CustodianSet(
        2, tuple(Custodian(name, one.recipient, one.verifier) for name, one in members)
    )
    old = {f"office-{n}": world.custodians[n] for n in (0, 1)}
    reshares: dict[str, tuple[Reshare, ...]] = {
        period.ref.document_sha256: (hand_on(period.document, old, chosen),)
        for period in world.periods
    }
    return Handed(world, new, reshares)


def changed(statement: Statement, signer: Identity, parts: Sequence[SealedPart]) -> Statement:
    answer = replace(Answer.of(statement), parts=tuple(parts))
    return Statement.sign(answer.body(), signer.signer)


def faults(opened: Sequence[OpenedPeriod]) -> str:
    return " ".join(fault for one in opened for fault in one.faults)


def test_k_of_the_old_or_k_of_the_new_open_the_same(handed: Handed) -> None:
    wanted = [handed.secret(0), handed.secret(1)]
    for who in (("office-0", "office-1"), ("new-1", "new-2"), ("office-2", "new-1")):
        opened = handed.open(*map(handed.yes, who))
        assert [one.identity for one in opened] == wanted, who
    assert [
        one.identity for one in handed.open(handed.yes("office-2"), handed.yes("office-0"))
    ] == (wanted), "who is in both sets brings a part of each"


def test_an_old_part_and_a_new_one_are_not_put_together(handed: Handed) -> None:
    opened = handed.open(handed.yes("office-0"), handed.yes("new-1"))
    assert [one.identity for one in opened] == [None, None]


def test_who_is_in_both_hands_over_both(handed: Handed) -> None:
    parts = Answer.of(handed.yes("office-2")).parts
    assert [bool(part.reshare_sha256) for part in parts] == [False, True, False, True]
    recipient = handed.new["new-1"].recipient
    assert held_by(recipient, handed.request, handed.world.documents) is None
    found = held_by(recipient, handed.request, handed.world.documents, handed.reshares)
    assert found == "new-1"


def test_a_dealt_part_of_another_period_is_named(handed: Handed) -> None:
    answer = handed.yes("new-1")
    first, second = Answer.of(answer).parts
    swapped = changed(
        answer,
        handed.new["new-1"],
        [replace(first, sealed=second.sealed), replace(second, sealed=first.sealed)],
    )
    opened = handed.open(swapped, handed.yes("new-2"))
    assert [one.identity for one in opened] == [None, None]
    assert "custodian new-1 is not usable: it was made for another period" in faults(opened)


@pytest.mark.parametrize("as_own", [True, False])
def test_a_part_under_the_other_label_is_named(handed: Handed, as_own: bool) -> None:
    """A dealt part as an own one, and the other way round, of who is in both sets."""
    answer = handed.yes("office-2")
    own, dealt, *rest = Answer.of(answer).parts
    kept = replace(own, sealed=dealt.sealed) if as_own else replace(dealt, sealed=own.sealed)
    moved = changed(answer, handed.world.custodians[2], [kept, *rest])
    opened = handed.open(moved, handed.yes("office-0" if as_own else "new-1"))
    assert opened[0].identity is None
    assert opened[1].identity is not None
    assert "custodian office-2 is not usable" in faults(opened[:1])


def test_a_part_of_a_re_sharing_that_nobody_knows_counts_for_nothing(handed: Handed) -> None:
    answer = handed.yes("new-1")
    first, second = Answer.of(answer).parts
    unknown = changed(
        answer, handed.new["new-1"], [replace(first, reshare_sha256="e" * 64), second]
    )
    opened = handed.open(unknown, handed.yes("new-2"))
    assert [one.identity is None for one in opened] == [True, False]


def test_a_changed_sub_piece_and_another_name_are_named(handed: Handed) -> None:
    world, name = handed.world, "new-1"
    reshare = handed.reshares[world.periods[0].ref.document_sha256][0]
    part = Answer.of(handed.yes(name)).parts[0]
    opener = pyrage.x25519.Identity.from_str(world.once.secret)
    dealt = DealtPart.parse(pyrage.decrypt(part.sealed, [opener]))
    number, subs = next(iter(dealt.pieces.items()))
    sub, piece = next(iter(subs.items()))
    other = bytes(byte ^ 1 for byte in piece)
    for wrong, said in (
        (
            replace(dealt, pieces={**dealt.pieces, number: {**subs, sub: other}}),
            "is not the one committed to",
        ),
        (replace(dealt, custodian="new-2"), "of custodian new-2"),
        (replace(dealt, custodians_sha256="e" * 64), "another set"),
    ):
        to = pyrage.x25519.Recipient.from_str(world.once.recipient)
        sealed = bytes(pyrage.encrypt(wrong.plaintext(), [to]))
        with pytest.raises(PartInvalid, match=said) as found:
            receive_dealt_part(sealed, world.once.secret, reshare, name)
        assert found.value.custodian == name
    with pytest.raises(PartInvalid, match="damaged"):
        receive_dealt_part(part.sealed[:-1], world.once.secret, reshare, name)


def test_a_signature_with_another_key_is_named(handed: Handed) -> None:
    answer = handed.yes("new-1")
    forged = changed(answer, handed.world.custodians[0], Answer.of(answer).parts)
    opened = handed.open(forged, handed.yes("new-2"))
    assert [one.identity for one in opened] == [None, None]
    assert "not signed with this custodian's key" in faults(opened)


def test_it_is_not_sealed_to_a_new_custodian(handed: Handed) -> None:
    asked = handed.world.request(recipient=handed.new["new-2"].recipient)
    with pytest.raises(CaseRefused):
        handed.yes("new-1", request=asked)


def test_the_deals_say_who_handed_it_on(handed: Handed) -> None:
    (reshare,) = handed.reshares[handed.world.periods[0].ref.document_sha256]
    assert [Deal.of(one).dealer for one in reshare.statements] == ["office-0", "office-1"]
