"""Reading a pack, and refusing one that is not right.

Rules:

1. A pack is taken whole or not at all; what was in force stays so until a better one is
   loaded, which is up to the caller.
2. Every error names the file, the rule or field, and what to do.
3. What a model cannot say is checked by :mod:`scrim.norms.pack_check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from scrim.errors import PackInvalid
from scrim.norms.deadlines import calendar_of, deadline
from scrim.norms.pack import Pack
from scrim.norms.pack_check import check_pack
from scrim.norms.yaml_file import parsed, read

__all__ = ["calendar_of", "deadline", "load", "load_all", "pack_from", "shipped"]

_SHIPPED: Final = Path(__file__).parent / "packs"

_REMEDY: Final = (
    "Correct the file; docs/guide/write-a-pack.md shows how, scrim norms test tries it."
)


def shipped() -> tuple[str, ...]:
    """Ids of the packs that come with Scrim."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.yaml")))


def load(path: Path) -> Pack:
    """The pack of a file.

    Raises:
        PackInvalid: it cannot be read or is not right; says where and why.
    """
    try:
        return pack_from(read(path), path.name)
    except OSError as error:
        raise PackInvalid(
            f"{path.name} cannot be read: {error.strerror}.", "Check the path and its permissions."
        ) from None


def load_all(folder: Path | None = None, ids: Sequence[str] | None = None) -> dict[str, Pack]:
    """The packs that are shipped and those of a folder, by id.

    Args:
        folder: of a deployment's own packs, ``*.yaml``; one of them may take the place of
            a shipped one by having its id.
        ids: those wanted; all by default.

    Raises:
        PackInvalid: one is not right, two files have one id, two packs have a rule of one
            id, or one that is wanted is not there.
    """
    own = _by_name(folder.glob("*.yaml")) if folder is not None else {}
    if folder is not None and not folder.is_dir():
        raise PackInvalid(f"There is no folder {folder.name}.", "Check the path.")
    found: dict[str, Pack] = {}
    for path in own.values():
        pack = load(path)
        if pack.id in found:
            raise PackInvalid(f"{path.name}: id: {pack.id} is another file's too.", _REMEDY)
        found[pack.id] = pack
    for name in shipped():
        if name not in found and (ids is None or name in ids):
            found[name] = load(_SHIPPED / f"{name}.yaml")
    missing = [id_ for id_ in ids or () if id_ not in found]
    if missing:
        raise PackInvalid(
            f"There is no pack {missing[0]!r}.",
            f"There are {', '.join(sorted({*found, *shipped()}))}.",
        )
    wanted = {id_: pack for id_, pack in found.items() if ids is None or id_ in ids}
    _distinct(wanted.values())
    return wanted


def _by_name(paths: Iterable[Path]) -> dict[str, Path]:
    return {path.name: path for path in sorted(paths)}


def _distinct(packs: Iterable[Pack]) -> None:
    seen: dict[str, str] = {}
    for pack in packs:
        for rule in pack.rules:
            if rule.id in seen:
                raise PackInvalid(
                    f"Rule {rule.id} stands in the packs {seen[rule.id]} and {pack.id}.",
                    "Give one of them another id.",
                )
            seen[rule.id] = pack.id


def pack_from(data: bytes, name: str) -> Pack:
    """The pack of a file's bytes.

    Args:
        data: YAML.
        name: the file's, for messages.

    Raises:
        PackInvalid: as :func:`load`.
    """
    try:
        value = parsed(data)
    except ValueError as error:
        raise PackInvalid(f"{name}: {error}.", _REMEDY) from None
    if not isinstance(value, dict):
        raise PackInvalid(f"{name} is not a pack: no names and values.", _REMEDY)
    try:
        pack = Pack.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = _place(value, first["loc"])
        more = error.error_count() - 1
        also = f" ({more} more of the kind)" if more else ""
        message = first["msg"].removeprefix("Value error, ")
        raise PackInvalid(f"{name}: {where}: {message}{also}.", _REMEDY) from None
    except RecursionError:
        raise PackInvalid(f"{name} is nested too deep.", _REMEDY) from None
    try:
        check_pack(pack)
    except ValueError as error:
        raise PackInvalid(f"{name}: {error}.", _REMEDY) from None
    return pack


def _place(value: Any, loc: tuple[int | str, ...]) -> str:
    """Where in a file: ``rule hk-01, check`` in place of ``rules.0.check``."""
    words: list[str] = []
    for step in loc:
        listed = isinstance(value, list)
        value = _inside(value, step)
        if isinstance(step, int) and listed:
            id_ = (value.get("id") or value.get("rule")) if isinstance(value, dict) else None
            section = words.pop() if words else ""
            words.append(f"{section} {id_ if isinstance(id_, str) else f'number {step + 1}'},")
        elif not str(step).startswith(("function-", "tuple[", "literal[")):
            words.append(str(step))
    return " ".join(words).rstrip(",") or "the file"


def _inside(value: Any, step: int | str) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return value
