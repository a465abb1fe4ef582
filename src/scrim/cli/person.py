"""``scrim person``: who else there is: operators, engineers, privacy officers, auditors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import note, table, tell, tell_json

if TYPE_CHECKING:
    from pathlib import Path

    from scrim.access import Scope
    from scrim.access.roles import Role
    from scrim.fleet.deployment import Deployment

app = typer.Typer(
    no_args_is_help=True,
    help="Register people who have no key: operator, engineer, privacy-officer, auditor. They "
    "sign in by a link of their own, then by passkey, or at an identity provider. Officers and "
    "custodians have keys: `scrim officer`, `scrim custodian`.",
    epilog="[bold]An operator of two cameras, and their first link:[/bold]\n\n"
    "scrim person add control-2 --office city --role operator --camera gate --camera yard\n\n"
    "scrim link --person control-2",
)

Roles = Annotated[list[str], typer.Option("--role", help="What they are. Once for each.")]
CameraNames = Annotated[
    list[str] | None,
    typer.Option("--camera", help="Their roles hold for this camera. Once for each."),
]
SiteNames = Annotated[
    list[str] | None,
    typer.Option("--site", help="Their roles hold for the cameras of this site. Once for each."),
]
Id = Annotated[str, typer.Argument(metavar="ID", help="Names the desk, not the person.")]


@app.command()
def add(
    name: Id,
    office: Annotated[str, typer.Option("--office", help="Whose they are: city.")],
    role: Roles,
    camera: CameraNames = None,
    site: SiteNames = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Register somebody."""
    from scrim.access.granting import check_roles

    roles = _roles(role)
    check_roles(roles, given=roles)
    with opened(data) as deployment:
        scope = scope_of(deployment, camera, site)  # seen to before anybody has a role
        person = deployment.people().enrol(name, office, roles[0])
        if len(roles) > 1:
            deployment.standings().set_roles(person, roles)
        if not scope.everywhere:
            deployment.standings().set_scope(person, scope)
    tell(f"{name} of {office}: {', '.join(roles)}.")
    note(f"Their first sign-in, while Scrim runs: `scrim link --person {name}`.")


@app.command("set")
def change(
    name: Id,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="What they are now. Once for each.")
    ] = None,
    camera: CameraNames = None,
    site: SiteNames = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Their roles hold for every camera.")
    ] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Say anew what somebody is, besides what their key makes them, and where."""
    with opened(data) as deployment:
        person = deployment.people().get(name)
        scope = scope_of(deployment, camera, site)
        limits = not scope.everywhere
        if limits == everywhere and (limits or not role):
            raise _nothing()
        if role:
            deployment.standings().set_roles(person, _roles(role))
        if everywhere or limits:
            deployment.standings().set_scope(person, scope)
    tell(f"{name} is changed; it holds from their next request on.")


@app.command("list")
def list_people(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Print everybody, the retired too."""
    from scrim.access.standing import standing_of
    from scrim.store.database import reading

    with opened(data) as deployment:
        people = deployment.people().list()
        with reading(deployment.engine) as connection:
            held = [standing_of(connection, person) for person in people]
    both = list(zip(people, held, strict=True))
    if as_json:
        tell_json(
            [
                {
                    "id": person.id,
                    "office": person.office,
                    "roles": sorted(one.roles),
                    "cameras": sorted(one.scope.cameras),
                    "sites": sorted(one.scope.sites),
                    "registered_us": person.registered_us,
                    "retired_us": person.retired_us,
                }
                for person, one in both
            ]
        )
        return
    rows = [
        [
            person.id,
            person.office,
            ", ".join(sorted(one.roles)),
            "everywhere"
            if one.scope.everywhere
            else " ".join(sorted(one.scope.cameras | one.scope.sites)),
            "" if person.retired_us is None else "retired",
        ]
        for person, one in both
    ]
    table(["ID", "OFFICE", "ROLES", "WHERE", ""], rows)


@app.command()
def retire(name: Id, data: Data = DEFAULT_DATA) -> None:
    """Let somebody go: their sessions end at once; what they did stays on record."""
    with opened(data) as deployment:
        ended = deployment.cases().retire(name)
    cases = f" Closed with that: {', '.join(ended)}." if ended else ""
    tell(f"{name} is retired.{cases}")


def scope_of(deployment: Deployment, cameras: list[str] | None, sites: list[str] | None) -> Scope:
    """Where roles hold, of cameras and sites that there are; everywhere without any.

    Raises:
        CaseRefused: there is no such camera or site.
    """
    from scrim.access import Scope
    from scrim.access.granting import check_scope
    from scrim.store.database import reading

    scope = Scope(frozenset(cameras or ()), frozenset(sites or ()))
    with reading(deployment.engine) as connection:
        check_scope(connection, scope)
    return scope


def _nothing() -> Exception:
    from scrim.errors import CaseRefused

    return CaseRefused(
        "Nothing, or two different things, were asked for.",
        "Give --role, --camera, --site, or --everywhere without a camera or a site.",
        rule="person-set",
    )


def _roles(words: list[str]) -> list[Role]:
    from scrim.access.roles import GIVEN, Role
    from scrim.errors import CaseRefused

    if not set(words) <= set(Role):
        raise CaseRefused(
            f"{' and '.join(sorted(set(words) - set(Role)))} is no role.",
            f"Choose of {', '.join(GIVEN)}.",
            rule="role-unknown",
        )
    return [Role(word) for word in words]


@contextmanager
def opened(data: Path) -> Iterator[Deployment]:
    """The data folder, until the end of the block."""
    from scrim.fleet.deployment import Deployment

    deployment = Deployment.open(data)
    try:
        yield deployment
    finally:
        deployment.close()
