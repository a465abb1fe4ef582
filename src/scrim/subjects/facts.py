"""The facts of a request, by the names of :mod:`scrim.norms.fact_table`; none names anybody."""

from __future__ import annotations

from collections.abc import Collection

from scrim.subjects.file import RequestFile
from scrim.subjects.states import State


def of_request(file: RequestFile, *, held: bool, letters: Collection[str]) -> dict[str, object]:
    """Every fact of the group ``request``.

    A request that was withdrawn counts as answered: nobody waits for anything.

    Args:
        file: the request.
        held: what it asks for is under a hold.
        letters: kinds of letters that were made for it.
    """
    partly = file.answer == "partly"
    refused = file.answer == "refused"
    return {
        "kind": file.kind,
        "received": file.received_us,
        "due": file.due_us,
        "acknowledged": file.acknowledged_us is not None,
        "held": held or not file.is_open,
        "answered": not file.is_open and not partly,
        "partly_answered": partly,
        "answer": file.answer,
        "answered_at": file.ended_us if file.state is not State.WITHDRAWN else None,
        "extended": file.extended_us is not None,
        "extension_told": file.extended_us is not None,
        "reasons_given": (partly or refused) and "refusal" in letters,
        "registered": partly or refused,
        "others_masked": file.others_masked,
    }
