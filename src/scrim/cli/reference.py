"""``docs/ref/cli.md``, written from the commands themselves.

``python -m scrim.cli.reference > docs/ref/cli.md``; a test compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from scrim.cli import redact
from scrim.cli.main import app

_HEAD = """\
# The command line

Written from the commands themselves by `python -m scrim.cli.reference`; a test compares.
Exit codes are in [exit-codes.md](exit-codes.md), settings in [settings.md](settings.md).

Results go to standard output, everything else to standard error. What went wrong by the user's
doing is one line that begins with `error:` and says what to do. `scrim --debug COMMAND`, or
`SCRIM_DEBUG=1`, adds the traceback.
"""


def reference() -> str:
    """The whole page."""
    parts = [_HEAD]
    command = get_command(app)
    context = command.make_context("scrim", [], resilient_parsing=True)
    for name in command.list_commands(context):  # type: ignore[attr-defined]
        one: Any = command.get_command(context, name)  # type: ignore[attr-defined]
        if name == "redact":
            alone = typer.Typer(add_completion=False)
            alone.command("redact", epilog=redact.EPILOG)(redact.redact)
            one = get_command(alone)
        parts.extend(_section(f"scrim {name}", one))
    return "\n".join(parts).rstrip() + "\n"


def _section(path: str, command: Any) -> Iterator[str]:
    yield f"## {path}\n"
    yield _plain(command.help or "") + "\n"
    members = getattr(command, "commands", None)
    if members is None:
        yield from _parameters(path, command)
    if command.epilog:
        yield _plain(command.epilog) + "\n"
    for name, member in (members or {}).items():
        yield from _section(f"{path} {name}", member)


def _parameters(path: str, command: Any) -> Iterator[str]:
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    options = [item for item in command.params if item.param_type_name == "option"]
    words = [_argument(item) for item in arguments]
    yield f"```\n{' '.join([path, '[OPTIONS]', *words])}\n```\n"
    rows = [(f"`{_argument(item)}`", item.help) for item in arguments]
    rows += [(_option(item), _help(item)) for item in options if not item.hidden]
    if rows:
        yield "| | |\n|---|---|"
        for left, right in rows:
            yield f"| {left} | {_plain(right or '').replace('|', '&#124;')} |"
        yield ""


def _argument(item: Any) -> str:
    name = (item.metavar or item.name.upper()).strip("[]")
    return name if item.required else f"[{name}]"


def _option(item: Any) -> str:
    names = [*item.opts, *item.secondary_opts]
    value = "" if item.is_flag else f" {item.metavar or item.name.upper()}"
    return ", ".join(f"`{name}{value}`" for name in names).replace("|", "&#124;")


def _help(item: Any) -> str:
    text = item.help or ""
    if item.envvar:
        text += f" Also by `{item.envvar}`."
    if item.default not in (None, False, "", []) and not item.is_flag:
        text += f" Default: `{getattr(item.default, 'value', item.default)}`."
    return text


def _plain(text: str) -> str:
    text = re.sub(r"\[/?bold\]", "**", text)
    return re.sub(r"[ \t]*\n[ \t]*", "\n", text).strip()


if __name__ == "__main__":
    sys.stdout.write(reference())
