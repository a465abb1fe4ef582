"""A custodian's secret on paper: words, in shares, some of which are enough.

::

    32 secret bytes ── SLIP-39 ──► 33 words, 33 words, 33 words   any 2 of 3
                                       │            │
    identity, compared with its card ◄─┴────────────┘

Rules:

1. The secret is an age X25519 secret; the signing key follows from it, so the
   paper holds all.  A hardware token gives nothing out to be written down.
2. Fewer shares than needed tell nothing (Shamir's secret sharing).
3. A share that was copied wrongly is named: each has a checksum of its own
   that finds any three wrong words.  One of another backup is named too.
4. A wrong passphrase makes another identity, not an error: that is SLIP-39's
   design.  So what comes back is compared with the card, on the shares or by
   the person.

Source: SLIP-0039, "Shamir's secret-sharing for mnemonic codes", SatoshiLabs;
``shamir-mnemonic`` is its reference implementation (ADR 0102).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, islice
from typing import Final

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import mnemonic_to_indices

from scrim.errors import BackupInvalid, CustodianInvalid
from scrim.vault import agekeys
from scrim.vault.custodian import Identity

MOST_SHARES: Final = 16
WORDS: Final = 33
"""In a share of 32 bytes."""

_MOST_TRIES: Final = 2000
"""Of ways to choose those needed among more; all ways, unless most of 14 or more are given."""


def split(identity: Identity, shares: int, needed: int, passphrase: str = "") -> tuple[str, ...]:
    """The words of each share, 33 with single spaces between.

    Args:
        identity: whose secret.
        shares: how many, 1 to 16.
        needed: how many of them bring the secret back; 1 only of 1.
        passphrase: needed on top, in printable ASCII; empty for none.

    Raises:
        CustodianInvalid: the secret is inside a token.
        BackupInvalid: these numbers, or this passphrase, are not possible.
    """
    if identity.is_token:
        raise CustodianInvalid(
            "The secret is inside a hardware token, which does not give it out to be written down.",
            "Register a second custodian's token or identity of your office instead, "
            "and copy the identity file: the signing key in it is in no token.",
        )
    if not 1 <= needed <= shares <= MOST_SHARES:
        raise BackupInvalid(
            f"{needed} of {shares} shares is not possible.",
            f"Take 1 to {MOST_SHARES} shares, and no more needed than there are.",
        )
    if needed == 1 and shares > 1:
        raise BackupInvalid(
            "Shares any one of which is enough are copies, not shares.",
            "Let at least 2 be needed, or make one share and copy it.",
        )
    secret = agekeys.secret_of(identity.secret)
    (made,) = generate_mnemonics(1, [(needed, shares)], secret, _bytes(passphrase))
    return tuple(made)


def join(shares: Mapping[str, str], passphrase: str = "") -> Identity:
    """The identity that :func:`split` took apart.

    Args:
        shares: what to call each share (a file's name, "share 2"), and its words.
        passphrase: the backup's.

    Raises:
        BackupInvalid: names the share that is wrong, of another backup, or too
            many; or says how many are missing.
    """
    read = _read(shares)
    needed = next(iter(read.values())).member_threshold if read else 1
    if len(read) < needed:
        missing = needed - len(read)
        raise BackupInvalid(
            f"{len(read)} of the {needed} shares needed are here.",
            f"Give {missing} more of the same backup.",
        )
    for chosen in islice(combinations(read.values(), needed), _MOST_TRIES):
        secret = _secret(chosen, _bytes(passphrase))
        if secret is not None:
            text = agekeys.identity_text(secret)
            return Identity(agekeys.recipient_of(secret), text)
    raise BackupInvalid(
        "The shares do not make one secret, though the words of each are sound.",
        "One of them is of another backup, or was made up; try it with other shares.",
    )


def needed_with(shares: Mapping[str, str]) -> int:
    """How many shares are needed, by those that are here so far.

    Raises:
        BackupInvalid: one is no share, of another backup, or here twice.
    """
    return next((share.member_threshold for share in _read(shares).values()), 1)


def _read(shares: Mapping[str, str]) -> dict[str, Share]:
    read = {name: _share(name, words) for name, words in shares.items()}
    _same_backup(read)
    _each_once(read)
    return read


def _share(name: str, words: str) -> Share:
    listed = words.lower().split()
    if len(listed) != WORDS:
        raise BackupInvalid(
            f"{name} has {len(listed)} words; a share has {WORDS}.",
            "Copy it again, word by word, with spaces between.",
        )
    try:
        share = Share.from_mnemonic(" ".join(listed))
    except MnemonicError:  # its message begins to repeat the words
        unknown = _unknown(listed)
        raise BackupInvalid(
            f"{name} is not a share as it was written: {unknown}.",
            "Compare it with the paper, word by word.",
        ) from None
    if share.group_count != 1 or len(share.value) != agekeys.KEY_BYTES:
        raise BackupInvalid(
            f"{name} is a share of something else, not of a custodian's secret.",
            "Give the shares that `scrim custodian backup` wrote.",
        )
    return share


def _unknown(listed: Sequence[str]) -> str:
    for at, word in enumerate(listed, 1):
        try:
            list(mnemonic_to_indices(word))
        except MnemonicError:
            return f"word {at} is not in the list"
    return "its checksum does not hold, so a word is wrong or stands in another place"


def _same_backup(read: Mapping[str, Share]) -> None:
    kinds: dict[object, list[str]] = {}
    for name, share in read.items():
        kinds.setdefault(share.group_parameters(), []).append(name)
    if len(kinds) > 1:
        fewest = min(kinds.values(), key=len)
        others = next(names for names in kinds.values() if names is not fewest)
        raise BackupInvalid(
            f"{', '.join(fewest)} and {', '.join(others)} are of different backups.",
            "The first two words of all shares of one backup are the same.",
        )


def _each_once(read: Mapping[str, Share]) -> None:
    seen: dict[int, str] = {}
    for name, share in read.items():
        if share.index in seen:
            raise BackupInvalid(
                f"{seen[share.index]} and {name} are the same share.",
                "Give each share once; two different ones are needed.",
            )
        seen[share.index] = name


def _secret(chosen: Sequence[Share], passphrase: bytes) -> bytes | None:
    try:
        return bytes(combine_mnemonics([share.mnemonic() for share in chosen], passphrase))
    except MnemonicError:
        return None


def _bytes(passphrase: str) -> bytes:
    if not (passphrase.isascii() and passphrase.isprintable()):
        raise BackupInvalid(
            "The passphrase of a paper backup has letters that not every keyboard has.",
            "Take letters without accents, digits, spaces and the usual signs.",
        )
    return passphrase.encode()
