"""Did k of the custodians of each period agree to these words, and is the officer none of them?"""

from __future__ import annotations

from scrim.errors import BundleBroken, StatementInvalid
from scrim.evidence import layout
from scrim.evidence.checks.custodians import CustodianKeys
from scrim.evidence.checks.found import Found
from scrim.evidence.kinds import Kind
from scrim.evidence.periods import Papers, name
from scrim.ledger import Act
from scrim.vault.answer import Answer
from scrim.vault.request import Request
from scrim.vault.statement import Statement


class AnswersCheck:
    """Every answer as signed, by whom, in the ledger before the case was opened; then counts."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._keys = CustodianKeys(found)
        self._approvals: dict[tuple[str, str], set[str]] = {}  # of a part's place
        self._unknown: set[str] = set()

    def verify(self) -> None:
        found, request = self._found, self._found.request
        if request is None:
            return
        self._keys.verify()
        seen: dict[str, str] = {}
        for path in found.below(layout.ANSWERS):
            found.report.checked["answers"] += 1
            try:
                statement = found.statement(path)
                answer = Answer.of(statement)
                answer.check_answers(request)
            except (StatementInvalid, BundleBroken) as error:
                found.failed(Kind.ANSWER_INVALID, path, error)
                continue
            if answer.custodian in seen:
                found.problem(
                    Kind.ANSWER_REPEATED,
                    path,
                    f"Custodian {answer.custodian} has answered in {seen[answer.custodian]}; "
                    "nobody counts twice.",
                )
                continue
            seen[answer.custodian] = path
            if self._is_theirs(path, statement, answer) & self._is_logged(path, statement, answer):
                self._count(request, statement, answer)
        self._enough()
        self._apart(request)

    def _is_theirs(self, path: str, statement: Statement, answer: Answer) -> bool:
        holds, known = True, False
        for papers in self._found.periods.values():
            keys = self._keys_of(papers, answer)
            known = known or bool(keys - {None})
            # parts are each under their own key; who hands none over answers under any of theirs
            right = keys <= {statement.verifier} if answer.parts else statement.verifier in keys
            if right or not keys:
                continue
            holds = False
            if "" in keys:
                self._nobody(answer.custodian)
            else:
                self._found.problem(
                    Kind.ANSWER_INVALID,
                    path,
                    f"It is not signed with the key of a custodian {answer.custodian} "
                    f"of period {name(papers.place)}.",
                )
                return False
        if not known and self._found.periods:
            self._found.problem(
                Kind.ANSWER_INVALID, path, f"Nobody called {answer.custodian} is a custodian here."
            )
        return holds and known

    def _keys_of(self, papers: Papers, answer: Answer) -> set[str | None]:
        """The keys that an answer should be signed with as regards a period.

        Of an approval with parts that of each part, ``None`` where the custodian holds none
        there; else all that the custodian has.
        """
        sha256, custodian = papers.manifest.document_sha256, answer.custodian
        keys: dict[str, str | None] = {"": self._keys.of(papers.document, custodian)}
        for reshare in self._found.reshares.get(sha256, ()):
            keys[reshare.sha256] = reshare.verifier_of(custodian)
        if not answer.parts:
            return set(keys.values()) - {None}
        places = [part.reshare_sha256 for part in answer.parts if part.document_sha256 == sha256]
        return {keys.get(place) for place in places}

    def _nobody(self, custodian: str) -> None:
        if custodian not in self._unknown:
            self._unknown.add(custodian)
            self._found.problem(
                Kind.CUSTODIAN_UNKNOWN,
                f"custodian {custodian}",
                "Nothing in the bundle shows with which key this custodian signs.",
                "Ask for a bundle with the set of custodians that was in force.",
            )

    def _is_logged(self, path: str, statement: Statement, answer: Answer) -> bool:
        found = self._found
        facts = {"answer": statement.sha256, "decision": answer.decision}
        logged = found.first(Act.CASE_ANSWERED, facts)
        if logged is None:
            found.problem(Kind.ENTRY_MISSING, path, "No receipt shows this answer in the ledger.")
            return False
        opened = found.first(Act.CASE_OPENED)
        if answer.approves and opened is not None and logged[0] > opened[0]:
            found.report.note(
                Kind.ANSWER_LATE,
                path,
                f"Entry {logged[0]} has it after entry {opened[0]} opened the case, so it is "
                "not counted.",
            )
            return False
        return True

    def _count(self, request: Request, statement: Statement, answer: Answer) -> None:
        if not answer.approves:
            return
        self._found.approvals.add(statement.sha256)
        approved = {part.place for part in answer.parts}
        if request.is_live:  # no parts: it is of every period whose document has this key
            approved = {
                (papers.manifest.document_sha256, "")
                for papers in self._found.periods.values()
                if self._keys.of(papers.document, answer.custodian) == statement.verifier
            }
        for place in approved:
            self._approvals.setdefault(place, set()).add(answer.custodian)

    def _enough(self) -> None:
        for place, papers in sorted(self._found.periods.items()):
            sha256, k = papers.manifest.document_sha256, papers.document.custodians.k
            count = len(self._approvals.get((sha256, ""), ()))
            handed_on = any(
                len(self._approvals.get((sha256, one.sha256), ())) >= one.custodians.k
                for one in self._found.reshares.get(sha256, ())
            )
            if count < k and not handed_on:
                self._found.problem(
                    Kind.ANSWERS_TOO_FEW,
                    f"period {name(place)}",
                    f"{count} of its custodians have approved; {k} are needed.",
                )

    def _apart(self, request: Request) -> None:
        officer = request.officer
        for place, papers in sorted(self._found.periods.items()):
            sha256 = papers.manifest.document_sha256
            members = [
                (one.id, one.recipient, self._keys.of(papers.document, one.id))
                for one in papers.document.custodians.custodians
            ] + [
                (one.id, one.recipient, one.verifier)
                for reshare in self._found.reshares.get(sha256, ())
                for one in reshare.custodians.custodians
            ]
            for custodian, recipient, key in members:
                if (
                    custodian in (officer.id, officer.office)
                    or recipient == request.recipient
                    or key == officer.verifier
                ):
                    self._found.problem(
                        Kind.OFFICER_IS_CUSTODIAN,
                        f"period {name(place)}",
                        f"The officer {officer.id} is its custodian {custodian}.",
                    )
