"""What the API says and hears of cases; the papers themselves are of docs/ref/formats/case.md."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from scrim.api.models import CameraId, CaseId, Micros, Model

Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
StateName = Literal["drafted", "requested", "approved", "open", "closed", "expired", "refused"]


class AskedBefore(Model):
    """A question that norms want answered before a release, and the rule that asks."""

    id: str
    asks: str
    asked_by: str


class Offer(Model):
    """A purpose that originals of some cameras may be opened for."""

    purpose: str
    title: str
    questions: list[AskedBefore]


class Offers(Model):
    """What a request for some cameras may be for, how long its interval and its case may be."""

    offers: list[Offer]
    longest_hours: int
    longest_days: int


class DraftAuthority(Model):
    """Under what somebody asks; no hash only where an emergency comes before its paper."""

    kind: Literal["warrant", "statute", "consent", "emergency"]
    reference: Annotated[str, Field(min_length=1, max_length=200)]
    document_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class DraftRequest(Model):
    """What an officer asks for; the server adds what only it knows."""

    kind: Literal["recorded", "live"]
    purpose: Name
    authority: DraftAuthority
    cameras: Annotated[list[CameraId], Field(min_length=1, max_length=100)]
    since_us: Micros
    until_us: Micros
    reason: Annotated[str, Field(min_length=10, max_length=2000)]
    recipient: Annotated[str, Field(min_length=1, max_length=200)]
    expires_us: Micros
    answers: Annotated[
        dict[Name, Annotated[str, Field(min_length=1, max_length=2000)]], Field(max_length=50)
    ] = Field(default_factory=dict)


class Drafted(Model):
    """A case that was drafted: ``body`` is what the officer signs, letter by letter."""

    case: CaseId
    state: StateName
    body: dict[str, Any]


class CaseSummary(Model):
    """A case in a list; ``rule`` and ``reason`` say why it was refused or closed."""

    case: CaseId
    state: StateName
    kind: Literal["recorded", "live"]
    officer: Name
    purpose: str
    cameras: list[str]
    since_us: int
    until_us: int
    drafted_us: int
    requested_us: int | None
    decided_us: int | None
    opened_us: int | None
    ended_us: int | None
    expires_us: int
    request_sha256: str | None
    rule: str | None
    reason: str | None


class GivenAnswer(Model):
    """A custodian's answer, without their parts."""

    custodian: Name
    verifier: str
    decision: Literal["approved", "refused"]
    reason: str
    sha256: str
    decided_us: int
    kept_us: int


class Instead(Model):
    """Custodians of whom ``k`` will do in place of others, since periods were handed on to them."""

    k: int
    custodians: list[str]


class Asked(Model):
    """Custodians of whom ``k`` must agree, and to how many periods (none of a live case)."""

    k: int
    custodians: list[str]
    periods: int
    instead: list[Instead]


class Case(CaseSummary):
    """A case: as it is signed, what was answered, and where its entries stand in the ledger."""

    body: dict[str, Any]
    request: dict[str, Any] | None
    asked: list[Asked]
    answers: list[GivenAnswer]
    entries: list[int]
    erased_us: int | None


class CloseRequest(Model):
    """Why a case ends."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class ViewingRequest(Model):
    """A look at originals; it is in the ledger before the answer names any."""

    act: Literal["view", "export", "disclose"]
    cameras: Annotated[list[CameraId], Field(min_length=1, max_length=100)]
    since_us: Micros
    until_us: Micros


class SealedSegment(Model):
    """A sealed original of a viewing; ``lost``: the recorder never stored it."""

    camera: str
    epoch: int
    period: int
    segment: int
    start_us: int
    end_us: int
    size: int
    sha256: str
    lost: bool


class Viewing(Model):
    """A look at originals, already in the ledger, and what it may fetch."""

    viewing: str
    segments: list[SealedSegment]


class ExportRequest(Model):
    """Something leaves the officer's machine: what, to whom (or a commitment), for whom, why."""

    kind: Name
    sha256: Sha256
    size: Annotated[int, Field(ge=0, le=2**53 - 1)]
    recipient: Annotated[str, Field(min_length=1, max_length=500)]
    organisation: Annotated[str, Field(min_length=1, max_length=500)]
    why: Annotated[str, Field(min_length=1, max_length=500)]


class Exported(Model):
    """Where the export stands in the ledger."""

    entry: int
