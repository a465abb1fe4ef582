"""May they?  One question, one answer, and which policies made it.

Rules:

1. Denied unless a policy permits it, and whatever a policy forbids.
2. A request that is broken (an action the schema does not know, a context that does not
   fit, a policy that fails on it) is a denial.  A policy that fails is never passed over,
   as Cedar itself would: it may be the one that forbids.
3. A decision is a function of what is asked: it reads no clock, no file, no table.
4. Which policies are in force changes as a whole or not at all (:meth:`Authoriser.reload`).

The handles of ``cedarpy`` keep policies, schema and entities parsed: 0.1 ms a decision
where parsing each time takes 2 ms (``bench/access.py``, ADR 0127).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import cedarpy

from scrim.access.policy_files import PolicyFiles
from scrim.access.roles import SIGNED_IN, Role

_KEPT: Final = 4096  # sets of entities


@dataclass(frozen=True, slots=True)
class Scope:
    """Where somebody's roles hold.

    Attributes:
        cameras, sites: these cameras and those of these sites; both empty: everywhere.
    """

    cameras: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()

    @property
    def everywhere(self) -> bool:
        """Whether there is no limit."""
        return not self.cameras and not self.sites

    def has(self, camera: str, site: str) -> bool:
        """Whether a camera of that site lies within."""
        return self.everywhere or camera in self.cameras or site in self.sites


EVERYWHERE: Final = Scope()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, as policies see them.

    Attributes:
        roles: of a session or a token; none for anybody.
        way: how they signed in: ``link``, ``key``, ``passkey``, ``oidc``, ``token``, ``none``.
        since_grant: whole seconds since the newest of their roles was given.
    """

    roles: frozenset[Role] = frozenset()
    scope: Scope = EVERYWHERE
    way: str = "none"
    since_grant: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A camera and the site it belongs to."""

    camera: str
    site: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else a policy may ask about.

    Attributes:
        exposed: machines other than this one reach the server.
        four_eyes: whether changes take two people here.
    """

    exposed: bool = False
    four_eyes: bool = True


USUAL: Final = Circumstances()


@dataclass(frozen=True, slots=True)
class Looking:
    """What is watched.

    Attributes:
        mode: ``live`` or ``recorded``.
        age: whole seconds from the oldest picture asked for until now; 0 for live.
        interval: how many seconds are asked for; 0 for live.
    """

    mode: str
    age: int = 0
    interval: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer.

    Attributes:
        allowed: yes or no.
        policies: ids of the policies that made it so; of a denial the one that forbids,
            and none where nothing permits.
        reasons: why not, a sentence each; for the log, not for the one who asks.
    """

    allowed: bool
    policies: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


NOBODY: Final = Principal()


class Authoriser:
    """Decides by the policies in force.

    Args:
        source: gives the policies; by default those that Scrim ships.

    Raises:
        AccessPolicyInvalid: they cannot be put in force.
    """

    def __init__(self, source: Callable[[], PolicyFiles] = PolicyFiles.load) -> None:
        self._source = source
        self._use(source())

    @property
    def in_force(self) -> PolicyFiles:
        """The policies that decide now."""
        return self._files

    def reload(self) -> bool:
        """Ask the source again; whether something has changed.

        Raises:
            AccessPolicyInvalid: what there is now is not usable; what was in force stays.
        """
        found = self._source()
        if found.sha256 == self._files.sha256:
            return False
        self._use(found)
        return True

    def decide(
        self,
        who: Principal,
        action: str,
        where: Place | None = None,
        circumstances: Circumstances = USUAL,
        looking: Looking | None = None,
    ) -> Decision:
        """Whether ``who`` may do ``action``.

        Args:
            who: who asks.
            action: what they want to do, as the schema names it.
            where: the camera concerned; the deployment as a whole without one.
            circumstances: how it is here.
            looking: of ``watch``, what is looked at.
        """
        context: dict[str, Any] = {
            "way": who.way,
            "since_grant": who.since_grant,
            "exposed": circumstances.exposed,
            "four_eyes": circumstances.four_eyes,
        }
        if looking is not None:
            context |= {
                "mode": looking.mode,
                "age": looking.age,
                "interval": looking.interval,
            }
        request = {
            "principal": _PERSON,
            "action": {"type": "Action", "id": action},
            "resource": _DEPLOYMENT if where is None else _uid("Camera", where.camera),
            "context": context,
        }
        files = self._files
        try:
            entities = self._entities(who.roles, who.scope, where)
            answer = cedarpy.is_authorized(request, files.policies, entities, files.schema)
        except (ValueError, TypeError) as error:
            return Decision(False, (), (str(error),))
        return _decision(answer)

    def _use(self, files: PolicyFiles) -> None:
        self._files = files

        @lru_cache(maxsize=_KEPT)
        def person(roles: frozenset[Role], scope: Scope) -> cedarpy.Entities:
            return cedarpy.Entities.from_json_str(json.dumps(_person(roles, scope)), files.schema)

        @lru_cache(maxsize=_KEPT)
        def entities(roles: frozenset[Role], scope: Scope, where: Place | None) -> cedarpy.Entities:
            base = person(roles, scope)
            return base if where is None else base.with_added_json_str(json.dumps(_camera(where)))

        self._entities = entities


def _decision(answer: cedarpy.AuthzResult) -> Decision:
    diagnostics = answer.diagnostics
    names: Mapping[str, str] = diagnostics.id_annotations_by_reason
    policies = tuple(sorted(names.get(reason, reason) for reason in diagnostics.reasons))
    if diagnostics.errors:
        return Decision(False, (), tuple(diagnostics.errors))
    if answer.allowed:
        return Decision(True, policies)
    why = f"forbidden by {' and '.join(policies)}" if policies else "no policy permits it"
    return Decision(False, policies, (why,))


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


_PERSON: Final = _uid("Person", "asking")  # no policy names a person: roles and scopes do
_DEPLOYMENT: Final = _uid("Deployment", "here")


def _person(roles: frozenset[Role], scope: Scope) -> list[dict[str, Any]]:
    held = {Role.PUBLIC.value, *(role.value for role in roles)}
    if roles & frozenset(SIGNED_IN):
        held.add("signed-in")
    attributes = {
        "everywhere": scope.everywhere,
        "cameras": [{"__entity": _uid("Camera", name)} for name in sorted(scope.cameras)],
        "sites": [{"__entity": _uid("Site", name)} for name in sorted(scope.sites)],
    }
    parents = [_uid("Role", name) for name in sorted(held)]
    return [{"uid": _PERSON, "attrs": attributes, "parents": parents}]


def _camera(where: Place) -> list[dict[str, Any]]:
    parents = [_uid("Site", where.site)]
    return [{"uid": _uid("Camera", where.camera), "attrs": {}, "parents": parents}]
