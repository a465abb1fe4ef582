"""``scrim norms``: the packs there are, what they ask, and whether it is so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from scrim.cli.norms_file import from_file
from scrim.cli.norms_told import (
    asked_besides,
    documents,
    explained,
    named,
    not_advice,
    of,
    sure,
    word,
)
from scrim.cli.options import DEFAULT_DATA, AsJson, Data
from scrim.cli.terminal import note, table, tell, tell_json
from scrim.errors import FactsInvalid

if TYPE_CHECKING:
    from scrim.norms.check import Outcome
    from scrim.norms.pack import Pack

app = typer.Typer(
    no_args_is_help=True,
    help="List, read, try and check norms: what the law asks of cameras, as files.",
    epilog="[bold]What does Hong Kong ask?[/bold]\n\nscrim norms show hk\n\n"
    "[bold]Does my own pack do what I mean?[/bold]\n\nscrim norms test my-pack.yaml",
)

CheckedFacts: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--facts",
        metavar="FILE",
        help="Check these and not the deployment: groups (deployment, site, camera, request, "
        "filing, breach), names, values, in YAML or JSON; scrim norms facts lists them.",
        show_default=False,
    ),
]
PacksFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--packs",
        metavar="FOLDER",
        help="A folder of your own packs.",
        show_default=False,
    ),
]
PackName: TypeAlias = Annotated[
    str, typer.Argument(metavar="PACK", help="A pack's id, or a file.", show_default=False)
]
OnlyPacks: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--pack", metavar="PACK", help="Only this pack; may be given again."),
]
At: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="The time to check --facts at, UTC; now by default.",
        show_default=False,
    ),
]
OnlyCamera: TypeAlias = Annotated[
    str | None, typer.Option("--camera", metavar="ID", help="Only of this camera.")
]


@app.command("list")
def list_packs(packs_folder: PacksFolder = None, as_json: AsJson = False) -> None:
    """List the packs there are."""
    from scrim.norms.load import load_all

    rows = [
        {
            "id": pack.id,
            "title": pack.title,
            "edition": pack.edition,
            "rules": len(pack.rules),
            "unverified": sum(rule.unverified for rule in pack.rules),
            "about": pack.about,
        }
        for pack in load_all(packs_folder).values()
    ]
    if as_json:
        tell_json(rows)
        return
    heads = ["id", "title", "edition", "rules", "unverified"]
    table([head.upper() for head in heads], [[str(row[head]) for head in heads] for row in rows])
    not_advice()


@app.command("show")
def show(pack: PackName, packs_folder: PacksFolder = None, as_json: AsJson = False) -> None:
    """Print what a pack asks: each rule with its citation and how sure it is."""
    found = _pack(pack, packs_folder)
    if as_json:
        tell_json(found.model_dump(mode="json", by_alias=True, exclude_none=True))
        return
    tell(f"{found.id}: {found.title}, edition {found.edition}")
    tell(f"SHA-256 {found.sha256}, as a proposal to apply it has it")
    tell(found.about)
    for rule in found.rules:
        tell()
        tell(f"{rule.id}  {rule.sentence}")
        tell(f"    {rule.citation} ({sure(rule)})")
        tell(f"    For each {rule.scope}; if not met, a {rule.severity}: {rule.remedy}")
    for title, lines in asked_besides(found):
        tell()
        tell(title)
        for line in lines:
            tell(f"    {line}")
    not_advice()


@app.command("test")
def try_pack(pack: PackName, packs_folder: PacksFolder = None, as_json: AsJson = False) -> None:
    """Try a pack on its own test cases; 1 where one does not hold."""
    from scrim.norms.trial import tried, untried

    found = _pack(pack, packs_folder)
    trials = list(tried(found))
    wrong = [trial for trial in trials if trial.wrong]
    missing = list(untried(found))
    if as_json:
        tell_json(
            {
                "pack": found.id,
                "cases": len(trials),
                "wrong": [
                    {"number": trial.number, "rule": trial.case.rule, "wrong": trial.wrong}
                    for trial in wrong
                ],
                "untried": [{"rule": rule, "outcome": status} for rule, status in missing],
            }
        )
    else:
        for trial in wrong:
            tell(f"tests number {trial.number}, {trial.case.rule}: {trial.wrong}")
        tell(f"{found.id}: {len(trials) - len(wrong)} of {len(trials)} cases hold.")
        for rule, status in missing:
            note(f"Note: no case in which {rule} is {status}.")
    if wrong:
        raise typer.Exit(1)


@app.command("check")
def check(
    facts: CheckedFacts = None,
    packs: OnlyPacks = None,
    camera: OnlyCamera = None,
    at: At = None,
    data: Data = DEFAULT_DATA,
    packs_folder: PacksFolder = None,
    as_json: AsJson = False,
) -> None:
    """Check the deployment, or facts in a file, against packs; 1 where a rule is breached.

    The deployment is checked as it is now, whether it runs or not, and nothing is written.
    Without --pack against those in force (scrim norms applied).
    """
    from scrim.norms.pack import Severity, Status

    if facts is None:
        outcomes = _live(data, at, packs=packs or (), camera=camera)
    else:
        _no_camera(camera)
        outcomes = from_file(facts, packs, at, packs_folder)
    if as_json:
        tell_json(documents(outcomes))
    else:
        _tell(outcomes)
    if any(
        outcome.verdict.status is Status.BREACHED and outcome.rule.severity is Severity.BREACH
        for outcome in outcomes
    ):
        raise typer.Exit(1)


@app.command("explain")
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule's id.", show_default=False)],
    facts: CheckedFacts = None,
    camera: OnlyCamera = None,
    at: At = None,
    data: Data = DEFAULT_DATA,
    packs_folder: PacksFolder = None,
    as_json: AsJson = False,
) -> None:
    """Say what came of one rule, and the facts that made it so."""
    if facts is None:
        outcomes = _live(data, at, camera=camera, rule=rule)
    else:
        _no_camera(camera)
        found = from_file(facts, None, at, packs_folder, rule=rule)
        outcomes = [outcome for outcome in found if outcome.rule.id == rule]
        if not outcomes:
            raise FactsInvalid(
                f"The file has no facts of the kind that {rule} is about.",
                "scrim norms show says what each rule is about.",
            )
    if as_json:
        tell_json(documents(outcomes))
        return
    for outcome in outcomes:
        for line in explained(outcome):
            tell(line)
    not_advice()


@app.command("facts")
def facts_table(
    page: Annotated[bool, typer.Option("--page", help="Print docs/ref/facts.md.")] = False,
) -> None:
    """List the facts that a rule may ask about."""
    from scrim.norms import facts as of
    from scrim.norms.fact_table import TABLE

    if page:
        typer.echo(of.page(), nl=False)
        return
    table(
        ["FACT", "TYPE", "MEANING"],
        [
            [f"facts.{fact.path}", fact.kind + (" or null" if fact.optional else ""), fact.meaning]
            for fact in TABLE
        ],
    )


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of a pack, for an editor."""
    from scrim.norms.pack import schema as of_pack

    tell_json(of_pack())


def _live(
    data: Path,
    at: str | None,
    *,
    packs: Sequence[str] = (),
    camera: str | None = None,
    rule: str | None = None,
) -> list[Outcome]:
    from scrim.cli.norms_live import look

    if at is not None:
        raise FactsInvalid(
            "A deployment is checked as it is now.", "Leave --at out, or give facts with --facts."
        )
    return look(data, packs=packs, camera=camera, rule=rule)


def _no_camera(camera: str | None) -> None:
    if camera is not None:
        raise FactsInvalid(
            "Facts in a file are of the camera that they are of.",
            "Leave --camera out, or leave --facts out to check the deployment.",
        )


def _tell(outcomes: Sequence[Outcome]) -> None:
    from scrim.norms.pack import Status

    table(
        ["OUTCOME", "RULE", "OF", "CITATION", "SENTENCE"],
        [
            [
                word(outcome),
                named(outcome.rule),
                of(outcome),
                outcome.rule.citation,
                outcome.rule.sentence,
            ]
            for outcome in outcomes
            if outcome.verdict.status is not Status.NOT_APPLICABLE
        ],
    )
    counted = Counter(outcome.verdict.status.value for outcome in outcomes)
    note(", ".join(f"{counted[status.value]} {status.value}" for status in Status) + ".")
    not_advice()


def _pack(name: str, folder: Path | None) -> Pack:
    from scrim.norms.load import load, load_all

    path = Path(name)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return load(path)
    return load_all(folder, [name])[name]
