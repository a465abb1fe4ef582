"""Freed pictures are kept: the memory of one is there for the next without a page fault."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PAGE_FAULTS = """
import resource
import numpy as np
from scrim.record.memory import keep_freed_memory
keep_freed_memory()
picture = np.empty(8_000_000, np.uint8); picture[:] = 1; del picture
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    picture = np.empty(8_000_000, np.uint8); picture[:] = 1; del picture
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator only")
def test_a_picture_takes_the_memory_of_the_one_before() -> None:
    out = subprocess.run(
        [sys.executable, "-c", _PAGE_FAULTS], capture_output=True, text=True, check=True
    )
    assert int(out.stdout) < 2000, "anew for each it would be some 2,000 pages each"
