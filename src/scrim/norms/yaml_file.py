"""Reading YAML that somebody else wrote.

Rules:

1. Only text, whole numbers, true, false, null, lists and mappings come out: no
   dates, no octal or sexagesimal numbers, no ``no`` that means false, no tags.
2. A key stands once.  Anchors and aliases are refused, so that a small file stays small.
3. At most ``LARGEST`` bytes, ``DEEPEST`` levels.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

LARGEST: Final = 1024 * 1024
DEEPEST: Final = 20

_RESOLVED: Final = (
    ("tag:yaml.org,2002:bool", r"true|false", "tf"),
    ("tag:yaml.org,2002:int", r"-?(?:0|[1-9][0-9]{0,17})", "-0123456789"),
    ("tag:yaml.org,2002:null", r"null|~|", ["n", "~", ""]),
)


class _Loader(yaml.SafeLoader):
    """Safe, and with YAML 1.2's core words in place of YAML 1.1's."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = f"line {event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent):
            raise ValueError(f"{line}: no aliases (*name)")
        if event.tag is not None:
            raise ValueError(f"{line}: no tags ({str(event.tag)[:40]})")
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST} levels")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            line = f"line {key.start_mark.line + 1}"
            if not isinstance(key, yaml.ScalarNode):
                raise ValueError(f"{line}: a key is not a word")
            if key.value in seen:
                raise ValueError(f"{line}: {key.value!r} stands there twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in _RESOLVED:
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), list(_first))


def parsed(data: bytes) -> Any:
    """The value of a YAML document.

    Raises:
        ValueError: not YAML of these rules; says the line where it can.
    """
    if len(data) > LARGEST:
        raise ValueError(f"larger than {LARGEST} bytes")
    try:
        return yaml.load(data.decode("utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"{line}{error.problem or 'not YAML'}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {error}".split("\n")[0]) from None
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except RecursionError:
        raise ValueError(f"nested deeper than {DEEPEST} levels") from None


def read(path: Path) -> bytes:
    """The bytes of a file, no more than one too many.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(LARGEST + 1)
