"""Cedar policies in files, checked as a whole before any is in force.

Rules:

1. All ``*.cedar`` of one folder, by name, checked against the schema that Scrim ships
   (``policies/scrim.cedarschema``): no policies of a deployment's own widen what can be
   spoken of.
2. What does not parse or does not fit is refused with its file and line, and then none of
   them is in force.
3. Each policy has an ``@id`` of its own, a code: it stands in the ledger.

Language: https://docs.cedarpolicy.com (RBAC, ABAC and ``forbid`` over ``permit``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cedarpy

from scrim.errors import AccessPolicyInvalid

SHIPPED: Final = Path(__file__).parent / "policies"
SCHEMA: Final = SHIPPED / "scrim.cedarschema"

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_AT_ID: Final = re.compile(r'@id\("([^"]*)"\)')
# strings and comments are passed over; what is left are the beginnings of policies
_BEGINS: Final = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|\b(permit|forbid)\b\s*\(', re.DOTALL)
LARGEST: Final = 50_000  # characters in all files together


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """A folder's policies, all of them valid.

    Attributes:
        texts: the files, by name.
        sha256: over the names and contents of the files and the schema, in hexadecimal.
        ids: of all policies.
    """

    texts: Mapping[str, str] = field(repr=False)
    sha256: str
    ids: tuple[str, ...]
    policies: cedarpy.PolicySet = field(repr=False, compare=False)
    schema: cedarpy.Schema = field(repr=False, compare=False)

    @classmethod
    def load(cls, folder: Path = SHIPPED) -> PolicyFiles:
        """Read and check a folder.

        Raises:
            AccessPolicyInvalid: names the file and, where one is to blame, the line.
        """
        return cls.of({path.name: _read(path) for path in _files(folder)}, folder)

    @classmethod
    def of(cls, texts: Mapping[str, str], where: Path | None = None) -> PolicyFiles:
        """Check texts.

        Args:
            texts: by the names of their files.
            where: the folder they are from, for what is said of them.

        Raises:
            AccessPolicyInvalid: as :meth:`load`.
        """
        text = _read(SCHEMA)
        try:
            schema = cedarpy.Schema.from_str(text)
        except ValueError as error:
            raise _invalid(SCHEMA, 1, str(error)) from error
        if sum(map(len, texts.values())) > LARGEST:
            raise AccessPolicyInvalid(
                f"The access policies have more than {LARGEST} characters.", "Say it shorter."
            )
        hashed = hashlib.sha256(text.encode())
        seen: dict[str, str] = {}
        for name, text in sorted(texts.items()):
            path = Path(name) if where is None else where / name
            for policy in _checked(path, text, schema):
                if policy in seen:
                    raise _invalid(path, 1, f"{policy!r} is the id of one in {seen[policy]} too")
                seen[policy] = name
            hashed.update(f"\n{name} {len(text.encode())}\n{text}".encode())
        if not seen:
            raise AccessPolicyInvalid(
                "There is no policy here, so nobody could do anything.",
                "Copy those that Scrim ships and change them.",
            )
        policies = cedarpy.PolicySet.from_str("\n".join(texts[name] for name in sorted(texts)))
        return cls(dict(texts), hashed.hexdigest(), tuple(seen), policies, schema)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".cedar")
    except OSError as error:
        raise AccessPolicyInvalid(
            f"The folder of access policies {folder} cannot be read: {error.strerror}.",
            "Give a folder with files that end in .cedar.",
        ) from error


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > 4 * LARGEST:
            raise _invalid(path, 1, "it is too large")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise _invalid(path, 1, error.strerror or "it cannot be read") from error
    except UnicodeDecodeError as error:
        raise _invalid(path, 1, "it is no UTF-8") from error


def _checked(path: Path, text: str, schema: cedarpy.Schema) -> list[str]:
    """The ids of a file's policies, in its order."""
    begins = [found.start() for found in _BEGINS.finditer(text) if found.group(1)]
    try:
        policies = cedarpy.PolicySet.from_str(text)
    except ValueError as error:
        raise _invalid(path, _line_of_fault(text, begins), str(error)) from error
    lines = [_line(text, begin) for begin in begins]
    if len(policies) != len(begins) or policies.templates():
        raise _invalid(path, 1, "it has a template, or text that is no policy")
    result = cedarpy.validate_policies(text, schema)
    if not result.validation_passed:
        first = result.errors[0]
        number = re.fullmatch(r"policy(\d+)", first.policy_id or "")
        at = lines[int(number[1])] if number else 1
        raise _invalid(path, at, re.sub(r"^for policy `\w+`, ", "", first.error))
    ends = [0, *begins[:-1]]
    ids = []
    for start, begin, line in zip(ends, begins, lines, strict=True):
        named = _AT_ID.findall(text[start:begin])
        if len(named) != 1 or len(named[0]) > 60 or _ID.fullmatch(named[0]) is None:
            raise _invalid(path, line, 'a policy needs one @id("...") of a-z, 0-9 and hyphens')
        ids.append(named[0])
    return ids


def _line_of_fault(text: str, begins: list[int]) -> int:
    """The first line at which what comes before, policy by policy, stops to parse."""
    for begin in begins[1:]:
        part = text[:begin]
        part = part[: part.rfind(";") + 1]  # the annotations of the next one stay out
        try:
            cedarpy.PolicySet.from_str(part)
        except ValueError:
            return _line(text, begins[begins.index(begin) - 1])
    return _line(text, begins[-1]) if begins else 1


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _invalid(path: Path, line: int, why: str) -> AccessPolicyInvalid:
    return AccessPolicyInvalid(
        f"The access policy in {path}, line {line}, is not usable: {' '.join(why.split())}.",
        "Correct the file; what was in force stays.",
    )
