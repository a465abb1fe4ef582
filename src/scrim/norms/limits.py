"""How long something is kept: the limits of several packs, put together.

Rules:

1. The floor is the longest of all floors, the ceiling the shortest of all ceilings, for
   each camera, purpose and side.  Nothing is averaged.
2. A floor over a ceiling cannot be lawful: refused, both rules named.
3. A ceiling that may be passed for a reason on record is passed for that camera's own
   reason alone.  It never makes room for a floor: what another law asks of everybody is no
   reason of this camera's, so the two are refused together, reason or not.
4. What the deployment's own settings say is put in as one more limit, named by its setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from scrim.errors import NormsConflict
from scrim.norms.pack import Limit, Pack, Side, Where


@dataclass(frozen=True, slots=True)
class Situation:
    """What of a camera decides which limits apply.

    Attributes:
        purpose: its purpose's word.
        country: where it stands.
        labels: what else it is, of its site too.
        reasoned: a reason for keeping it longer is on record.
    """

    purpose: str = ""
    country: str = ""
    labels: frozenset[str] = frozenset()
    reasoned: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """What the deployment itself says about one side.

    Attributes:
        name: the setting, for messages: ``retention.sealed_days``.
        ceiling: seconds.
        floor: seconds.
    """

    name: str
    ceiling: int
    floor: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long something is kept.

    Attributes:
        floor: seconds at least.
        ceiling: seconds at most.
        floor_by: the rule that says so, or the setting; empty where nothing does.
        ceiling_by: the rule that says so, or the setting.
        reasons_by: rules that ask for a reason on record.
    """

    floor: int
    ceiling: int
    floor_by: str
    ceiling_by: str
    reasons_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Bound:
    seconds: int
    by: str
    said: str


def put_together(packs: Iterable[Pack], side: Side, situation: Situation, own: Own) -> Limits:
    """The limits in force.

    Args:
        packs: those that the camera is under.
        side: sealed or masked.
        situation: of the camera.
        own: the deployment's own.

    Raises:
        NormsConflict: a floor over a ceiling; ``rules`` has the floor's and the ceiling's.
    """
    entries = [
        limit
        for pack in packs
        for limit in pack.retention
        if side in limit.sides and applies(limit.where, situation)
    ]
    mine = _Bound(own.ceiling, own.name, f"{own.name}: at most {_length(own.ceiling)}")
    floor = max(_floors(entries, own), key=lambda bound: bound.seconds)
    strict = min([mine, *_ceilings(entries, reasoned=False)], key=lambda bound: bound.seconds)
    if floor.seconds > strict.seconds:
        raise _conflict(floor, strict, side, situation)
    ceiling = min(
        [mine, *_ceilings(entries, reasoned=situation.reasoned)], key=lambda bound: bound.seconds
    )
    reasons = [limit.rule for limit in entries if limit.reason is not None]
    reasons += [
        limit.rule
        for limit in entries
        if limit.beyond is not None
        and limit.ceiling is not None
        and ceiling.seconds > limit.ceiling.seconds
    ]
    return Limits(
        floor.seconds, ceiling.seconds, floor.by, ceiling.by, tuple(dict.fromkeys(reasons))
    )


def applies(where: Where, situation: Situation) -> bool:
    """Whether something that is said for ``where`` is said for this camera."""
    return (
        (not where.purposes or situation.purpose in where.purposes)
        and (not where.countries or situation.country in where.countries)
        and (not where.labels or not situation.labels.isdisjoint(where.labels))
    )


def agree_within(pack: Pack) -> None:
    """Whether a pack's own limits can be met together, wherever it is applied.

    Raises:
        NormsConflict: they cannot; names both rules.
    """
    for first, second in product(pack.retention, repeat=2):
        if first.floor is None or second.ceiling is None or not _meet(first.where, second.where):
            continue
        sides = set(first.sides) & set(second.sides)
        if sides and first.floor.seconds > second.ceiling.seconds:
            raise _conflict(
                _Bound(
                    first.floor.seconds, first.rule, f"{first.rule}: at least {first.floor.text()}"
                ),
                _Bound(
                    second.ceiling.seconds,
                    second.rule,
                    f"{second.rule}: at most {second.ceiling.text()}",
                ),
                min(sides),
                Situation(),
            )


def _meet(one: Where, other: Where) -> bool:
    """Whether both can be so of one camera: labels always can, it may have several."""
    return all(
        not mine or not theirs or set(mine) & set(theirs)
        for mine, theirs in (
            (one.purposes, other.purposes),
            (one.countries, other.countries),
        )
    )


def _floors(entries: Sequence[Limit], own: Own) -> list[_Bound]:
    said = f"{own.name}: at least {_length(own.floor)}"
    return [_Bound(own.floor, own.name if own.floor else "", said)] + [
        _Bound(limit.floor.seconds, limit.rule, f"{limit.rule}: at least {limit.floor.text()}")
        for limit in entries
        if limit.floor is not None
    ]


def _ceilings(entries: Sequence[Limit], *, reasoned: bool) -> list[_Bound]:
    bounds = []
    for limit in entries:
        ceiling = limit.ceiling
        if reasoned and limit.beyond is not None:
            ceiling = limit.beyond.ceiling
        if ceiling is not None:
            said = f"{limit.rule}: at most {ceiling.text()}"
            bounds.append(_Bound(ceiling.seconds, limit.rule, said))
    return bounds


def _conflict(floor: _Bound, ceiling: _Bound, side: Side, situation: Situation) -> NormsConflict:
    what = {Side.SEALED: "Sealed originals", Side.MASKED: "Masked recordings"}[side]
    of = f" of the purpose {situation.purpose}" if situation.purpose else ""
    return NormsConflict(
        f"{what}{of} cannot be kept as asked: {floor.said}; {ceiling.said}.",
        "Take one of the packs away from the camera, or change the setting; "
        "there is no length that meets both.",
        rules=(floor.by, ceiling.by),
    )


def _length(seconds: int) -> str:
    for unit, name in ((86400, "day"), (3600, "hour"), (1, "second")):
        if seconds % unit == 0:
            count = seconds // unit
            return f"{count} {name}{'' if count == 1 else 's'}"
    raise AssertionError
