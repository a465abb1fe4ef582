"""The custody record: where each file comes from, and through whose hands.

After ISO/IEC 27037:2012, clause 5.4 (identification, collection, acquisition,
preservation).  Each original stands with the hash of its sealed object and the hash
of what was inside, side by side as the recorder wrote them when it sealed: that
is the link between what lay in the store and what is in the bundle.

All of it but times and tool follows from the request and the manifests, so whoever
checks a bundle makes it again and compares.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from scrim.canonical import Json, canonical
from scrim.evidence import layout
from scrim.evidence.index import Index, Stamp
from scrim.evidence.periods import Original, Papers, asked_for
from scrim.vault.request import Request

FORMAT: Final = "scrim-custody-v1"


def content(files: Mapping[str, Stamp]) -> tuple[str, int]:
    """``(SHA-256, bytes)`` of the pictures in a bundle: originals and viewing copies.

    SHA-256 of the canonical list of ``{path, sha256, size}`` in order of path.
    The ledger's entry of the export carries it, so that it can be written
    before there is a bundle.
    """
    held = {
        path: found
        for path, found in files.items()
        if path.startswith(layout.ORIGINALS) or layout.is_viewing(path)
    }
    return _listed(held), sum(found.size for found in held.values())


def originals_digest(files: Mapping[str, Stamp]) -> str:
    """The same over the originals alone: what a viewing copy says it was made of."""
    return _listed(
        {path: found for path, found in files.items() if path.startswith(layout.ORIGINALS)}
    )


def record(
    request: Request, periods: Iterable[Papers], index: Index, acquired_us: int
) -> dict[str, Json]:
    """The custody record of a bundle.

    Args:
        request: what was asked for.
        periods: the papers of its periods.
        index: of the bundle, whose own files are not looked at but for the
            pictures' sizes.
        acquired_us: when the officer's machine decrypted the originals, UTC microseconds.
    """
    papers = sorted(periods, key=lambda found: found.place)
    found = asked_for(request, papers)
    officer: dict[str, Json] = {"id": request.officer.id, "office": request.officer.office}
    tool: dict[str, Json] = {"name": index.tool[0], "version": index.tool[1]}
    sha256, size = content(index.files)
    return {
        "format": FORMAT,
        "deployment": request.deployment,
        "case": request.case,
        "request_sha256": request.sha256,
        "identification": {
            "by": officer,
            "at_us": request.created_us,
            "authority": request.authority.body(),
            "cameras": list(request.cameras),
            "since_us": request.since_us,
            "until_us": request.until_us,
        },
        "collection": {
            "device_taken": False,
            "periods": [_period(one) for one in papers],
        },
        "acquisition": {
            "by": officer,
            "at_us": acquired_us,
            "tool": tool,
            "files": [_file(one) for one in found if not one.lost],
            "lost": [_lost(one) for one in found if one.lost],
        },
        "preservation": {
            "by": officer,
            "at_us": index.made_us,
            "content_sha256": sha256,
            "content_size": size,
        },
    }


def _listed(files: Mapping[str, Stamp]) -> str:
    lines: list[Json] = [
        {"path": path, "sha256": found.sha256, "size": found.size}
        for path, found in sorted(files.items())
    ]
    return hashlib.sha256(canonical(lines)).hexdigest()


def _period(papers: Papers) -> dict[str, Json]:
    manifest = papers.manifest
    return {
        "camera": manifest.camera,
        "epoch": manifest.epoch,
        "period": manifest.period,
        "opened_us": manifest.opened_us,
        "closed_us": manifest.closed_us,
        "closed_by": manifest.closed_by,
        "document_sha256": manifest.document_sha256,
        "manifest_sha256": manifest.sha256,
    }


def _file(original: Original) -> dict[str, Json]:
    camera, epoch, period = original.place
    return {
        "path": original.path,
        "camera": camera,
        "epoch": epoch,
        "period": period,
        "segment": original.segment,
        "start_us": original.start_us,
        "end_us": original.end_us,
        "sealed_key": original.sealed_key,
        "sealed_size": original.sealed_size,
        "sealed_sha256": original.sealed_sha256,
        "plain_size": original.plain_size,
        "plain_sha256": original.plain_sha256,
    }


def _lost(original: Original) -> dict[str, Json]:
    camera, epoch, period = original.place
    return {
        "camera": camera,
        "epoch": epoch,
        "period": period,
        "segment": original.segment,
        "start_us": original.start_us,
        "end_us": original.end_us,
    }
