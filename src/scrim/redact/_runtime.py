"""ONNX Runtime with its telemetry off and one arena: the only place that imports it.

Since 1.29 the official Linux builds report sessions and models to their maker, and
keep a database of events in the user's home until they can (``docs/adr/0025``).
A process that holds clear frames talks to nobody, so that is switched off before
the library is loaded; afterwards would be too late.

A session has an arena of its own, and keeps there the most it ever needed.  Sessions that
never run at the same time share the one that is registered here, if they ask for it
(``session.use_env_allocators``): what one gave back, the next takes (``docs/adr/0164``).
"""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

onnxruntime.create_and_register_allocator(
    onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    ),
    onnxruntime.OrtArenaCfg({"arena_extend_strategy": 0}),  # by powers of two; 1 fragments
)

__all__ = ["onnxruntime"]
