"""The API of cases, as an officer's and a custodian's own machine calls it.

One method a route.  What comes back is read into types, but nothing is believed by
that: a package, a manifest, a segment are held against signatures, hashes and proofs
where they are used (:mod:`scrim.opening.package`, :mod:`scrim.opening.decrypt`).

Every failure is a :class:`~scrim.errors.ScrimError`: that of the server by its own
name (:mod:`scrim.opening.failures`), or a ``ServerError`` where it cannot be dealt with.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

from scrim.canonical import Json
from scrim.errors import CaseUnknown, CheckpointBehind, ObjectMissing, PackageBroken
from scrim.opening.connection import Connection
from scrim.opening.draft import Draft
from scrim.opening.failures import strange
from scrim.vault.fields import Fields
from scrim.vault.request import is_case_id
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

_CHECKPOINT_TRIES: Final = 75  # checkpoints may be a minute apart (ledger.heads_seconds)
_CHECKPOINT_PAUSE_S: Final = 1.0

LONGEST_REQUEST: Final = 16 * 1024 * 1024
LONGEST_ANSWER: Final = 32 * 1024 * 1024
"""Bytes; what the server takes."""


@dataclass(frozen=True, slots=True)
class Me:
    """As what, and as whom, this machine is signed in."""

    role: str
    person: str
    expires_us: int


@dataclass(frozen=True, slots=True)
class Case:
    """A case as the server describes it; only signed papers prove any of it.

    Attributes:
        state: drafted, requested, approved, open, closed, expired or refused.
        rule, reason: why it was refused or closed.
        details: everything else that the server says of it.
    """

    id: str
    state: str
    kind: str
    officer: str
    purpose: str
    cameras: tuple[str, ...]
    since_us: int
    until_us: int
    expires_us: int
    rule: str
    reason: str
    details: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Viewing:
    """A look at originals that is in the ledger already.

    Attributes:
        segments: the server's list, for :func:`scrim.opening.plan.of_listing`.
    """

    id: str
    segments: tuple[Mapping[str, Json], ...] = field(repr=False)


class Client:
    """One person at one server.

    Args:
        server: its address, ``https://host[:port]``; ``http://`` on this machine only.
        signer: the person's signing key; it stays here.
        certificate: a file of the certificates to trust in place of the system's.
        transport: in place of the network, for tests.
        pause: waits so many seconds before asking again.

    Raises:
        SettingsError: not such an address, or the file holds no certificate.
        ServerUntrusted: it would go over the network in the clear.
    """

    def __init__(
        self,
        server: str,
        signer: Signer,
        *,
        certificate: Path | None = None,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._signer = signer
        self._pause = pause
        self._server = Connection(
            server, signer, certificate=certificate, transport=transport, pause=pause
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Sign out, as far as the server can be reached, and let go of the network."""
        self._server.close()

    def sign_in(self) -> Me:
        """Begin a session; every other method does it where there is none.

        Raises:
            AccessDenied: the key is not registered there, or not for this address.
            ServerError: the server cannot be dealt with (as in all that follow).
        """
        self._server.sign_in()
        state = self._server.get("/api/session").json()
        try:
            fields = Fields(state, frozenset({"role", "person", "expires_us"}), more=True)
            return Me(fields.name("role"), fields.name("person"), fields.number("expires_us"))
        except ValueError as error:
            raise strange(f"of the session it says that {error}") from None

    def draft(self, draft: Draft) -> tuple[str, Mapping[str, Json]]:
        """File what is asked for: the case's id, and the body to sign.

        Raises:
            CaseRefused: a rule forbids it.
            PackageBroken: the body does not say what was asked, so it is not to be signed.
        """
        answer = self._server.post("/api/cases", json=draft.document()).json()
        try:
            fields = Fields(answer, frozenset({"case", "body"}), more=True)
            case, body = fields.name("case"), dict(fields.mapping("body"))
        except ValueError as error:
            raise strange(f"of a draft it says that {error}") from None
        draft.check(case, body, self._signer.verifier)
        return case, body

    def request(self, case: str, statement: Statement) -> Case:
        """Hand in the signed request; the same one again changes nothing."""
        return self._send(case, "request", statement, LONGEST_REQUEST)

    def answer(self, case: str, statement: Statement) -> Case:
        """Hand in a custodian's signed answer; the same one again changes nothing."""
        return self._send(case, "answers", statement, LONGEST_ANSWER)

    def cases(self, state: str | None = None) -> tuple[Case, ...]:
        """An officer's own cases, or those a custodian is asked about; the newest first."""
        query = {} if state is None else {"state": state}
        found = self._server.get("/api/cases", **query).json()
        if not isinstance(found, list):
            raise strange("its list of cases is none")
        return tuple(_case(one) for one in found)

    def case(self, case: str) -> Case:
        """One case.

        Raises:
            CaseUnknown: there is none, or not for this person (as in all that follow).
        """
        return _case(self._server.get(f"/api/cases/{_plain(case)}").json())

    def package(self, case: str) -> bytes:
        """A ``scrim-package-v1``, as it came."""
        return self._papers(f"/api/cases/{_plain(case)}/package")

    def record(self, case: str) -> bytes:
        """Receipts of the case's entries and periods and their checkpoint, as they came."""
        return self._papers(f"/api/cases/{_plain(case)}/record")

    def _papers(self, path: str) -> bytes:
        # receipts are given once a checkpoint covers them, which is a matter of seconds
        for _ in range(_CHECKPOINT_TRIES):
            try:
                return self._server.get(path).data
            except CheckpointBehind:
                self._pause(_CHECKPOINT_PAUSE_S)
        return self._server.get(path).data

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the ledger of ``old`` entries is the beginning of that of ``new``.

        It proves nothing until it is checked (:mod:`scrim.opening.trust`).
        """
        answer = self._server.get("/api/ledger/consistency", old=str(old), new=str(new)).json()
        try:
            hashes = Fields(answer, frozenset({"hashes"}), more=True).items("hashes")
            return [bytes.fromhex(str(step)) for step in hashes]
        except ValueError as error:
            raise strange(f"of its ledger it says that {error}") from None

    def close_case(self, case: str, reason: str) -> Case:
        """End a case."""
        answer = self._server.post(f"/api/cases/{_plain(case)}/close", json={"reason": reason})
        return _case(answer.json())

    def open_viewing(
        self, case: str, act: str, cameras: Sequence[str], since_us: int, until_us: int
    ) -> Viewing:
        """Have a look logged; what it may fetch comes after that.

        Args:
            case: its id.
            act: ``view``, ``export`` or ``disclose``.
            cameras: of the case.
            since_us: UTC microseconds, within the case's interval.
            until_us: the end, half open.

        Raises:
            CaseState: the case is not approved, or over.
        """
        body = {"act": act, "cameras": list(cameras), "since_us": since_us, "until_us": until_us}
        return _viewing(self._server.post(f"/api/cases/{_plain(case)}/viewings", json=body).json())

    def look_again(self, viewing: str) -> Viewing:
        """The same look, with what a live opening has brought since."""
        return _viewing(self._server.get(f"/api/viewings/{viewing}").json())

    def custodians(self, sha256: str) -> bytes:
        """The set of custodians with that hash, canonical JSON.

        Raises:
            CaseUnknown: there is none.
            PackageBroken: what comes has another hash.
        """
        data = self._server.get(f"/api/custodians/{sha256}").data
        if hashlib.sha256(data).hexdigest() != sha256:
            raise PackageBroken(
                "The server gives another set of custodians than was asked for.",
                "Use nothing of it; report it to the auditor.",
            )
        return data

    def document(self, viewing: str, camera: str, epoch: int, period: int) -> bytes:
        """The document of a period of a viewing.

        Raises:
            ObjectMissing: the server does not have it.
        """
        path = f"/api/viewings/{viewing}/periods/{camera}/{epoch}/{period}/document"
        try:
            return self._server.get(path).data
        except CaseUnknown as error:
            raise ObjectMissing(error.message, error.remedy) from error

    def manifest(self, viewing: str, camera: str, epoch: int, period: int) -> bytes:
        """The manifest of a closed period.

        Raises:
            ObjectMissing: the server does not have it.
        """
        path = f"/api/viewings/{viewing}/periods/{camera}/{epoch}/{period}/manifest"
        try:
            return self._server.get(path).data
        except CaseUnknown as error:
            raise ObjectMissing(error.message, error.remedy) from error

    def sealed(self, viewing: str, camera: str, segment: int) -> bytes:
        """A sealed segment, whole.

        Raises:
            ObjectMissing: the server does not have it.
        """
        return b"".join(self.stream_sealed(viewing, camera, segment))

    def stream_sealed(self, viewing: str, camera: str, segment: int) -> Iterator[bytes]:
        """A sealed segment in pieces, continued where the connection is lost.

        Raises:
            ObjectMissing: the server does not have it.
        """
        try:
            yield from self._server.stream(f"/api/viewings/{viewing}/sealed/{camera}/{segment}")
        except CaseUnknown as error:
            raise ObjectMissing(error.message, error.remedy) from error

    def log_export(
        self,
        case: str,
        kind: str,
        sha256: str,
        size: int,
        recipient: str,
        organisation: str,
        why: str,
    ) -> int:
        """Have it logged that something leaves this machine; where the entry stands."""
        body: dict[str, Json] = {
            "kind": kind,
            "sha256": sha256,
            "size": size,
            "recipient": recipient,
            "organisation": organisation,
            "why": why,
        }
        answer = self._server.post(f"/api/cases/{_plain(case)}/exports", json=body).json()
        try:
            return Fields(answer, frozenset({"entry"}), more=True).number("entry")
        except ValueError as error:
            raise strange(f"of an export it says that {error}") from None

    def _send(self, case: str, what: str, statement: Statement, limit: int) -> Case:
        path = f"/api/cases/{_plain(case)}/{what}"
        answer = self._server.post(path, content=statement.to_bytes(), limit=limit, same=True)
        return _case(answer.json())


def _viewing(answer: object) -> Viewing:
    try:
        fields = Fields(answer, frozenset({"viewing", "segments"}), more=True)
        viewing = fields.name("viewing")
        segments = fields.items("segments")
    except ValueError as error:
        raise strange(f"of a viewing it says that {error}") from None
    return Viewing(viewing, tuple(one for one in segments if isinstance(one, dict)))


def _plain(case: str) -> str:
    if not is_case_id(case):
        raise CaseUnknown(
            f"{case[:60]!r} is not the name of a case.",
            "It is case- and eight letters or digits: see `scrim case list`.",
        )
    return case


def _case(value: object) -> Case:
    names = {"case", "state", "kind", "officer", "purpose", "cameras", "since_us", "until_us"}
    try:
        fields = Fields(value, frozenset(names | {"expires_us"}), more=True)
        details = dict(value) if isinstance(value, dict) else {}
        return Case(
            id=fields.name("case"),
            state=fields.name("state"),
            kind=fields.name("kind"),
            officer=fields.name("officer"),
            purpose=fields.name("purpose"),
            cameras=tuple(str(camera) for camera in fields.items("cameras")),
            since_us=fields.number("since_us"),
            until_us=fields.number("until_us"),
            expires_us=fields.number("expires_us"),
            rule=str(details.get("rule") or ""),
            reason=str(details.get("reason") or ""),
            details=details,
        )
    except ValueError as error:
        raise strange(f"of a case it says that {error}") from None
