"""``scrim init``: make a data folder, its ledger key, and say who the custodians are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrim.cli.options import DEFAULT_DATA, Data
from scrim.cli.register import EVERYBODY, put
from scrim.cli.terminal import loud, note, tell
from scrim.errors import CustodianInvalid

if TYPE_CHECKING:
    from scrim.vault import CustodianSet

EPILOG = (
    "[bold]Three custodians, any two of whom can open:[/bold]\n\n"
    "scrim init --k 2 --custodian privacy=age1.../scrimsig1... "
    "--custodian registry=age1.../scrimsig1... --custodian audit=age1.../scrimsig1...\n\n"
    "Each custodian makes their own card with [bold]scrim custodian new[/bold] on their "
    "own machine; name offices, not people. Run it again to put other custodians in force: "
    "what is sealed already stays with the old ones."
)

Custodians = Annotated[
    list[str] | None,
    typer.Option(
        "--custodian",
        "-c",
        metavar="ID=CARD",
        help="A custodian and the public card (age1.../scrimsig1...) they sent. Once for each.",
    ),
]


def init(
    place: Annotated[
        Path | None, typer.Argument(metavar="[DATA]", help="The data folder; the same as --data.")
    ] = None,
    data: Data = DEFAULT_DATA,
    k: Annotated[
        int | None, typer.Option("--k", min=1, max=9, help="How many custodians must agree.")
    ] = None,
    custodian: Custodians = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Make demo custodians. THEY PROTECT NOBODY.")
    ] = False,
) -> None:
    """Make a data folder, with its ledger key and its custodians.

    A folder that is there already keeps all it has.
    """
    from scrim.fleet.deployment import Deployment

    chosen = _custodians(k, custodian or [], demo=demo)
    deployment = Deployment.create(place or data)
    try:
        with deployment.folder.lock():
            if demo:
                chosen = deployment.make_demo_custodians()
            if chosen is not None and chosen != deployment.custodians():
                put(deployment, chosen, EVERYBODY, "custodians-set")
            deployment.publish_checkpoint()
        tell(f"Data folder   {deployment.folder.path}")
        in_force = deployment.custodians()
        if in_force is not None:
            n = len(in_force.custodians)
            tell(f"Custodians    any {in_force.k} of {n} can open")
            for member in in_force.custodians:
                tell(f"              {member.id}  {member.fingerprint}")
        tell(f"Ledger key    {deployment.verifier_text()}")
    finally:
        deployment.close()
    note(
        "\nWrite the ledger key down elsewhere, on paper or on another machine: with it "
        "anybody can tell\nthat the ledger is still this one (scrim verify --key)."
    )
    if in_force is None:
        note(
            "\nThere are no custodians yet, so nothing can be recorded. Let each run "
            "`scrim custodian new`\non a machine of their own, then run:\n"
            "  scrim init --k 2 --custodian ID=CARD --custodian ID=CARD ...\n"
            "For a demonstration, that protects nobody: scrim init --demo"
        )
    elif in_force.demo:
        warn_of_demo_custodians()


def warn_of_demo_custodians() -> None:
    """Say what demo custodians are, where nobody overlooks it."""
    loud(
        [
            "DEMO CUSTODIANS: THEY PROTECT NOBODY.",
            "Their secrets lie in the data folder, so whoever has this machine",
            "opens every recording. Do not film real people with them.",
        ]
    )


def _custodians(k: int | None, pairs: list[str], *, demo: bool) -> CustodianSet | None:
    from scrim.vault import Custodian, CustodianSet

    if demo and (pairs or k is not None):
        raise typer.BadParameter("take either --demo or --k with --custodian, not both")
    if not pairs:
        if k is not None:
            raise typer.BadParameter("--k needs custodians: give --custodian ID=CARD")
        return None
    members = []
    for pair in pairs:
        name, equals, card = (text.strip() for text in pair.partition("="))
        if not equals:
            # the text is not repeated: it may be a secret pasted by mistake
            raise CustodianInvalid(
                "A custodian is given as ID=CARD.",
                "For example --custodian privacy=age1.../scrimsig1...",
            )
        if "/" not in card:
            Custodian(name, card)  # what is wrong with it otherwise is said first
            raise CustodianInvalid(
                f"Custodian {name} is given with a recipient alone, without which key they sign.",
                "Let them run `scrim custodian show FILE` and send the card that it prints.",
            )
        members.append(Custodian.of_card(name, card))
    if k is None:
        raise typer.BadParameter("say with --k how many of the custodians must agree")
    return CustodianSet(k, tuple(members))
