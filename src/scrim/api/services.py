"""What the routes work with, put together once at start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from scrim.access import Gate, KeySignIn, Session, SignIn, Views
from scrim.access.oidc import Oidc
from scrim.access.passkeys import Passkeys
from scrim.access.refused import Refused
from scrim.access.tokens import Tokens
from scrim.api.hub import Hub
from scrim.api.public_page import PublicPage
from scrim.api.slowdown import Slowdown
from scrim.cases.desk import Cases
from scrim.cases.extract import Extracts
from scrim.cases.guests import Guests
from scrim.cases.people import People, Person
from scrim.changes import Changes
from scrim.clock import Clock
from scrim.duties.board import Board
from scrim.duties.breaches import Breaches
from scrim.duties.filings import Filings
from scrim.errors import AccessDenied
from scrim.ledger import Ledger
from scrim.policy import Policy
from scrim.store.database import reading
from scrim.store.folder import DataFolder
from scrim.store.objects import ObjectStore
from scrim.store.timeline import Recordings
from scrim.subjects.desk import Subjects
from scrim.subjects.holding import Holding


@dataclass(frozen=True, slots=True)
class Services:
    """Everything behind the API.

    Attributes:
        policy: what holds for a camera as far as its own policy is silent.
        console: the folder of the built console, whether it is there or not.
        names: the host names that the server answers to.
        exposed: others than this machine may reach the port, or are meant to
            through a proxy.
        oidc: the identity provider, where there is one.
    """

    folder: DataFolder
    engine: Engine
    ledger: Ledger
    objects: ObjectStore
    recordings: Recordings
    sign_in: SignIn
    keys: KeySignIn
    passkeys: Passkeys
    guests: Guests
    changes: Changes
    extracts: Extracts
    tokens: Tokens
    gate: Gate
    refused: Refused
    people: People
    cases: Cases
    views: Views
    hub: Hub
    norms: Board
    subjects: Subjects
    holding: Holding
    filings: Filings
    breaches: Breaches
    clock: Clock
    slowdown: Slowdown
    policy: Policy
    public: PublicPage
    console: Path
    names: frozenset[str] = frozenset()
    exposed: bool = False
    oidc: Oidc | None = None


def services_of(request: Request) -> Services:
    """The services of the app that this request came to."""
    services: Services = request.app.state.services
    return services


def person_of(have: Services, session: Session) -> Person:
    """Whom a session belongs to, as the register has them now.

    Raises:
        AccessDenied: nobody, or they have been retired since.
    """
    with reading(have.engine) as connection:
        found = have.people.by_verifier(connection, session.verifier or "")
    if found is None:
        raise AccessDenied("You are not registered any more.", "Ask the operator.")
    return found


Have = Annotated[Services, Depends(services_of)]
