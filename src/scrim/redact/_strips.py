"""How a picture is cut into strips, so that what a network makes of one stays near the processor.

A convolution sees beyond the edge of its cell.  So a strip is taken with some lines of its
neighbours, and what is computed for these, from an edge that is none, is thrown away.  At
the picture's own edges a strip ends where the picture does, and is padded like all of it.
"""

from __future__ import annotations

from typing import NamedTuple

PIXELS = 210_000
"""Of a strip at least, without its neighbours' lines: large enough that these cost little,
small enough for the caches (``docs/adr/0164``)."""


class Reach(NamedTuple):
    """What a stack of layers sees, in lines of the picture.

    Attributes:
        stride: of its coarsest output.  Strips begin at multiples of it, or strided
            convolutions would fall between the lines they fall on in the whole picture.
        above: lines seen over the first of a strip; a multiple of ``stride``.
        below: lines seen under its last; a multiple of ``stride``.
    """

    stride: int
    above: int
    below: int


class Strip(NamedTuple):
    """Lines of a picture, each as half-open numbers from its top.

    Attributes:
        begin: the first that is computed here.
        end: after the last.
        top: the first that has to be known for it.
        bottom: after the last.
    """

    begin: int
    end: int
    top: int
    bottom: int

    def there(self, stride: int) -> slice:
        """Its rows of an output of that stride, in the whole."""
        return slice(self.begin // stride, self.end // stride)

    def here(self, stride: int) -> slice:
        """The same rows in what is computed of ``top`` to ``bottom``."""
        return slice((self.begin - self.top) // stride, (self.end - self.top) // stride)


def strips(width: int, height: int, reach: Reach, pixels: int = PIXELS) -> list[Strip]:
    """A picture's strips from top to bottom, about equally high; one where two would be small.

    Args:
        width: of the picture.
        height: of the picture, a multiple of ``reach.stride``.
        reach: what is seen from a strip.
        pixels: of a strip at least, about.
    """
    count = max(1, width * height // pixels)
    lines = -(-height // (count * reach.stride)) * reach.stride
    return [
        Strip(
            begin,
            min(begin + lines, height),
            max(0, begin - reach.above),
            min(begin + lines + reach.below, height),
        )
        for begin in range(0, height, lines)
    ]
