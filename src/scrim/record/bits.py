"""Single bits of H.264: reading and writing what stands in headers.

Rules kept here:

- Reading past the end raises :class:`BitsEnd`; nothing is ever guessed.
- Only headers are read here, so that a picture's bulk is never gone through in Python.

Source: ITU-T H.264, 7.2 (descriptors), 7.4.1 (emulation prevention), 9.1 (Exp-Golomb).
"""

from __future__ import annotations

_LONGEST_UE = 32  # leading noughts; the largest code there is


class BitsEnd(ValueError):
    """There are no such bits: the data ends before, or a code is impossible."""


class BitReader:
    """Reads a NAL unit's payload, most significant bit first.

    Args:
        unit: the unit after its header byte, as it stands in the stream.
    """

    def __init__(self, unit: bytes) -> None:
        plain = unit.replace(b"\0\0\3", b"\0\0")
        self._value = int.from_bytes(plain, "big")
        self._left = 8 * len(plain)
        # behind the last set bit there is nothing: it is the stop bit
        self._stop = (self._value & -self._value).bit_length() if self._value else 0

    def u(self, count: int) -> int:
        """``count`` bits as a number."""
        if count > self._left:
            raise BitsEnd("the data ends too early")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def flag(self) -> bool:
        """One bit."""
        return bool(self.u(1))

    def ue(self, most: int) -> int:
        """An unsigned Exp-Golomb code, ``most`` at most."""
        noughts = 0
        while not self.u(1):
            noughts += 1
            if noughts > _LONGEST_UE:
                raise BitsEnd("no such code")
        value = (1 << noughts) - 1 + self.u(noughts)
        if value > most:
            raise BitsEnd("a value is out of its limits")
        return value

    def se(self, least: int, most: int) -> int:
        """A signed Exp-Golomb code between ``least`` and ``most``."""
        code = self.ue(2 * max(-least, most))
        value = (code + 1) // 2 if code % 2 else -(code // 2)
        if not least <= value <= most:
            raise BitsEnd("a value is out of its limits")
        return value

    @property
    def more(self) -> bool:
        """Whether there is anything before the stop bit."""
        return self._left > self._stop


class BitWriter:
    """Writes what :class:`BitReader` reads."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def u(self, count: int, value: int) -> None:
        """``count`` bits."""
        self._bits.append(f"{value:0{count}b}")

    def flag(self, value: bool) -> None:
        """One bit."""
        self.u(1, int(value))

    def ue(self, value: int) -> None:
        """An unsigned Exp-Golomb code."""
        length = (value + 1).bit_length()
        self.u(2 * length - 1, value + 1)

    def se(self, value: int) -> None:
        """A signed Exp-Golomb code."""
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def unit(self, header: int) -> bytes:
        """A NAL unit of all bits so far: header byte, stop bit, emulation prevention."""
        text = "".join(self._bits) + "1"
        text += "0" * (-len(text) % 8)
        out, noughts = bytearray([header]), 0
        for byte in int(text, 2).to_bytes(len(text) // 8, "big"):
            if noughts >= 2 and byte <= 3:
                out.append(3)
                noughts = 0
            out.append(byte)
            noughts = 0 if byte else noughts + 1
        return bytes(out)
