"""``scrim custodian backup`` and ``restore``: a custodian's secret on paper and back.

The words go to a terminal, share by share, or to new files for their owner
only.  Numbers before the words and lines that begin with ``#`` are for people
and are passed over when a share is read.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from scrim.cli import identity as person
from scrim.cli.identity import Sealed
from scrim.cli.options import AsJson
from scrim.cli.terminal import note, tell
from scrim.errors import BackupInvalid, VaultError
from scrim.vault import backup as shares_of
from scrim.vault.custodian import Identity
from scrim.vault.secret_file import write_new

_CARD: Final = "# card:"
_LARGEST_SHARE: Final = 64 * 1024
_ROW: Final = 4


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The identity file.")],
    shares: Annotated[int, typer.Option("--shares", help="How many shares, up to 16.")] = 3,
    needed: Annotated[
        int, typer.Option("--needed", help="How many of them bring the identity back.")
    ] = 2,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A folder for one file a share, to print each of them."),
    ] = None,
    passphrase: Annotated[
        bool,
        typer.Option("--backup-passphrase", help="Ask for a passphrase that is needed on top."),
    ] = False,
) -> None:
    """Write the identity down in words: shares (SLIP-39), some of which are enough.

    Give each share to another keeper, or put it in another safe. Fewer than needed
    tell nothing. The identity file's own passphrase does not protect the paper.
    """
    identity = person.load(file)
    typed = ""
    if passphrase:
        typed = _ask("Passphrase of the backup", confirm=True)
    made = shares_of.split(identity, shares, needed, typed)
    sheets = [_sheet(identity, words, at, shares, needed) for at, words in enumerate(made, 1)]
    if out is None:
        _print(sheets)
    else:
        _write(out, file.stem, sheets)
    note(
        f"\nAny {needed} of these {shares} shares bring {identity.card}\nback"
        + (", with the passphrase" if passphrase else "")
        + ". Try it now, before you rely on it: scrim custodian restore -o other-file.txt"
    )


def restore(
    out: Annotated[Path, typer.Option("--out", "-o", help="The new file. Never overwritten.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[SHARE]...", help="Files with one share each; else it asks."),
    ] = None,
    card: Annotated[
        str | None,
        typer.Option("--card", help="The registered card: anything else is not written."),
    ] = None,
    backup_passphrase: Annotated[
        bool, typer.Option("--backup-passphrase", help="Ask for the backup's passphrase.")
    ] = False,
    passphrase: Sealed = True,
    as_json: AsJson = False,
) -> None:
    """Bring an identity back from its shares.

    A share that was copied wrongly is named. A wrong passphrase cannot be told by
    the words alone, so compare the fingerprint with the one that was registered.
    """
    cards = [card] if card is not None else []
    if files:
        texts = {str(path): _read(path) for path in files}
        if len(texts) < len(files):
            raise BackupInvalid("One file is named twice.", "Name each share's file once.")
        words = {name: _words(text) for name, text in texts.items()}
        cards += [found for text in texts.values() for found in _cards(text)]
    else:
        words = _typed()
    identity = shares_of.join(words, _ask("Passphrase of the backup") if backup_passphrase else "")
    for expected in cards:
        person.compare(identity, expected)
    person.write(out, identity, sealed=passphrase)
    person.say(identity.recipient, identity.verifier, as_json=as_json, file=out)
    if not as_json and not cards:
        tell(
            "\nCompare the fingerprint with the one that was registered. If it differs, the\n"
            "backup's passphrase is another one, and this file opens nothing: delete it."
        )


def _sheet(identity: Identity, words: str, at: int, shares: int, needed: int) -> str:
    listed = words.split()
    rows = [
        "  ".join(f"{number + 1:>2} {listed[number]:<9}" for number in row).rstrip()
        for row in (
            range(begin, min(begin + _ROW, len(listed))) for begin in range(0, len(listed), _ROW)
        )
    ]
    head = [
        f"# Scrim: share {at} of {shares} of a custodian's identity; any {needed} bring it back",
        "# (SLIP-39). Secret: with enough of them anybody has this custodian's vote.",
        f"{_CARD} {identity.card}",
        f"# fingerprint: {identity.fingerprint}",
    ]
    return "\n".join([*head, "", *rows, ""])


def _print(sheets: list[str]) -> None:
    from rich.console import Console

    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    for at, sheet in enumerate(sheets):
        if interactive and at:
            typer.prompt("Written down? Enter shows the next share", default="", show_default=False)
            Console().clear()
        tell(sheet)


def _write(folder: Path, stem: str, sheets: list[str]) -> None:
    if not folder.is_dir():
        raise VaultError(f"{folder} is not a folder.", "Make it first, or name another with --out.")
    written: list[Path] = []
    try:
        for at, sheet in enumerate(sheets, 1):
            path = folder / f"{stem}-share-{at}-of-{len(sheets)}.txt"
            write_new(path, sheet.encode())
            written.append(path)
    except VaultError:
        for path in written:  # shares of a backup that is not whole would look like one
            path.unlink(missing_ok=True)
        raise
    for path in written:
        tell(str(path))


def _typed() -> dict[str, str]:
    found: dict[str, str] = {}
    needed = 1
    while len(found) < needed:
        name = f"Share {len(found) + 1}"
        words = _typed_words(name)
        try:
            needed = shares_of.needed_with({**found, name: words})
        except BackupInvalid as error:
            note(f"{error} Type that share again, or press Ctrl-C.")
            continue
        found[name] = words
        note(f"{name} is sound; {len(found)} of {needed}.")
    return found


def _typed_words(name: str) -> str:
    words: list[str] = []
    while len(words) < shares_of.WORDS:  # in one line or in several, as it stands on the paper
        asked = f"{name}, words {len(words) + 1} to {shares_of.WORDS}"
        line = _words(str(typer.prompt(asked, default="", show_default=False, err=True)))
        if not line:
            break
        words += line.split()
    return " ".join(words)


def _ask(what: str, *, confirm: bool = False) -> str:
    return str(typer.prompt(what, hide_input=True, confirmation_prompt=confirm, err=True))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_SHARE + 1)
    except OSError as error:
        raise BackupInvalid(
            f"{path} cannot be read: {error.strerror}.", "Give files with one share each."
        ) from None
    if len(data) > _LARGEST_SHARE:
        raise BackupInvalid(
            f"{path} is too large to be a share.", "Give files with one share each."
        )
    return data.decode("utf-8", "replace")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def _words(text: str) -> str:
    bare = " ".join(line for line in _lines(text) if not line.startswith("#"))
    return " ".join(word for word in bare.split() if not re.fullmatch(r"[0-9]{1,2}[.)]?", word))


def _cards(text: str) -> list[str]:
    return [line.removeprefix(_CARD) for line in _lines(text) if line.startswith(_CARD)]
