"""The server's application: guards outside, doors inside, errors as problems."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from scrim import __version__
from scrim.access import Authoriser, Gate, KeySignIn, Role, SignIn, Views
from scrim.access.granting import Standings
from scrim.access.lockout import Lockout
from scrim.access.oidc import Oidc, Provider
from scrim.access.own_policies import OwnPolicies
from scrim.access.passkeys import Passkeys
from scrim.access.refused import Refused
from scrim.access.tokens import Tokens
from scrim.api import problems
from scrim.api.accesslog import AccessLog
from scrim.api.doors import check_doors, longest_bodies
from scrim.api.guards import LOOPBACK_NAMES, Guards
from scrim.api.hub import Hub
from scrim.api.public_page import PublicPage
from scrim.api.routes import (
    cameras,
    cases,
    console,
    duties,
    ledger,
    media,
    norms,
    oidc,
    operations,
    passkeys,
    proposals,
    public,
    session,
    system,
    viewings,
    views,
)
from scrim.api.services import Services
from scrim.api.slowdown import Slowdown
from scrim.cases.desk import Cases
from scrim.cases.extract import Extracts
from scrim.cases.guests import Guests
from scrim.cases.people import People
from scrim.cases.reviews import Reviews
from scrim.changes import Changes
from scrim.clock import Clock, SystemClock
from scrim.duties.board import Board
from scrim.duties.breaches import Breaches
from scrim.duties.filings import Filings
from scrim.errors import SettingsError
from scrim.ledger import Ledger
from scrim.papers.applied import Applied
from scrim.papers.over import packs_over
from scrim.papers.own import own_of_settings
from scrim.papers.under import PacksOfPapers
from scrim.retention import Retention
from scrim.settings import AccessSettings, Settings
from scrim.store.database import connect
from scrim.store.folder import DataFolder
from scrim.store.objects import ObjectStore
from scrim.store.timeline import Recordings
from scrim.subjects.desk import Subjects
from scrim.subjects.holding import Holding

CONSOLE: Final = Path(__file__).parent / "console"
_DESCRIPTION: Final = (
    "Masked pictures of public cameras, and the ledger of who looked. "
    "`x-scrim-roles` says whom a route lets in, `x-scrim-action` what the access policies "
    "are asked about. Every error is a problem document (RFC 9457)."
)
_ROUTERS: Final = (
    session,
    passkeys,
    oidc,
    system,
    cameras,
    views,
    media,
    cases,
    viewings,
    ledger,
    duties,
    norms,
    proposals,
    operations,
    public,
    console,
)


def routes_app() -> FastAPI:
    """The routes with nothing behind or before them: enough for the OpenAPI document.

    Raises:
        TypeError: a route declares no role.
    """
    app = FastAPI(
        title="Scrim",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        routes=[door for module in _ROUTERS for door in module.doors.routes],
    )
    problems.install(app)
    check_doors(app.routes)
    return app


def create_app(services: Services, *, any_address: bool = False) -> ASGIApp:
    """The whole application.

    The guards stand outside FastAPI, so that what it answers to an unexpected error
    has their headers too.

    Args:
        services: what the routes work with, and the names it answers to.
        any_address: it also answers to any IP address.

    Raises:
        TypeError: a route declares no role.
    """
    app = routes_app()
    app.state.services = services
    return AccessLog(Guards(app, services.names, any_address, longest_bodies(app.routes)))


def services_in(
    folder: DataFolder,
    settings: Settings,
    hub: Hub,
    *,
    clock: Clock | None = None,
    names: Collection[str] = LOOPBACK_NAMES,
    exposed: bool = False,
    console_folder: Path = CONSOLE,
    slowdown_seconds: float = 1.0,
) -> Services:
    """The services of a data folder.

    Raises:
        AccessPolicyInvalid: the access policies cannot be put in force.
    """
    clock = clock or SystemClock()
    engine = connect(folder.database)
    log = Ledger(engine)
    objects = ObjectStore.in_folder(folder.objects)
    people = People(engine, log, clock)
    recordings = Recordings(engine)
    packs = settings.norms.packs_folder
    applied = Applied(
        engine,
        log,
        clock,
        None if packs is None else folder.path / packs,
        own_of_settings(settings.retention),
    )
    packs_of = PacksOfPapers(applied)
    sign_in = SignIn(
        engine,
        log,
        clock,
        session_hours=settings.server.session_hours,
        idle_minutes=settings.access.idle_minutes,
        register=people,
    )
    retention = Retention(settings.retention, PacksOfPapers(applied))
    changes = Changes(engine, log, clock, settings.access, retention, applied)
    gate = Gate(
        Authoriser(OwnPolicies(engine)),
        clock,
        recordings.site_of,
        exposed=exposed,
        four_eyes=settings.access.four_eyes,
    )
    return Services(
        folder=folder,
        engine=engine,
        ledger=log,
        objects=objects,
        recordings=recordings,
        sign_in=sign_in,
        people=people,
        keys=KeySignIn(engine, clock, sign_in, people),
        cases=Cases(engine, log, objects, clock, settings, packs_over(applied)),
        views=Views(engine, log, clock, gate=gate, reviews=Reviews(clock)),
        tokens=Tokens(engine, log, clock),
        gate=gate,
        refused=Refused(log, clock),
        hub=hub,
        norms=Board(engine, applied),
        subjects=Subjects(engine, log, clock, settings.subjects, packs_of),
        holding=Holding(engine, log, clock),
        filings=Filings(engine, log, clock, packs_of),
        breaches=Breaches(engine, log, clock, packs_of),
        clock=clock,
        slowdown=Slowdown(Lockout(clock), slowdown_seconds),
        passkeys=Passkeys(engine, log, clock, sign_in, people),
        changes=changes,
        extracts=Extracts(engine, log, clock),
        guests=Guests(engine, people, Standings(engine, log, clock)),
        oidc=_oidc(settings.access, folder, clock),
        policy=settings.redaction.policy,
        public=PublicPage(engine, applied, clock),
        console=console_folder,
        names=frozenset(names),
        exposed=exposed,
    )


def _oidc(access: AccessSettings, folder: DataFolder, clock: Clock) -> Oidc | None:
    if not access.oidc_issuer:
        return None
    secret = ""
    if access.oidc_secret_file is not None:
        try:
            secret = (folder.path / access.oidc_secret_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                "access.oidc_secret_file cannot be read.", "Correct the setting, or the file."
            ) from error
    roles = {value: Role(role) for value, role in access.oidc_roles.items()}
    provider = Provider(
        access.oidc_issuer,
        access.oidc_client,
        access.oidc_redirect,
        secret,
        access.oidc_claim,
        roles,
    )
    return Oidc(provider, clock)


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, the same for the same code."""
    document = routes_app().openapi()
    problems.describe(document)
    return document
