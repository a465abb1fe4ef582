"""The policy as redaction sees it; it is kept in :mod:`scrim.policy`, where servers may read it."""

from scrim.policy import Cover, Policy, Style, Zone

__all__ = ["Cover", "Policy", "Style", "Zone"]
