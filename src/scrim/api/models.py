"""What the API says and hears: the document the console's client is made from.

Times are UTC microseconds, intervals are half open: ``since_us <= t < until_us``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from scrim.access.views import Mode, Reason
from scrim.policy import Cover, Style

Micros = Annotated[int, Field(ge=0, le=2**53 - 1)]
CameraId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
CaseId = Annotated[str, Field(pattern=r"^case-[a-z2-7]{8}$")]
Verifier = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^scrimsig1[a-z0-9]+$")]


class Model(BaseModel):
    """Exactly its fields, and none of them changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Problem(Model):
    """RFC 9457: what went wrong, and what to do about it; ``rule`` is the one that refused it."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    rule: str | None = None


class SignInRequest(Model):
    """The token of a one-time link."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


class NonceRequest(Model):
    """Who wants to sign in with a key: its public half."""

    verifier: Verifier


class Nonce(Model):
    """What to sign: good once, for two minutes, for that verifier."""

    nonce: str


class KeySignInRequest(Model):
    """The signature over host and nonce: base64 of 64 bytes."""

    verifier: Verifier
    nonce: Annotated[str, Field(min_length=1, max_length=200)]
    signature: Annotated[str, Field(min_length=88, max_length=88)]


RoleName = Literal["operator", "officer", "custodian", "privacy-officer", "auditor", "engineer"]


class SessionState(Model):
    """Whether this browser is signed in, until when, as what, as whom and how.

    ``way`` is ``link``, ``key``, ``passkey``, ``oidc`` or ``token``.
    """

    signed_in: bool
    expires_us: int | None
    role: RoleName | None = None
    roles: list[RoleName] = []
    person: str | None = None
    way: str | None = None


class Proposal(Model):
    """A change that waits for a second person."""

    id: str
    kind: str
    change: dict[str, Any]
    reason: str
    proposer: str
    proposed_us: int
    expires_us: int


class SignInWays(Model):
    """Which ways of signing in there are for a browser."""

    passkey: bool
    oidc: bool


class Credential(Model):
    """What a browser's ``navigator.credentials`` answered, as its ``toJSON`` has it."""

    credential: dict[str, Any]


class PasskeyOptions(Model):
    """What ``navigator.credentials`` is asked for (``publicKey``, in JSON)."""

    options: dict[str, Any]


class Passkey(Model):
    """A passkey of whoever is signed in; its id is a hash of the credential's."""

    id: str
    added_us: int
    used_us: int | None


class Custodians(Model):
    """How many custodians there are (n), and how many must agree (k)."""

    k: int
    n: int


class LedgerState(Model):
    """The tree now, and when a checkpoint of it was last signed."""

    size: int
    root: str
    checkpoint_us: int | None


class System(Model):
    """The deployment."""

    version: str
    demo_custodians: bool
    custodians: Custodians | None
    ledger: LedgerState
    time_us: int


class CameraStatus(Model):
    """How a camera is; ``offline`` when its recorder has been silent for five seconds.

    It is ``withheld`` when it may not record before its papers are on record.

    ``rung`` says how far masking is from ``normal``, each showing less than the one before
    it, and ``rung_reason`` why; it is null while no picture comes.
    ``live_opening_until_us`` is until when new originals are sealed to a case officer as
    well, approved in advance; it is null while they are not.
    ``sound`` says that sound is recorded, into the sealed originals alone.
    """

    state: Literal["starting", "masked", "clear", "blanked", "offline", "withheld"]
    reason: str
    frames_per_second: float
    latency_ms: int
    dropped: int
    width: int
    height: int
    sealed_until_us: int | None
    masked_until_us: int | None
    rung: Literal["normal", "sparse", "wide", "figures", "whole"] | None
    rung_reason: str
    live_opening_until_us: int | None
    sound: bool
    at_us: int | None


class Zone(Model):
    """A part of the picture that is always covered: corners as fractions of width and height."""

    name: str
    points: list[tuple[float, float]]


class CameraPolicy(Model):
    """What is covered in a camera's picture, where always, and how masks look."""

    cover: list[Cover]
    style: Style
    zones: list[Zone]


class Ruled(Model):
    """A paper that a rule asks for, and what is the matter with it.

    ``unverified`` says that the rule was not read at its source; ``ends_us`` is when the
    paper, or the time without it, ends or ended.
    """

    pack: str
    rule: str
    citation: str
    sentence: str
    unverified: bool
    paper: str
    filing: str | None
    why: Literal[
        "missing",
        "expired",
        "revoked",
        "undecided",
        "forbidden-place",
        "place-unsaid",
        "expires",
        "grace",
    ]
    ends_us: int | None


class NormRule(Model):
    """A rule that was asked at the last check, and how many subjects it has by outcome.

    ``unverified`` says that the rule was not read at its source; it is null with the
    sentence where the pack has no such rule any more.
    """

    pack: str
    rule: str
    scope: str
    sentence: str | None
    citation: str | None
    unverified: bool | None
    severity: Literal["breach", "warning", "note"] | None
    remedy: str | None
    met: int
    due: int
    breached: int
    not_applicable: int


class NormOutcome(Model):
    """What came of a rule for a subject.

    ``facts`` are those that were read when it became so, ``why`` says why it cannot be
    decided, and ``until_us`` is null while it is so.
    """

    pack: str
    rule: str
    scope: Literal["deployment", "site", "camera", "request", "filing", "breach"]
    subject: str
    status: Literal["met", "due", "breached", "not-applicable"]
    due_us: int | None
    why: str
    facts: dict[str, bool | int | str | list[str] | None]
    since_us: int
    until_us: int | None


class Norms(Model):
    """What is so by the norm packs in force; ``trouble`` says why a folder of packs is not taken.

    ``not_advice`` is to stand wherever any of it is shown.
    """

    not_advice: str
    checked_us: int | None
    trouble: str | None
    rules: list[NormRule]
    outcomes: list[NormOutcome]


class CameraNorm(Model):
    """A rule that is not met for a camera; ``unverified``: it was not read at its source."""

    rule: str
    status: Literal["due", "breached"]
    due_us: int | None
    unverified: bool
    citation: str
    sentence: str


class Camera(Model):
    """A camera and how it is; ``warnings`` are what one should know about its policy.

    It does not record while ``waits`` is not empty; ``expiring`` is what ends soon.
    """

    id: str
    name: str
    kind: str
    policy: CameraPolicy
    warnings: list[str]
    site: str
    purpose: str | None
    waits: list[Ruled]
    expiring: list[Ruled]
    norms: list[CameraNorm]
    status: CameraStatus


class Span(Model):
    """An unbroken stretch of masked recording."""

    since_us: int
    until_us: int


class Gap(Model):
    """A stretch that is not recorded, and why; ``until_us`` is null while it lasts."""

    since_us: int
    until_us: int | None
    cause: str
    detail: str
    side: Literal["both", "sealed", "masked"]


class Timeline(Model):
    """What is recorded in an interval, what is not, and what was and is erased by now."""

    spans: list[Span]
    gaps: list[Gap]
    erased: list[Span]


class ViewRequest(Model):
    """What somebody wants to watch, and why; an interval for recorded, none for live.

    A custodian watches for ``case-review`` only, and says for which case.
    """

    camera: CameraId
    mode: Mode
    reason: Reason
    since_us: Micros | None = None
    until_us: Micros | None = None
    case: CaseId | None = None


class View(Model):
    """A permission to watch, already in the ledger."""

    id: str
    playlist: str
    camera: str
    mode: Mode
    since_us: int | None
    until_us: int | None


class LedgerEntry(Model):
    """One entry of the ledger."""

    index: int
    body: dict[str, Any]


class LedgerPage(Model):
    """Some entries, and how many there are in all."""

    size: int
    entries: list[LedgerEntry]


class Consistency(Model):
    """That a tree is the beginning of another: RFC 6962 hashes in hexadecimal."""

    old: int
    new: int
    hashes: list[str]


class Proof(Model):
    """That an entry is in the tree: RFC 6962 hashes in hexadecimal, leaf upwards."""

    index: int
    size: int
    leaf: str
    hashes: list[str]
    root: str
