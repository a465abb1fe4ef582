"""Changes of how a deployment works that may take two people, and how each is made.

Knows tables, the ledger and whoever asks; no picture, no process, no web.
"""

from scrim.changes.changes import (
    ACCESS_POLICIES,
    APPLY_PACK,
    CAMERA_GROUP,
    CAMERA_PLACED,
    CAMERA_POLICY,
    CAMERA_SOUND,
    CUSTODIANS,
    REMOVE_PACK,
    RETENTION,
    SITE_CHANGED,
    Changes,
)

__all__ = [
    "ACCESS_POLICIES",
    "APPLY_PACK",
    "CAMERA_GROUP",
    "CAMERA_PLACED",
    "CAMERA_POLICY",
    "CAMERA_SOUND",
    "CUSTODIANS",
    "REMOVE_PACK",
    "RETENTION",
    "SITE_CHANGED",
    "Changes",
]
