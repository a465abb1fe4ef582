"""To how many an age file is sealed, read from its header without opening it.

::

    age-encryption.org/v1
    -> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc     one stanza a recipient
    EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U
    --- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0

Writers may add a stanza that nobody opens, of a type that ends in ``-grease``;
it is left out.  A writer that lies could call a real recipient's stanza that; stock
``age`` would not open it then, so that such a file serves only who changed ``age``.

Format: https://age-encryption.org/v1, "Header" and "Recipient stanza".
"""

from __future__ import annotations

LARGEST_HEADER = 64 * 1024
"""Bytes; a recipient takes about 100."""

_VERSION = b"age-encryption.org/v1\n"
_STANZA = "-> "
_GREASE = "-grease"


def stanza_types(data: bytes) -> tuple[str, ...]:
    """The type of each recipient's stanza, in order, without grease.

    Args:
        data: the beginning of the file, its whole header at least.

    Raises:
        ValueError: not the beginning of an age v1 file.
    """
    end = data.find(b"\n--- ", 0, LARGEST_HEADER)
    if not data.startswith(_VERSION) or end < 0:
        raise ValueError("not the header of an age file")
    try:
        lines = data[len(_VERSION) : end].decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise ValueError("not the header of an age file") from None
    types = [line.split(" ")[1] for line in lines if line.startswith(_STANZA)]
    return tuple(name for name in types if not name.endswith(_GREASE))
