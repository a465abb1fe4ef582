from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import generate_mnemonics

from scrim.errors import BackupInvalid, CustodianInvalid
from scrim.vault import backup
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.signing import new_seed

COURT = new_identity()
SHARES = backup.split(COURT, 5, 3)


def _named(*words: str) -> dict[str, str]:
    return {f"share {at}": text for at, text in enumerate(words, 1)}


@pytest.mark.parametrize(("shares", "needed"), [(1, 1), (2, 2), (3, 2), (5, 3), (16, 9)])
def test_any_that_are_needed_bring_the_identity_back(shares: int, needed: int) -> None:
    made = backup.split(COURT, shares, needed)
    assert len(made) == shares
    assert all(len(words.split()) == backup.WORDS for words in made)
    for chosen in list(combinations(made, needed))[:10]:
        assert backup.join(_named(*chosen)) == COURT
    assert backup.join(_named(*made)) == COURT
    assert backup.needed_with({"one": made[0]}) == needed


def test_the_signing_key_comes_back_with_it() -> None:
    assert backup.join(_named(*SHARES[1:4])).card == COURT.card


# Of SLIP-0039's own vectors: one share, 256 bits, passphrase "TREZOR".
_SLIP_39 = (
    "theory painting academic academic armed sweater year military elder discuss acne wildlife "
    "boring employer fused large satoshi bundle carbon diagnose anatomy hamster leaves tracks "
    "paces beyond phantom capital marvel lips brave detect luck"
)


def test_a_vector_of_the_standard() -> None:
    secret = "989baf9dcaad5b10ca33dfd8cc75e42477025dce88ae83e75a230086a0e00e92"
    made = backup.join({"the share": _SLIP_39}, "TREZOR")
    assert made == Identity(*_pair(bytes.fromhex(secret)))


def _pair(secret: bytes) -> tuple[str, str]:
    from scrim.vault import agekeys

    return agekeys.recipient_of(secret), agekeys.identity_text(secret)


def test_a_passphrase_is_needed_and_another_makes_another_identity() -> None:
    made = backup.split(COURT, 3, 2, "correct horse")
    assert backup.join(_named(*made[:2]), "correct horse") == COURT
    assert backup.join(_named(*made[:2]), "correct house") != COURT
    assert backup.join(_named(*made[:2])) != COURT
    for typed in ("Grüße", "a\nb", "\x00"):
        with pytest.raises(BackupInvalid, match="not every keyboard"):
            backup.split(COURT, 3, 2, typed)
        with pytest.raises(BackupInvalid, match="not every keyboard"):
            backup.join(_named(*made[:2]), typed)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_say_how_many_are_missing(count: int) -> None:
    with pytest.raises(BackupInvalid, match="needed are here") as caught:
        backup.join(_named(*SHARES[:count]))
    if count:
        assert f"{count} of the 3" in caught.value.message
        assert f"{3 - count} more" in caught.value.remedy


@settings(max_examples=40)
@given(st.data())
def test_a_wrong_word_names_the_share(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, backup.WORDS - 1))
    wrong = SHARES[1].split()
    word = data.draw(st.sampled_from(sorted({*SHARES[0].split(), "xylophone"})))
    if word == wrong[at]:
        return
    wrong[at] = word
    with pytest.raises(BackupInvalid, match="share 2") as caught:
        backup.join(_named(SHARES[0], " ".join(wrong), SHARES[2]))
    assert not any(" ".join(wrong[at : at + 2]) in str(caught.value) for at in range(32))
    assert ("not in the list" in caught.value.message) == (word == "xylophone")


def test_swapped_words_and_words_left_out_are_found() -> None:
    words = SHARES[0].split()
    at = next(at for at in range(5, 32) if words[at] != words[at + 1])  # a share may repeat one
    swapped = [*words[:at], words[at + 1], words[at], *words[at + 2 :]]
    with pytest.raises(BackupInvalid, match=r"share 1.*checksum"):
        backup.join(_named(" ".join(swapped), *SHARES[1:3]))
    for cut in (words[:-1], [*words, "academic"], []):
        with pytest.raises(BackupInvalid, match=f"share 1 has {len(cut)} words"):
            backup.join(_named(" ".join(cut), *SHARES[1:3]))


def test_shares_of_two_backups_are_told_apart() -> None:
    other = backup.split(COURT, 5, 3)
    while other[0].split()[:2] == SHARES[0].split()[:2]:  # two backups are told apart by 15 bits
        other = backup.split(COURT, 5, 3)
    with pytest.raises(BackupInvalid, match=r"share 2 and share 1, share 3 .*different backups"):
        backup.join(_named(SHARES[0], other[1], SHARES[2]))


def test_the_same_share_twice_is_named() -> None:
    with pytest.raises(BackupInvalid, match="share 1 and share 3 are the same"):
        backup.join(_named(SHARES[0], SHARES[1], SHARES[0]))


def _forged() -> str:
    """A share with sound words and the right beginning, but of no such secret."""
    import dataclasses

    from shamir_mnemonic import Share

    share = Share.from_mnemonic(SHARES[1])
    return str(dataclasses.replace(share, value=bytes(32)).mnemonic())


def test_a_made_up_share_is_never_used_silently() -> None:
    with pytest.raises(BackupInvalid, match="do not make one secret"):
        backup.join(_named(SHARES[0], _forged(), SHARES[2]))
    assert backup.join(_named(SHARES[0], _forged(), SHARES[2], SHARES[3])) == COURT


@pytest.mark.parametrize(
    "groups",
    [{"groups": [(1, 1), (1, 1)], "size": 32}, {"groups": [(1, 1)], "size": 16}],
    ids=["of groups", "of another secret"],
)
def test_a_share_of_something_else_is_refused(groups: dict[str, Any]) -> None:
    share = generate_mnemonics(1, groups["groups"], b"\x07" * groups["size"])[0][0]
    with pytest.raises(BackupInvalid, match=r"something else|has 20 words"):
        backup.join({"that": share})


def test_writing_and_case_do_not_matter() -> None:
    typed = [words.upper().replace(" ", "\n  ") for words in SHARES[:3]]
    assert backup.join(_named(*typed)) == COURT


@pytest.mark.parametrize(("shares", "needed"), [(0, 0), (3, 0), (3, 4), (17, 2), (3, 1), (-1, -1)])
def test_numbers_that_are_not_possible_are_refused(shares: int, needed: int) -> None:
    with pytest.raises(BackupInvalid):
        backup.split(COURT, shares, needed)


def test_a_token_cannot_be_written_down() -> None:
    token = Identity("age1tag1x", "AGE-PLUGIN-X-1", new_seed())
    with pytest.raises(CustodianInvalid, match="hardware token"):
        backup.split(token, 3, 2)


@given(st.text())
def test_any_text_is_refused_cleanly(text: str) -> None:
    with pytest.raises(BackupInvalid):
        backup.join({"that": text})
