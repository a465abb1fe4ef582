"""What the API says and hears of requests of people filmed, holds, filings, breaches, exports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scrim.api.models import CameraId, CaseId, Micros, Model

RequestId = Annotated[str, Field(pattern=r"^req-[a-z0-9]{8}$")]
Words = Annotated[str, Field(min_length=1, max_length=4000)]
MaybeWords = Annotated[str, Field(max_length=4000)]
Cameras = Annotated[list[CameraId], Field(min_length=1, max_length=50)]


class PlaceFound(Model):
    """Where a human being found the person on the masked timeline."""

    camera: CameraId
    since_us: Micros
    until_us: Micros


class SubjectTerm(Model):
    """Until when, by which rule; ``counted`` says how the days were counted."""

    pack: str
    rule: str
    due_us: int
    longer_us: int | None
    counted: str


class SubjectRequest(Model):
    """A request of somebody filmed; nobody's name is in it."""

    request: RequestId
    kind: str
    state: str
    cameras: list[str]
    since_us: int
    until_us: int
    received_us: int
    due_us: int
    rule: str
    terms: list[SubjectTerm]
    extended: bool
    late: bool
    places: list[PlaceFound]
    case: str | None
    acknowledged_us: int | None
    answer: str | None
    ended_us: int | None
    keep_until_us: int | None
    erased_us: int | None


class Asker(Model):
    """Who asked, and what they look for, in words."""

    contact: str
    description: str


class FootageThere(Model):
    """What is there of one camera; ``entries`` are the ledger's of what was erased."""

    camera: str
    kept: list[tuple[int, int]]
    erased: list[tuple[int, int]]
    entries: list[int]
    gaps: list[str]


class SubjectRequestOpened(SubjectRequest):
    """A request with who asked; ``person`` is null once that is erased."""

    person: Asker | None
    footage: list[FootageThere]


class NewSubjectRequest(Model):
    """What is asked for, and by whom; ``received_us`` is when it came, now without."""

    kind: Literal["access", "erasure", "objection"] = "access"
    cameras: Cameras
    since_us: Micros
    until_us: Micros
    contact: Words
    description: Words
    language: Literal["en", "zh-Hant", "zh-Hans"] = "en"
    received_us: Micros | None = None


class Identify(Model):
    """It is known who asks, and how that was seen."""

    step: Literal["identify"]
    note: Words


class Locate(Model):
    """Where the person was found."""

    step: Literal["locate"]
    places: Annotated[list[PlaceFound], Field(min_length=1, max_length=200)]
    note: MaybeWords = ""


class Disclose(Model):
    """The case through which the film goes out."""

    step: Literal["disclose"]
    case: CaseId


class Extend(Model):
    """It takes the longer time that the rules allow."""

    step: Literal["extend"]
    reason: Words


class AnswerIt(Model):
    """What was given, and of the rest why not."""

    step: Literal["answer"]
    given: Literal["given", "partly", "nothing-held", "already-erased"]
    reply: Words
    ground: MaybeWords = ""
    reasons: MaybeWords = ""


class Refuse(Model):
    """Refused, with reasons, into the register."""

    step: Literal["refuse"]
    ground: Words
    reasons: Words


class Withdraw(Model):
    """The person asks no more."""

    step: Literal["withdraw"]


Step = Annotated[
    Identify | Locate | Disclose | Extend | AnswerIt | Refuse | Withdraw,
    Field(discriminator="step"),
]


class RefusalLine(Model):
    """A line of the register of refusals."""

    request: str
    kind: str
    ground: str
    reasons: str
    partial: bool
    refused_us: int
    keep_until_us: int


class NewHold(Model):
    """An interval of some cameras that the sweep leaves, why, and when somebody looks again."""

    cameras: Cameras
    since_us: Micros
    until_us: Micros
    reason: Words
    review_us: Micros


class HoldReviewed(Model):
    """A hold is still needed, why, and when somebody looks again."""

    reason: Words
    review_us: Micros


class HoldLifted(Model):
    """Why a hold is lifted."""

    reason: Words


class HoldInForce(Model):
    """A hold; ``case`` or ``request`` is what placed it where no person did."""

    hold: int
    camera: str
    since_us: int
    until_us: int
    reason: str
    words: str | None
    case: str | None
    request: str | None
    placed_us: int
    review_us: int | None
    review_due: bool


class FilingLine(Model):
    """A filing and its clock; its draft is not in it."""

    id: str
    kind: str
    change: bool
    state: str
    pack: str
    rule: str
    camera: str | None
    required_us: int
    due_us: int
    counted: str
    document_sha256: str | None
    drafted_us: int | None
    filed_us: int | None
    acknowledged_us: int | None
    overdue_us: int | None
    reference: str | None


class ToldLine(Model):
    """Who was told of a breach, and when."""

    whom: str
    told_us: int
    entry: int


class BreachLine(Model):
    """A breach of personal data and its clock; what happened, in words, is not in it."""

    breach: str
    state: str
    known_us: int
    due_us: int
    rule: str
    cameras: list[str]
    since_us: int | None
    until_us: int | None
    risk: str | None
    people: int | None
    overdue_us: int | None
    closed_us: int | None
    told: list[ToldLine]


class ExportLine(Model):
    """A line of the register of disclosures; a private person's name is a commitment."""

    case: str
    officer: str
    kind: str
    sha256: str
    size: int
    name: str
    organisation: str
    why: str
    exported_us: int
    entry: int
