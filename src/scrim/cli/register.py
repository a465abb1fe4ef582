"""The ceremony: who is a custodian, who a case officer, on the server's data folder.

Nobody is registered by what was sent alone (:mod:`scrim.cli.aloud`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrim.cli.aloud import confirm
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.proposal import changed
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.errors import CaseUnknown, CustodianInvalid
from scrim.vault.custodian_set import Custodian, CustodianSet

if TYPE_CHECKING:
    from scrim.canonical import Json
    from scrim.fleet.deployment import Deployment

EVERYBODY = "everybody"

Fingerprints = Annotated[
    list[str] | None,
    typer.Option(
        "--fingerprint",
        metavar="ID=DIGITS",
        help="The thirty digits that ID read aloud, in place of being asked. Once for each.",
    ),
]
Group = Annotated[
    str, typer.Option("--group", "-g", help="The group of cameras that they are for.")
]
OptionalK = Annotated[
    int | None, typer.Option("--k", min=1, max=9, help="How many must agree, if that changes.")
]


def set_custodians(
    cards: Annotated[
        list[str],
        typer.Argument(metavar="ID=CARD...", help="A custodian and their card (age1…/scrimsig1…)."),
    ],
    k: Annotated[int, typer.Option("--k", min=1, max=9, help="How many must agree.")],
    group: Group = EVERYBODY,
    fingerprint: Fingerprints = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Put these custodians in force, in place of all before.

    Where Scrim runs, its recorders take them up within a second or two, with a new key
    period. What is sealed already stays with those it was sealed for.
    """
    members = tuple(_custodian(card) for card in cards)
    chosen = CustodianSet(k, members)
    with _opened(data) as deployment:
        before = deployment.custodians(group)
        known = () if before is None else before.custodians
        confirm([member for member in members if member not in known], fingerprint)
        if chosen == before or put(deployment, chosen, group, "custodians-set"):
            _say_set(chosen, group)


def set_group(
    camera: Annotated[str, typer.Argument(metavar="ID", help="The camera.")],
    group: Annotated[str, typer.Argument(metavar="GROUP", help="Of which custodians are set.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Give a camera to a group, whose custodians hold its keys from then on.

    What it recorded before stays with the custodians that it was sealed for.
    """
    with _opened(data) as deployment:
        change: dict[str, Json] = {"camera": camera, "group": group}
        if changed(deployment, "camera-group", change, "camera-group-changed"):
            tell(f"{camera} belongs to {group}.")


def add_custodian(
    card: Annotated[str, typer.Argument(metavar="ID=CARD", help="Who comes in, and their card.")],
    k: OptionalK = None,
    group: Group = EVERYBODY,
    fingerprint: Fingerprints = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Take in one custodian more, or give one a new card."""
    member = _custodian(card)
    with _opened(data) as deployment:
        before = _in_force(deployment, group)
        if member in before.custodians and k in (None, before.k):
            _say_set(before, group)
            return
        confirm([member], fingerprint)
        others = tuple(one for one in before.custodians if one.id != member.id)
        place = len(others)
        for number, one in enumerate(before.custodians):
            place = number if one.id == member.id else place
        chosen = CustodianSet(
            before.k if k is None else k, (*others[:place], member, *others[place:]), before.demo
        )
        if put(deployment, chosen, group, "custodian-added"):
            _say_set(chosen, group)


def retire_custodian(
    name: Annotated[str, typer.Argument(metavar="ID", help="Who leaves.")],
    k: OptionalK = None,
    group: Group = EVERYBODY,
    lost: Annotated[
        bool,
        typer.Option(
            "--lost",
            help="Their identity is lost or in other hands: nobody signs in or answers with it.",
        ),
    ] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Let a custodian go: new key periods have no part for them.

    For periods before, they can still answer, unless their identity is --lost; then they
    leave every other group too.
    """
    with _opened(data) as deployment:
        sets = _sets_with(deployment, name)
        if group not in sets:
            raise CustodianInvalid(
                f"No custodian {name!r} is in force for {group}.", "See `scrim custodian list`."
            )
        without = {group: _without(sets.pop(group), name, k)}
        for other, before in sets.items():
            if not lost:
                note(f"{name} stays a custodian of {other}: retire them there too, if they leave.")
            elif len(before.custodians) > before.k:
                without[other] = _without(before, name, None)
            else:
                note(
                    f"{other} keeps its set, since no {before.k} would be left, and {name} answers "
                    f"nothing any more: name others with `scrim custodian set --group {other}`."
                )
        if lost:
            with suppress(CaseUnknown):  # done already, and then something stopped
                deployment.people().retire(name)
        reason = "custodian-lost" if lost else "custodian-retired"
        for each, chosen in without.items():
            if put(deployment, chosen, each, reason):
                _say_set(chosen, each)


def _sets_with(deployment: Deployment, name: str) -> dict[str, CustodianSet]:
    """The sets in force that somebody is in, by group."""
    from scrim.store.custodians import sets_in_force
    from scrim.store.database import reading

    with reading(deployment.engine) as connection:
        groups = sorted(sets_in_force(connection))
    sets = {group: _in_force(deployment, group) for group in groups}
    return {
        group: one
        for group, one in sets.items()
        if any(custodian.id == name for custodian in one.custodians)
    }


def _without(before: CustodianSet, name: str, k: int | None) -> CustodianSet:
    left = tuple(one for one in before.custodians if one.id != name)
    return CustodianSet(before.k if k is None else k, left, before.demo)


def list_custodians(
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE",
            help="Write the set of --group as a new file, for `scrim custodian deal --to`.",
        ),
    ] = None,
    group: Group = EVERYBODY,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Print who is in force for each group, and their fingerprints."""
    if save is not None:
        _save_set(save, group, data)
        return
    from scrim.store.custodians import sets_in_force
    from scrim.store.database import reading

    with _opened(data) as deployment:
        with reading(deployment.engine) as connection:
            groups = sorted(sets_in_force(connection))
        sets = {name: _in_force(deployment, name) for name in groups}
    if as_json:
        tell_json(
            [
                {
                    "group": group,
                    "k": one.k,
                    "demo": one.demo,
                    "custodians": [
                        {"id": c.id, "card": c.card, "fingerprint": c.fingerprint}
                        for c in one.custodians
                    ],
                }
                for group, one in sets.items()
            ]
        )
        return
    if not sets:
        note("No custodians are set yet: `scrim custodian set --k 2 ID=CARD ...`.")
    for group, one in sets.items():
        _say_set(one, group)


def register_officer(
    name: Annotated[str, typer.Argument(metavar="ID", help="Names the desk: officer-7.")],
    office: Annotated[str, typer.Option("--office", help="Whose officer: police-north.")],
    card: Annotated[str, typer.Option("--card", help="Their card, age1…/scrimsig1….")],
    fingerprint: Annotated[
        str | None,
        typer.Option(
            "--fingerprint", help="The thirty digits read aloud, in place of being asked."
        ),
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Register a case officer, after they have read the fingerprint of their card aloud."""
    officer = Custodian.of_card(name, card)  # a card is the same thing, whoever holds it
    with _opened(data) as deployment:
        confirm([officer], None if fingerprint is None else [f"{name}={fingerprint}"])
        person = deployment.people().register(name, office, officer.verifier)
    tell(f"Officer      {person.id} of {person.office}")
    tell(f"Fingerprint  {officer.fingerprint}")


def list_officers(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Print the case officers, the retired too."""
    with _opened(data) as deployment:
        people = [one for one in deployment.people().list() if one.role == "officer"]
    if as_json:
        tell_json(
            [
                {
                    "id": one.id,
                    "office": one.office,
                    "verifier": one.verifier,
                    "registered_us": one.registered_us,
                    "retired_us": one.retired_us,
                }
                for one in people
            ]
        )
    elif not people:
        note("No officer is registered yet: `scrim officer register ID --office ... --card ...`.")
    else:
        rows = [
            [p.id, p.office, "" if p.retired_us is None else "retired", p.verifier] for p in people
        ]
        table(["ID", "OFFICE", "", "VERIFIER"], rows)


def retire_officer(
    name: Annotated[str, typer.Argument(metavar="ID", help="Who leaves.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Let an officer go: sessions, cases and live openings end at once; the record stays."""
    with _opened(data) as deployment:
        if not any(p.id == name and p.role == "officer" for p in deployment.people().list()):
            raise CaseUnknown(f"No officer is registered as {name!r}.", "See `scrim officer list`.")
        ended = deployment.cases().retire(name)
    cases = f" Closed with that: {', '.join(ended)}." if ended else ""
    tell(f"{name} is retired.{cases}")


def attach(custodians: typer.Typer, officers: typer.Typer, cameras: typer.Typer) -> None:
    """Put these commands beside those of the people's own machines."""
    cameras.command("group")(set_group)
    custodians.command("set")(set_custodians)
    custodians.command("add")(add_custodian)
    custodians.command("retire")(retire_custodian)
    custodians.command("list")(list_custodians)
    officers.command("register")(register_officer)
    officers.command("list")(list_officers)
    officers.command("retire")(retire_officer)


def _save_set(path: Path, group: str, data: Path) -> None:
    from scrim.canonical import canonical, digest
    from scrim.vault.secret_file import write_new

    with _opened(data) as deployment:
        document = _in_force(deployment, group).document()
    write_new(path, canonical(document))
    tell(f"{path}: SHA-256 {digest(document)}, as the ledger's entry custodians-set has it.")


@contextmanager
def _opened(data: Path) -> Iterator[Deployment]:
    from scrim.fleet.deployment import Deployment

    deployment = Deployment.open(data)
    try:
        yield deployment
    finally:
        deployment.close()


def put(deployment: Deployment, chosen: CustodianSet, group: str, reason: str) -> bool:
    """Put custodians in force, or propose it; whether they are in force now."""
    change: dict[str, Json] = {"set": chosen.document(), "group": group}
    return changed(deployment, "custodians", change, reason)


def _in_force(deployment: Deployment, group: str) -> CustodianSet:
    found = deployment.custodians(group)
    if found is None:
        raise CustodianInvalid(
            f"No custodians are set for {group}.",
            "Set them first: `scrim custodian set --k 2 ID=CARD ID=CARD ...`.",
        )
    return found


def _custodian(text: str) -> Custodian:
    name, equals, card = text.partition("=")
    if not equals:
        # the text is not repeated: it may be a secret pasted by mistake
        raise CustodianInvalid(
            "A custodian is given as ID=CARD.", "For example privacy=age1…/scrimsig1…"
        )
    return Custodian.of_card(name.strip(), card.strip())


def _say_set(custodians: CustodianSet, group: str) -> None:
    tell(f"{group}: any {custodians.k} of {len(custodians.custodians)} can open")
    for member in custodians.custodians:
        tell(f"  {member.id}  {member.fingerprint}")
