"""The tables, for SQLite and PostgreSQL alike.

All times are UTC microseconds (see :mod:`scrim.clock`).  The database holds no
picture, no key that opens anything, and nothing that recognises anybody; the
ledger's own tables (``entry``, ``node``) hold no personal data at all.

One module for each of the rooms whose tables they are.
"""

from __future__ import annotations

from scrim.store.schema._base import metadata
from scrim.store.schema.cases import (
    case_answer,
    case_entry,
    case_export,
    case_file,
    custodian_set,
    hold,
    live_opening,
    reshare,
    viewing,
)
from scrim.store.schema.duties import (
    breach,
    breach_told,
    camera_change,
    filing,
    norm_mark,
    norm_outcome,
    threshold,
)
from scrim.store.schema.fleet import setting_said
from scrim.store.schema.ledger import checkpoint, entry, node
from scrim.store.schema.papers import gate, pack_applied, pack_kept, pack_trouble, paper, site
from scrim.store.schema.people import (
    access_policy,
    machine_token,
    passkey,
    person_role,
    person_scope,
    proposal,
    register,
    session,
    sign_in_link,
    view,
)
from scrim.store.schema.recording import (
    PARTS_LEFT,
    REST_LEFT,
    SEGMENT_ERASED,
    camera,
    face_count,
    gap,
    period,
    segment,
)
from scrim.store.schema.retention import erased, retention_limit, retention_state, unscrubbed
from scrim.store.schema.subjects import refusal, subject_letter, subject_person, subject_request

__all__ = [
    "PARTS_LEFT",
    "REST_LEFT",
    "SEGMENT_ERASED",
    "access_policy",
    "breach",
    "breach_told",
    "camera",
    "camera_change",
    "case_answer",
    "case_entry",
    "case_export",
    "case_file",
    "checkpoint",
    "custodian_set",
    "entry",
    "erased",
    "face_count",
    "filing",
    "gap",
    "gate",
    "hold",
    "live_opening",
    "machine_token",
    "metadata",
    "node",
    "norm_mark",
    "norm_outcome",
    "pack_applied",
    "pack_kept",
    "pack_trouble",
    "paper",
    "passkey",
    "period",
    "person_role",
    "person_scope",
    "proposal",
    "refusal",
    "register",
    "reshare",
    "retention_limit",
    "retention_state",
    "segment",
    "session",
    "setting_said",
    "sign_in_link",
    "site",
    "subject_letter",
    "subject_person",
    "subject_request",
    "threshold",
    "unscrubbed",
    "view",
    "viewing",
]
