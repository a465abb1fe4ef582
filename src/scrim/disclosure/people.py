"""Which masks of one picture cover one and the same person.

Masking covers whoever it may be, several times over: a head, a moving outline, a box of a
figure.  To show one person, what covers them has to be told from what covers others.

Rules:

1. Geometry alone: where masks lie, how large they are, and their tracks' numbers.
2. A shape with two heads in it, or two figures that are not one, is ``several``: nobody is
   shown out of it.
3. A box that holds two people belongs to neither, so that it covers both; nor does a smaller
   outline at or in another's: it may be a child's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scrim.disclosure.boxes import Box, around, overlap, same_place, share
from scrim.redact import Mask

_HEADS = frozenset({"face", "head"})
_ONE_OUTLINE = 0.5  # of both: two outlines of one shape, measured before and after
_ONE_HEAD = 0.5  # of the smaller: two finds of one head
_ONE_FIGURE = 0.5  # of both: two boxes of one figure
_IN_BOX = 0.8  # of somebody, in the box that is of them
_LARGEST_BOX = 3.0  # times their outline
_UPPER = 0.5  # of a box, where its head is


@dataclass(frozen=True, slots=True)
class Person:
    """What is taken for one person in one picture.

    Attributes:
        box: around them, inside the picture.
        masks: which of the picture's masks cover them, by place in the list.
        heads: numbers of the tracks of heads among these.
        boxes: numbers of the tracks of whole figures among these.
        guessed: no outline was seen; the box is drawn from a face or a figure's box.
        several: there may be more than one in it.
    """

    box: Box
    masks: frozenset[int]
    heads: frozenset[int]
    boxes: frozenset[int]
    guessed: bool
    several: bool


@dataclass(slots=True)
class _Shape:
    """A person in the making; all are places in the list of masks."""

    outlines: list[int]
    heads: list[int]
    bodies: list[int]
    boxes: list[int]
    core: Box


def box_of(mask: Mask) -> Box:
    """The rectangle around a mask."""
    return Box(mask.x, mask.y, mask.w, mask.h)


def people(masks: Sequence[Mask], size: tuple[int, int]) -> list[Person]:
    """Everybody in a picture, as its masks tell.

    Args:
        masks: of the picture; those of plates, vehicles and zones are nobody's.
        size: width and height of the picture.
    """
    boxes = [box_of(mask) for mask in masks]
    heads = [i for i, mask in enumerate(masks) if mask.kind in _HEADS]
    persons = [i for i, mask in enumerate(masks) if mask.kind == "person"]
    outlines = [i for i in persons if masks[i].figure is not None]
    numbers = {masks[i].track for i in heads}
    bodies = [i for i in persons if masks[i].figure is None and masks[i].track in numbers]
    figures = [i for i in persons if masks[i].figure is None and masks[i].track not in numbers]

    shapes = [
        _Shape(group, [], [], [], around([boxes[i] for i in group]))
        for group in _joined(outlines, boxes, _ONE_OUTLINE, overlap)
    ]
    for group in _joined(heads, boxes, _ONE_HEAD):
        owners = [
            shape for shape in shapes if any(shape.core.holds(*boxes[i].middle) for i in group)
        ]
        own = [i for i in bodies if masks[i].track in {masks[j].track for j in group}]
        if not owners:
            core = around([boxes[i] for i in [*group, *own]])
            shapes.append(_Shape([], list(group), own, [], core))
        for shape in owners:
            if shape.outlines:
                shape.heads += group
                shape.bodies += own
    alone = [figure for figure in figures if not _give(figure, shapes, boxes)]
    shapes += [
        _Shape([], [], [], group, around([boxes[i] for i in group]))
        for group in _joined(alone, boxes, _ONE_FIGURE, overlap)
    ]
    found = [_person(shape, masks, boxes, size) for shape in shapes]
    return [one for one in found if one.box.area]


def _give(figure: int, shapes: Sequence[_Shape], boxes: Sequence[Box]) -> bool:
    """Whether a figure's box is of one of the shapes, or covers several and so is nobody's."""
    box = boxes[figure]
    inside = [shape for shape in shapes if box.holds(*shape.core.middle)]
    if len(inside) != 1:
        return len(inside) > 1
    shape = inside[0]
    if shape.outlines:
        fits = share(shape.core, box) >= _IN_BOX and box.area <= _LARGEST_BOX * shape.core.area
    else:
        x, y = boxes[shape.heads[0]].middle if shape.heads else shape.core.middle
        upper = Box(box.x, box.y, box.w, round(box.h * _UPPER))
        fits = bool(shape.heads) and upper.holds(x, y)
    if fits:
        shape.boxes.append(figure)
    return True


def _person(
    shape: _Shape, masks: Sequence[Mask], boxes: Sequence[Box], size: tuple[int, int]
) -> Person:
    members = [*shape.outlines, *shape.heads, *shape.bodies, *shape.boxes]
    core = around([shape.core, *(boxes[i] for i in shape.heads)])
    distinct = _joined(shape.heads, boxes, _ONE_HEAD)
    figures = _joined(shape.boxes, boxes, _ONE_FIGURE, overlap)
    return Person(
        core.clipped(size),
        frozenset(members),
        frozenset(masks[i].track for i in shape.heads),
        frozenset(masks[i].track for i in shape.boxes),
        guessed=not shape.outlines,
        several=len(distinct) > 1 or len(figures) > 1,
    )


def _joined(
    which: Sequence[int],
    boxes: Sequence[Box],
    least: float,
    measure: Callable[[Box, Box], float] = same_place,
) -> list[list[int]]:
    """Groups of boxes that lie on each other."""
    groups: list[list[int]] = []
    for i in which:
        near = [g for g in groups if any(measure(boxes[i], boxes[j]) >= least for j in g)]
        groups = [g for g in groups if g not in near]
        groups.append([j for g in near for j in g] + [i])
    return groups
