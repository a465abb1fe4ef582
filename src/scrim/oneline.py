"""Words that people give and others read, in lists, letters and on terminals.

A line of such words has no control characters, no line ends, and nothing that turns the
direction of the words around it: who reads a list sees what stands there.
"""

from __future__ import annotations

import re
from typing import Final

_NONE_OF: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def is_one_line(text: str, longest: int) -> bool:
    """Whether it is that, of up to ``longest`` letters; it may be empty."""
    return len(text) <= longest and _NONE_OF.search(text) is None
