"""Words to people and JSON to programs.

Text that holds names, paths or addresses is printed as it is: never as Rich
markup, never wrapped, so that a long line can be copied and grepped.
Rich is loaded by what needs it, which is little.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer


def tell(text: str = "") -> None:
    """A result, on standard output."""
    typer.echo(text)


def note(text: str) -> None:
    """What is going on, on standard error."""
    typer.echo(text, err=True)


def loud(lines: list[str]) -> None:
    """Something nobody may overlook, on standard error."""
    from rich.console import Console

    width = max(len(line) for line in lines)
    bar = "!" * (width + 6)
    # no emoji: Rich puts a picture in the place of the ":a:" of an address
    console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
    console.print(bar, style="bold red")
    for line in lines:
        console.print(f"!! {line.ljust(width)} !", style="bold red", markup=False)
    console.print(bar, style="bold red")


def tell_json(value: Any) -> None:
    """A result for a program: one JSON value on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def table(heads: list[str], rows: list[list[str]]) -> None:
    """A table on standard output; in a pipe, columns without frame or colour."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, emoji=False)
    grid = Table(*heads, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        grid.add_row(*row)
    if not console.is_terminal:
        console = Console(highlight=False, width=1000, emoji=False)
    with console.capture() as captured:
        console.print(grid, markup=False)
    for line in captured.get().splitlines():
        typer.echo(line.rstrip())


@contextmanager
def progress(what: str, *, shown: bool = True) -> Iterator[Any]:
    """A progress bar on standard error; yields ``update(done, total)``.

    Without a terminal there is no bar, so that a log is not filled with it.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not (shown and console.is_terminal),
    )
    with bar:
        task = bar.add_task(what, total=None)

        def update(done: int, total: int | None = None) -> None:
            bar.update(task, completed=done, total=total)

        yield update
