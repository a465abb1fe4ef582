"""How bad a share may really be: exact upper bounds (Clopper-Pearson), one-sided, 95 %.

The bound is for trials that do not hang together.  Frames of one track do, so a bound
over face-frames says too little; the one over tracks is the one to trust.
"""

from __future__ import annotations

import numpy as np

_STEPS = 60


def upper(hits: int, trials: int, confidence: float = 0.95) -> float:
    """Largest share under which ``hits`` or fewer in ``trials`` still has a chance of 5 %.

    Args:
        hits: 0 to ``trials``.
        trials: 0 or more; none at all bounds nothing, so 1.0.
        confidence: 1 less that chance.

    Raises:
        ValueError: fewer than no hits, or more than trials.
    """
    if not 0 <= hits <= trials:
        raise ValueError("there are between none and all of the trials that are hits")
    if hits == trials:
        return 1.0
    low, high = hits / trials, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _at_most(hits, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(hits: int, trials: int, share: float) -> float:
    """Chance of ``hits`` or fewer in ``trials``, each with the chance ``share``."""
    if share >= 1.0:
        return 0.0
    n = np.arange(1, hits + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log(trials - n + 1) - np.log(n))])
    taken = np.arange(hits + 1)
    logs = ways + taken * np.log(share) if share > 0 else np.where(taken, -np.inf, ways)
    logs = logs + (trials - taken) * np.log1p(-share)
    largest = float(logs.max())
    return float(np.exp(largest) * np.exp(logs - largest).sum())
