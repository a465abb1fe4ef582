"""Re-sharing: k of the old set deal, k' of the new set open, and fewer of both do not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrim.canonical import canonical, digest
from scrim.errors import (
    CustodianInvalid,
    PartInvalid,
    PartsTooFew,
    SealBroken,
    StatementInvalid,
)
from scrim.vault import Custodian, CustodianSet, recipients, sharing
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.deal import Deal, pieces_dealt, sub_commitment
from scrim.vault.dealing import DealtPart, combine_dealt, deal, open_dealt_part
from scrim.vault.openers import KeyOpener
from scrim.vault.opening import combine, open_segment
from scrim.vault.period import PeriodKey
from scrim.vault.reshare import Reshare
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

DEALT_US = 1_800_000_000_000_000


@dataclass(frozen=True)
class NewSet:
    custodians: CustodianSet
    identities: tuple[Identity, ...]


def new_set(n: int = 4, k: int = 3) -> NewSet:
    people = tuple(new_identity() for _ in range(n))
    members = tuple(Custodian(f"new-{at}", one.recipient) for at, one in enumerate(people))
    return NewSet(CustodianSet(k, members), people)


def signer(period: Any, at: int) -> Signer:
    return Signer.of_identity(period.identities[at].secret)


def dealt(period: Any, to: CustodianSet, who: Sequence[int]) -> list[Statement]:
    names = [f"office-{at}" for at in who]
    return [
        deal(period.document, period.part(at), to, names, signer(period, at), DEALT_US)
        for at in who
    ]


def reshared(period: Any, to: CustodianSet, who: Sequence[int] = (0, 2)) -> Reshare:
    return Reshare.gather(period.document, to, dealt(period, to, who))


def opened(reshare: Reshare, identity: Identity) -> DealtPart:
    return open_dealt_part(reshare, KeyOpener(identity.secret))


@st.composite
def shapes(draw: st.DrawFn) -> tuple[int, int, int, int, tuple[int, ...]]:
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    k, j = draw(st.integers(1, n)), draw(st.integers(1, m))
    who = draw(st.permutations(range(n)))[:k]
    return n, k, m, j, tuple(sorted(who))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shapes())
def test_any_k_of_the_new_set_open_what_any_k_of_the_old_dealt(
    make_period: Any, shape: tuple[int, int, int, int, tuple[int, ...]]
) -> None:
    n, k, m, j, who = shape
    period, new = make_period(n, k), new_set(m, j)
    reshare = reshared(period, new.custodians, who)
    parts = [opened(reshare, one) for one in new.identities]
    secret = combine(period.document, [period.part(at) for at in range(k)])
    for some in combinations(parts, j):
        assert combine_dealt(reshare, some) == secret
    for fewer in combinations(parts, j - 1):
        with pytest.raises(PartsTooFew):
            combine_dealt(reshare, fewer)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shapes(), st.data())
def test_invariant_3_fewer_than_k_old_with_fewer_than_k_new_miss_a_random_sub_piece(
    make_period: Any, shape: tuple[int, int, int, int, tuple[int, ...]], data: st.DataObject
) -> None:
    """Everything they hold together leaves every secret as likely as before.

    The old ones miss a piece.  Whoever dealt it is none of them, so of its sub-pieces
    they have what the new ones among them hold, which lacks one.  That one was drawn at
    random or makes up for one that was, so the piece could be anything; and with it the secret.
    """
    n, k, m, j, who = shape
    period, new = make_period(n, k), new_set(m, j)
    reshare = reshared(period, new.custodians, who)
    old_few = data.draw(st.permutations(range(n)))[: k - 1]
    new_few = data.draw(st.permutations(range(m)))[: j - 1]
    pieces = {number for at in old_few for number in period.part(at).pieces}
    missing = set(range(sharing.piece_count(n, k))) - pieces
    assert len(missing) == 1
    (piece,) = missing
    dealer = next(one.dealer for one in reshare.deals if piece in one.commitments)
    assert dealer not in {f"office-{at}" for at in old_few}
    held = {sub for at in new_few for sub in opened(reshare, new.identities[at]).pieces[piece]}
    assert len(set(range(sharing.piece_count(m, j))) - held) == 1


def test_sub_pieces_are_drawn_afresh_for_every_deal(period: Any) -> None:
    new = new_set()
    seen: list[bytes] = []
    for _ in range(2):
        reshare = reshared(period, new.custodians)
        subs = {
            (number, sub): bytes(piece)
            for one in new.identities
            for number, held in opened(reshare, one).pieces.items()
            for sub, piece in held.items()
        }
        assert len(subs) == 3 * sharing.piece_count(4, 3)
        seen += subs.values()
    assert len(set(seen)) == len(seen)


def test_each_piece_is_dealt_once_by_somebody_who_holds_it(make_period: Any) -> None:
    for n, k in [(1, 1), (3, 2), (5, 3), (9, 5)]:
        period = make_period(n, k).parsed
        for who in [range(k), range(n - k, n)]:
            names = [f"office-{at}" for at in who]
            shares = {name: pieces_dealt(period, names, name) for name in names}
            assert sorted(number for share in shares.values() for number in share) == list(
                range(sharing.piece_count(n, k))
            )
            for at, name in zip(who, names, strict=True):
                assert set(shares[name]) <= set(sharing.pieces_held(n, k, at))


def test_segments_open_with_what_the_new_ones_combine(period: Any) -> None:
    new = new_set()
    reshare = Reshare.parse(reshared(period, new.custodians).to_bytes(), period.document)
    identity = combine_dealt(reshare, [opened(reshare, one) for one in new.identities[1:]])
    sealed = PeriodKey(period.document, "", period.parsed.recipient).seal(b"pictures")
    assert open_segment(sealed, identity) == b"pictures"
    assert combine(period.document, [period.part(0), period.part(1)]) == identity  # as before


def test_the_document_holds_nothing_that_opens(period: Any) -> None:
    new = new_set()
    reshare = reshared(period, new.custodians)
    text = reshare.to_bytes()
    for at in range(3):
        for piece in period.part(at).pieces.values():
            assert piece.hex().encode() not in text
            assert bytes(piece) not in text
    for one in new.identities:
        part = opened(reshare, one)
        assert part.plaintext() not in text
        assert next(iter(part.pieces[0].values())).hex() not in repr(part)


# --- attacks ---------------------------------------------------------------------------------


def forged(period: Any, made: Statement, at: int, change: Callable[[Deal], Deal]) -> Statement:
    """A deal changed by its own dealer, who can sign whatever they like."""
    return Statement.sign(change(Deal.of(made)).body(), signer(period, at))


def test_a_dealer_who_deals_another_piece_is_named_when_it_is_opened(period: Any) -> None:
    new = new_set()
    first, second = dealt(period, new.custodians, (0, 2))
    lie = replace(period.part(0), pieces={number: bytes(32) for number in period.part(0).pieces})
    with pytest.raises(PartInvalid, match="office-0"):  # sound software does not deal it
        deal(period.document, lie, new.custodians, ["office-0", "office-2"], signer(period, 0), 1)
    made = Deal.of(first)
    subs = {number: [bytes([number, sub]) * 16 for sub in range(6)] for number in made.commitments}
    parts = {
        one.id: recipients.seal(
            DealtPart(
                made.document_sha256,
                made.custodians_sha256,
                one.id,
                {
                    number: {sub: pieces[sub] for sub in sharing.pieces_held(4, 3, at)}
                    for number, pieces in subs.items()
                },
            ).plaintext(),
            one.recipient,
        )
        for at, one in enumerate(new.custodians.custodians)
    }
    commitments = {
        number: tuple(sub_commitment(piece) for piece in pieces) for number, pieces in subs.items()
    }
    bad = forged(period, first, 0, lambda one: replace(one, commitments=commitments, parts=parts))
    reshare = Reshare.gather(period.document, new.custodians, [bad, second])
    held = [opened(reshare, one) for one in new.identities]  # it agrees with itself
    with pytest.raises(PartInvalid, match="not piece 1 of the period") as caught:
        combine_dealt(reshare, held)
    assert caught.value.custodian == "office-0"


def test_a_part_that_is_not_what_was_committed_to_names_its_dealer(period: Any) -> None:
    new = new_set()
    first, second = dealt(period, new.custodians, (0, 2))
    again = Deal.of(dealt(period, new.custodians, (0, 2))[1])  # another drawing
    bad = forged(period, second, 2, lambda one: replace(one, parts=again.parts))
    reshare = Reshare.gather(period.document, new.custodians, [first, bad])
    with pytest.raises(PartInvalid, match="not the one committed to") as caught:
        opened(reshare, new.identities[0])
    assert caught.value.custodian == "office-2"


def test_parts_swapped_between_new_custodians_do_not_open(period: Any) -> None:
    new = new_set()
    first, second = dealt(period, new.custodians, (0, 2))

    def swap(one: Deal) -> Deal:
        parts = dict(one.parts)
        parts["new-0"], parts["new-1"] = parts["new-1"], parts["new-0"]
        return replace(one, parts=parts)

    reshare = Reshare.gather(
        period.document, new.custodians, [forged(period, first, 0, swap), second]
    )
    with pytest.raises(PartInvalid, match="does not open") as caught:
        opened(reshare, new.identities[0])
    assert caught.value.custodian == "office-0"


def test_a_part_sealed_again_to_another_is_found(period: Any) -> None:
    new = new_set()
    first, second = dealt(period, new.custodians, (0, 2))
    text = KeyOpener(new.identities[1].secret).open(Deal.of(first).parts["new-1"])

    def relabel(one: Deal) -> Deal:
        sealed = recipients.seal(text, new.identities[0].recipient)
        return replace(one, parts={**one.parts, "new-0": sealed})

    reshare = Reshare.gather(
        period.document, new.custodians, [forged(period, first, 0, relabel), second]
    )
    with pytest.raises(PartInvalid, match="it is for custodian new-1"):
        opened(reshare, new.identities[0])


@pytest.mark.parametrize("inside", [b"", b"{}", b"no json", canonical({"format": "x"})])
def test_a_part_that_is_something_else_inside_names_its_dealer(period: Any, inside: bytes) -> None:
    new = new_set()
    first, second = dealt(period, new.custodians, (0, 2))
    junk = recipients.seal(inside, new.identities[0].recipient)
    bad = forged(period, first, 0, lambda one: replace(one, parts={**one.parts, "new-0": junk}))
    reshare = Reshare.gather(period.document, new.custodians, [bad, second])
    with pytest.raises(PartInvalid) as caught:
        opened(reshare, new.identities[0])
    assert caught.value.custodian == "office-0"


def test_a_deal_signed_by_somebody_else_is_refused(period: Any) -> None:
    new = new_set()
    first, second = dealt(period, new.custodians, (0, 2))
    other = Statement.sign(first.body, signer(period, 1))
    with pytest.raises(StatementInvalid, match="not signed by custodian office-0"):
        Reshare.gather(period.document, new.custodians, [other, second])
    with pytest.raises(StatementInvalid, match="not signed by custodian office-0"):
        deal(
            period.document,
            period.part(0),
            new.custodians,
            ["office-0", "office-2"],
            signer(period, 1),
            DEALT_US,
        )


def test_a_deal_changed_by_one_character_is_refused(period: Any) -> None:
    text = dealt(period, new_set().custodians, (0, 2))[0].to_bytes()
    for at in range(0, len(text), 37):
        changed = bytearray(text)
        changed[at] ^= 1
        with pytest.raises(StatementInvalid):
            Deal.of(Statement.parse(bytes(changed)))


def test_a_missing_deal_is_named(period: Any) -> None:
    new = new_set()
    first, second = dealt(period, new.custodians, (0, 2))
    for one, name in ((first, "office-2"), (second, "office-0")):
        with pytest.raises(StatementInvalid, match=f"the deal of {name} is missing"):
            Reshare.gather(period.document, new.custodians, [one])
    with pytest.raises(StatementInvalid, match="nobody has dealt"):
        Reshare.gather(period.document, new.custodians, [])


def test_a_dealer_twice_is_refused(period: Any) -> None:
    new = new_set()
    first, second = dealt(period, new.custodians, (0, 2))
    again = dealt(period, new.custodians, (0, 2))[0]
    with pytest.raises(StatementInvalid, match="office-0 has dealt twice"):
        Reshare.gather(period.document, new.custodians, [first, again, second])


def test_deals_with_other_participants_do_not_mix(period: Any) -> None:
    """Piece 0 would be dealt twice, or piece 2 by nobody."""
    new = new_set()
    first = dealt(period, new.custodians, (0, 1))[0]
    second = dealt(period, new.custodians, (0, 2))[1]
    with pytest.raises(StatementInvalid, match="with other participants"):
        Reshare.gather(period.document, new.custodians, [first, second])


def test_a_deal_of_another_period_or_for_another_set_is_refused(
    make_period: Any, period: Any
) -> None:
    new, other = new_set(), new_set()
    twin = make_period(identities=period.identities, period=6)
    with pytest.raises(StatementInvalid, match="another period"):
        Reshare.gather(period.document, new.custodians, dealt(twin, new.custodians, (0, 2)))
    with pytest.raises(StatementInvalid, match="another set"):
        Reshare.gather(period.document, new.custodians, dealt(period, other.custodians, (0, 2)))
    with pytest.raises(SealBroken, match="not a re-sharing of that period"):
        Reshare.parse(reshared(twin, new.custodians).to_bytes(), period.document)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda one: replace(one, commitments={**one.commitments, 0: ("0" * 64,) * 6}),
            "ascending",
        ),
        (
            lambda one: replace(one, commitments={0: ("0" * 64,) * 6, **one.commitments}),
            "has to deal",
        ),
        (lambda one: replace(one, commitments=dict([*one.commitments.items()][1:])), "pieces"),
        (
            lambda one: replace(one, commitments=dict.fromkeys(one.commitments, ("0" * 64,))),
            "as many sub-pieces",
        ),
        (lambda one: replace(one, parts=dict([*one.parts.items()][1:])), "one part for each"),
        (lambda one: replace(one, parts=dict([*one.parts.items()][::-1])), "in their order"),
        (lambda one: replace(one, participants=("office-0",)), "1 of the 2"),
        (lambda one: replace(one, participants=("office-2", "office-0")), "in their order"),
        (lambda one: replace(one, participants=("office-0", "office-9")), "not custodians"),
        (lambda one: replace(one, dealer="office-1"), "does not take part"),
        (lambda one: replace(one, dealer="Office"), "dealer"),
    ],
)
def test_a_deal_that_is_not_what_it_should_be_is_refused(
    period: Any, change: Callable[[Deal], Deal], says: str
) -> None:
    new = new_set()
    first, second = dealt(period, new.custodians, (0, 2))
    with pytest.raises(StatementInvalid, match=says):
        Reshare.gather(period.document, new.custodians, [forged(period, first, 0, change), second])


def test_who_takes_part_is_k_of_the_old_set(period: Any) -> None:
    new = new_set()
    for names in (["office-0"], ["office-0", "office-1", "office-2"], ["office-0", "court"]):
        with pytest.raises(CustodianInvalid):
            deal(period.document, period.part(0), new.custodians, names, signer(period, 0), 1)
    with pytest.raises(CustodianInvalid, match="does not take part"):
        deal(
            period.document,
            period.part(0),
            new.custodians,
            ["office-1", "office-2"],
            signer(period, 0),
            1,
        )


def test_an_old_document_needs_the_verifier_of_the_ledger(make_period: Any) -> None:
    bare = make_period(signed=False)
    new, names = new_set(), ["office-0", "office-1"]
    with pytest.raises(StatementInvalid, match="with what key office-0 signs"):
        deal(bare.document, bare.part(0), new.custodians, names, signer(bare, 0), 1)
    known = {one.recipient: signer(bare, at).verifier for at, one in enumerate(bare.identities)}
    made = [
        deal(
            bare.document,
            bare.part(at),
            new.custodians,
            names,
            signer(bare, at),
            1,
            known=known[bare.identities[at].recipient],
        )
        for at in (0, 1)
    ]
    reshare = Reshare.gather(bare.document, new.custodians, made, known)
    parts = [opened(reshare, one) for one in new.identities[:3]]
    assert combine_dealt(reshare, parts) == combine(bare.document, [bare.part(0), bare.part(2)])


def test_a_part_of_a_new_custodian_that_was_changed_names_them(period: Any) -> None:
    new = new_set()
    reshare = reshared(period, new.custodians)
    parts = [opened(reshare, one) for one in new.identities]
    wrong = replace(parts[1], pieces={**parts[1].pieces, 1: {**parts[1].pieces[1]}})
    wrong.pieces[1][min(wrong.pieces[1])] = bytes(32)  # type: ignore[index]
    for bad in (
        wrong,
        replace(parts[1], pieces={}),
        replace(parts[1], custodians_sha256="0" * 64),
        replace(parts[1], document_sha256="0" * 64),
        replace(parts[0], custodian="new-1"),
        replace(parts[1], custodian="nobody"),
    ):
        with pytest.raises(PartInvalid) as caught:
            combine_dealt(reshare, [bad, parts[0], parts[2]])
        assert caught.value.custodian == bad.custodian


def test_the_same_new_custodian_twice_counts_once(period: Any) -> None:
    new = new_set()
    reshare = reshared(period, new.custodians)
    one, two = (opened(reshare, identity) for identity in new.identities[:2])
    with pytest.raises(PartsTooFew, match="2 of the 3"):
        combine_dealt(reshare, [one, two, one])


def test_an_identity_of_nobody_in_the_new_set_opens_nothing(period: Any) -> None:
    reshare = reshared(period, new_set().custodians)
    for identity in (new_identity(), period.identities[0]):
        with pytest.raises(CustodianInvalid, match="nobody in the new set"):
            opened(reshare, identity)


def test_a_part_comes_back_from_its_text(period: Any) -> None:
    new = new_set()
    part = opened(reshared(period, new.custodians), new.identities[0])
    assert DealtPart.parse(part.plaintext()) == part
    value = json.loads(part.plaintext())
    wrong: list[dict[str, Any]] = [
        {"01": {}},
        {"0": 7},
        {"0": {"0": "z" * 64}},
        {"0": {"0": "AB" * 32}},
    ]
    for pieces in wrong:
        with pytest.raises(ValueError, match=r"piece"):
            DealtPart.parse(canonical({**value, "pieces": pieces}))


def test_a_set_is_named_by_its_hash(period: Any) -> None:
    new = new_set()
    made = Deal.of(dealt(period, new.custodians, (0, 2))[0])
    assert made.custodians_sha256 == digest(new.custodians.document())


@given(st.binary(max_size=200))
def test_no_input_makes_reading_fail_in_another_way(period: Any, data: bytes) -> None:
    with pytest.raises(SealBroken):
        Reshare.parse(data, period.document)
