"""A package: what the server sent about a case, every piece of it checked.

Rules (what breaks one is refused whole, with what is wrong; nothing of it is used):

1. The request is signed by the officer it names, and stands in the ledger
   (``case-requested``) by its hash.  One altered by a character has another hash.
2. The checkpoint is this deployment's (:mod:`scrim.opening.trust`), and every receipt
   is in its tree.
3. Each period of the request comes with its document, whose hash is that of the request
   and of its ``period-opened`` entry; none is missing and none is over.
4. By the ledger, each was opened before the interval's end and closed after its
   beginning, a minute's difference of clocks allowed.
5. A re-sharing of a period is one of it, dealt and signed by k of its custodians, and in
   the ledger (``period-reshared``).
6. Each answer is signed, answers this request, and each custodian has one.  Where the
   period documents or re-sharings say whose key that is, it is theirs.

docs/ref/formats/case.md describes the bytes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scrim.errors import LedgerBroken, PackageBroken, ScrimError
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.entry import Act, Entry
from scrim.ledger.receipt import Receipt
from scrim.opening.plan import PeriodName
from scrim.vault.answer import Answer, verifier_of
from scrim.vault.document import PeriodDocument
from scrim.vault.fields import Fields, is_sha256, load
from scrim.vault.handover import document_of
from scrim.vault.request import PeriodRef, Request
from scrim.vault.reshare import Reshare
from scrim.vault.statement import Statement

FORMAT: Final = "scrim-package-v1"
CLOCKS_US: Final = 60_000_000
"""A picture is taken before it arrives, and the ledger has the time of arrival."""

_FIELDS: Final = frozenset(
    {
        "format",
        "request",
        "answers",
        "documents",
        "opened",
        "closed",
        "requested",
        "checkpoint",
    }
)
_RESHARED: Final = frozenset({"reshares", "reshared"})


@dataclass(frozen=True, slots=True)
class Package:
    """A package that holds.

    Args:
        request: what is asked.
        statement: the same as it was signed.
        answers: statement and answer of each custodian who answered, in their order.
        documents: SHA-256 to the bytes of each period document.
        reshares: of periods that were handed on, by SHA-256 of their documents.
        manifests: of each period that is closed, its manifest's SHA-256 by the ledger.
        requested_us: when the request went into the ledger, by the server's clock.
        checkpoint: the tree that all of it is in.
        unregistered: custodians whose key no period document names (periods older
            than signing keys); compare the fingerprint with the ledger's custodian set.
        data: the package as it came.
    """

    request: Request
    statement: Statement
    answers: tuple[tuple[Statement, Answer], ...]
    documents: Mapping[str, bytes] = field(repr=False)
    reshares: Mapping[str, tuple[Reshare, ...]] = field(repr=False)
    manifests: Mapping[PeriodName, str] = field(repr=False)
    requested_us: int
    checkpoint: Checkpoint
    unregistered: tuple[str, ...]
    data: bytes = field(repr=False)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The answers as they were signed."""
        return tuple(statement for statement, _ in self.answers)

    @classmethod
    def parse(cls, data: bytes, see: Callable[[str], Checkpoint]) -> Package:
        """Read a package and check all of it.

        Args:
            data: canonical JSON, as it came.
            see: checks a signed note and gives its checkpoint (:meth:`Trust.see`).

        Raises:
            PackageBroken: says what does not hold.
            LedgerBroken: the checkpoint is not this deployment's.
        """
        try:
            value = load(data)
            handed_on = isinstance(value, Mapping) and not _RESHARED.isdisjoint(value)
            fields = Fields(value, _FIELDS | _RESHARED if handed_on else _FIELDS)
            fields.is_exactly("format", FORMAT)
            checkpoint = see(fields.text("checkpoint"))
            return _read(fields, checkpoint, data, handed_on=handed_on)
        except (ValueError, binascii.Error) as error:
            raise _broken(str(error)) from None


def _read(fields: Fields, checkpoint: Checkpoint, data: bytes, *, handed_on: bool) -> Package:
    try:
        statement = Statement.from_document(fields.mapping("request"))
        request = Request.of(statement)
        if request.deployment != checkpoint.origin:
            raise ValueError(f"the request is for another deployment ({request.deployment})")
        documents, parsed = _documents(request, fields.mapping("documents"))
        tree = _Tree(checkpoint)
        requested = tree.entry(fields.mapping("requested"), "case-requested")
        if requested.facts.get("request") != request.sha256:
            raise ValueError("the ledger holds another request under its receipt")
        opened = {
            name: tree.entry(item, Act.PERIOD_OPENED.value)
            for name, item in fields.mapping("opened").items()
        }
        closed = {
            name: tree.entry(item, Act.PERIOD_CLOSED.value)
            for name, item in fields.mapping("closed").items()
        }
        manifests = _periods(request, opened, closed)
        reshares = _reshares(fields, documents, tree) if handed_on else {}
        answers, unregistered = _answers(request, parsed, reshares, fields.items("answers"))
    except ScrimError as error:
        raise _broken(error.message) from None
    return Package(
        request,
        statement,
        answers,
        documents,
        reshares,
        manifests,
        requested.at_us,
        checkpoint,
        unregistered,
        data,
    )


class _Tree:
    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint

    def entry(self, document: object, act: str) -> Entry:
        found = Receipt.from_document(document).check(self._checkpoint.size, self._checkpoint.root)
        if found.act.value != act:
            raise LedgerBroken(f"A receipt is of {found.act.value}, not of {act}.")
        return found


def _documents(
    request: Request, given: Mapping[str, object]
) -> tuple[dict[str, bytes], list[PeriodDocument]]:
    wanted = {ref.document_sha256 for ref in request.periods}
    if given.keys() != wanted:
        raise ValueError("its period documents are not those of the request")
    documents = {}
    for sha256, text in given.items():
        if not isinstance(text, str):
            raise ValueError("a period document is not base64")
        documents[sha256] = base64.b64decode(text, validate=True)
    return documents, [document_of(ref, documents) for ref in request.periods]


def _reshares(
    fields: Fields, documents: Mapping[str, bytes], tree: _Tree
) -> dict[str, tuple[Reshare, ...]]:
    receipts = dict(fields.mapping("reshared"))
    found = {}
    for document, items in fields.mapping("reshares").items():
        if document not in documents or not isinstance(items, list | tuple) or not items:
            raise ValueError("a re-sharing is of a period that the request does not name")
        of_period = []
        for text in items:
            if not isinstance(text, str):
                raise ValueError("a re-sharing is not base64")
            reshare = Reshare.parse(base64.b64decode(text, validate=True), documents[document])
            facts = tree.entry(receipts.pop(reshare.sha256, None), Act.PERIOD_RESHARED.value).facts
            if (facts.get("reshare"), facts.get("document")) != (reshare.sha256, document):
                raise ValueError("the receipt of a re-sharing is of another")
            of_period.append(reshare)
        if [one.sha256 for one in of_period] != sorted({one.sha256 for one in of_period}):
            raise ValueError("its re-sharings are not in order, each once")
        found[document] = tuple(of_period)
    if receipts:
        raise ValueError("it has a receipt of a re-sharing that is not there")
    return found


def _periods(
    request: Request, opened: Mapping[str, Entry], closed: Mapping[str, Entry]
) -> dict[PeriodName, str]:
    refs = {f"{ref.camera}/{ref.epoch}/{ref.period}": ref for ref in request.periods}
    if opened.keys() != refs.keys():
        raise ValueError("its receipts of opened periods are not those of the request")
    if not closed.keys() <= refs.keys():
        raise ValueError("it has a receipt of a closed period that the request does not name")
    manifests = {}
    for name, ref in refs.items():
        _check_place(name, ref, opened[name])
        if opened[name].at_us >= request.until_us + CLOCKS_US:
            raise ValueError(f"period {name} was opened after the interval's end")
        end = closed.get(name)
        if end is None:
            continue
        _check_place(name, ref, end)
        if end.at_us <= request.since_us - CLOCKS_US:
            raise ValueError(f"period {name} was closed before the interval's beginning")
        manifest = end.facts.get("manifest")
        if not isinstance(manifest, str) or not is_sha256(manifest):
            raise ValueError(f"the ledger names no manifest of period {name}")
        manifests[ref.camera, ref.epoch, ref.period] = manifest
    return manifests


def _check_place(name: str, ref: PeriodRef, entry: Entry) -> None:
    found = entry.camera, entry.epoch, entry.facts.get("period"), entry.facts.get("document")
    if found != (ref.camera, ref.epoch, ref.period, ref.document_sha256):
        raise ValueError(f"the receipt of period {name} is of another period")


def _answers(
    request: Request,
    documents: Sequence[PeriodDocument],
    reshares: Mapping[str, Sequence[Reshare]],
    items: object,
) -> tuple[tuple[tuple[Statement, Answer], ...], tuple[str, ...]]:
    assert isinstance(items, list | tuple)
    keys = _Keys(request, documents, [one for found in reshares.values() for one in found])
    found: dict[str, tuple[Statement, Answer]] = {}
    unregistered = []
    for item in items:
        statement = Statement.from_document(item)
        answer = Answer.of(statement)
        if answer.request_sha256 != request.sha256 or answer.case != request.case:
            raise ValueError(f"the answer of {answer.custodian} is to another request")
        if answer.custodian in found:
            raise ValueError(f"custodian {answer.custodian} answers twice")
        if not keys.holds(answer.custodian, statement.verifier):
            unregistered.append(answer.custodian)
        found[answer.custodian] = statement, answer
    return tuple(found.values()), tuple(unregistered)


class _Keys:
    """Whose key is whose, by the period documents."""

    def __init__(
        self,
        request: Request,
        documents: Sequence[PeriodDocument],
        reshares: Sequence[Reshare],
    ) -> None:
        self._documents = documents
        self._reshares = reshares
        self._live = request.is_live

    def holds(self, custodian: str, verifier: str) -> bool:
        """Whether a document names this key; ``False`` where none names any.

        Raises:
            ValueError: a document names another one, or none knows the custodian.
        """
        named = {verifier_of(document, custodian) for document in self._documents} - {None}
        named |= {reshare.verifier_of(custodian) for reshare in self._reshares} - {None}
        if not named and not self._live:
            raise ValueError(f"{custodian} is no custodian of any period of the request")
        keys = named - {""}
        if keys and verifier not in keys:
            raise ValueError(f"the answer of {custodian} is not signed with this custodian's key")
        return bool(keys)


def _broken(what: str) -> PackageBroken:
    return PackageBroken(
        f"What the server sent does not hold: {what.rstrip('.')}.",
        "Use nothing of it; get it again, and report it to the auditor if it stays so.",
    )
