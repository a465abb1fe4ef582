"""People whose face was not found, from what moves; and what of the moving is explained.

Rules kept here:

- A face says where its owner's body is: below it, some faces wide and high.  What moves
  there needs no mask of its own while only faces are asked for.
- What else moves is somebody, until shown otherwise: upright shapes get a mask on the
  head, all others on their upper half, where heads (and drivers) are.
- Where people or vehicles are asked for, what moves is covered whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.policy import Cover
from scrim.redact._cover import Box, Piece
from scrim.redact._scene import Blob, blobs
from scrim.redact._tracker import HEADS
from scrim.redact.detector import Detection
from scrim.redact.frames import Figure, Source
from scrim.redact.people import head_of

# Of the face's width to each side, of its height upward and downward.
_BODY = (1.7, 0.8, 7.0)
CHEST = (1.0, 0.6, 3.0)
_MOSTLY = 0.6  # of a blob that lies in bodies of found faces
_UPRIGHT = 1.2  # height over width of somebody who stands
_HEAD = 0.28  # of an upright shape's height; a head takes an eighth, raised arms and bends more
_UPPER = 0.5  # of the height of what is wider: a group, a vehicle, somebody near
_APIECE = 0.6  # width of somebody in a group, over the group's height
_BESIDE = 0.3  # width over height of what stands out beside a head: somebody, and no arm
_SMALLER = 0.4  # of the tallest's height: whoever stands beside them
_SHORTEST = 32  # pixels of the picture: whoever is lower has a head of under 5
_BY_POLICY = {
    "person": frozenset({Cover.PERSONS}),
    "vehicle": frozenset({Cover.VEHICLES, Cover.PLATES}),
    "plate": frozenset({Cover.PLATES, Cover.VEHICLES}),
}
_SAME_PERSON = 0.9  # of a person's box that lies in a figure's
_FIGURE_OF_FACE = (0.5, 4.0)  # of the face's height: a figure begins above, and ends below that
_NEAR = 3  # small pixels around somebody, that belong to them
_FIGURE_CELLS = 48  # of an outline's longer side


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made of what moves.

    Attributes:
        heads: somebody without a face found gets a mask on the head.
        persons: whole people.
        vehicles: whole vehicles.
    """

    heads: bool
    persons: bool
    vehicles: bool

    @property
    def whole(self) -> bool:
        """Anything is wanted whole."""
        return self.persons or self.vehicles

    @classmethod
    def by(cls, cover: frozenset[Cover], *, everything: bool) -> Wanted:
        """As a policy says; ``everything``: whatever moves, whole."""
        return cls(
            True, everything or Cover.PERSONS in cover, everything or Cover.VEHICLES in cover
        )


def moving_pieces(
    foregrounds: Sequence[NDArray[np.bool_]],
    step: int,
    faces: Sequence[Piece],
    scale: float,
    wanted: Wanted,
) -> tuple[list[Piece], NDArray[np.bool_]]:
    """Pieces of masks for what moves in one picture, and the small pixels of who has them.

    Args:
        foregrounds: of the pictures measured, in order; rows x columns.
        step: which of them.
        faces: the pieces that are laid over this picture already.
        scale: the small picture's size over the picture's.
        wanted: what is to be covered.
    """
    shape = foregrounds[step].shape
    handled = np.zeros(shape, np.bool_)
    found = blobs(foregrounds[step])
    if not found:
        return [], handled
    bodies = explained(faces, scale, shape, _BODY)
    out = []
    for blob in found:
        if not _lasts(blob, foregrounds, step) or blob.h / scale < _SHORTEST:
            continue
        upright = blob.h >= _UPRIGHT * blob.w
        if wanted.persons or (wanted.vehicles and not upright):
            kind = "person" if wanted.persons else "vehicle"
            out.append(_piece(blob.x, blob.y, blob.w, blob.h, scale, kind, _figure(blob)))
        elif _is_explained(blob, bodies):
            continue
        elif wanted.heads:
            out += [_piece(*part, scale, "moving", None) for part in _heads(blob)]
        handled[
            max(0, blob.y - _NEAR) : blob.y + blob.h + _NEAR,
            max(0, blob.x - _NEAR) : blob.x + blob.w + _NEAR,
        ] = True
    return out, handled


def body_of(face: Piece) -> Piece:
    """The whole person below a face, for whom persons are covered."""
    left, top, right, bottom = face.box
    w, h = right - left, bottom - top
    box = (left - 1.2 * w, top - 0.5 * h, right + 1.2 * w, bottom + 6.5 * h)
    return Piece(face.number, box, "person", face.source)


def matters(kind: str, cover: frozenset[Cover]) -> bool:
    """Whether anything is made of a find of that kind: people have heads in every policy."""
    return kind == "person" or bool(_BY_POLICY.get(kind, cover) & cover)


def chosen(pieces: Sequence[Piece], cover: frozenset[Cover]) -> list[Piece]:
    """Of all that was found, what a policy covers; people as heads, where only faces are asked for.

    Args:
        pieces: of one picture.
        cover: the policy's.
    """
    out = [one for one in pieces if one.kind not in _BY_POLICY]
    heads = [one.box for one in out if one.kind in HEADS]
    for one in pieces:
        wanted = _BY_POLICY.get(one.kind)
        if wanted is None:
            continue
        if wanted & cover or one.figure is not None:
            out.append(one)
        elif one.kind == "person":
            left, top, right, bottom = one.box
            found = head_of(Detection(left, top, right - left, bottom - top, 1.0, "person"))
            head = (found.x, found.y, found.x + found.w, found.y + found.h)
            if not any(_is_in(box, head) for box in heads):
                out.append(Piece(one.number, head, "head", one.source))
    if Cover.PERSONS in cover:
        figures = [one.box for one in out if one.figure is not None]
        out = [one for one in out if one.figure is not None or not _is_drawn(one, figures)]
        faces = [one for one in out if one.kind in HEADS]
        out += [body_of(one) for one in faces if not _has_figure(one.box, figures)]
    return out


def explained(
    pieces: Sequence[Piece],
    scale: float,
    shape: tuple[int, ...],
    body: tuple[float, float, float] = CHEST,
) -> NDArray[np.bool_]:
    """Which small pixels are covered, or belong to somebody whose head is.

    Args:
        pieces: of the picture, in its pixels.
        scale: the small picture's size over the picture's.
        shape: rows and columns of the small picture.
        body: how far it reaches from a face: to each side in widths, up and down in heights.
    """
    out = np.zeros(shape[:2], np.bool_)
    for piece in pieces:
        # Where something was guessed to be explains nothing: it may have gone from there.
        if piece.kind in _BY_POLICY or piece.source is Source.HELD:
            continue
        left, top, right, bottom = (side * scale for side in piece.box)
        w, h = right - left, bottom - top
        if piece.kind in HEADS:
            side, up, down = body[0] * w, body[1] * h, body[2] * h
        else:
            side = up = down = 0.1 * max(w, h) + 1
        rows = slice(max(0, int(top - up)), max(0, int(bottom + down) + 1))
        out[rows, max(0, int(left - side)) : max(0, int(right + side) + 1)] = True
    return out


def against_neighbours(
    smalls: Sequence[NDArray[np.uint8]],
    step: int,
    brought: Callable[[int, int], NDArray[np.uint8]],
    limit: float,
) -> NDArray[np.bool_]:
    """Foreground before a camera that moves: what differs from both neighbours in time.

    Args:
        smalls: the pictures measured, in order.
        step: which of them.
        brought: gives picture ``other`` (second) laid on picture ``step`` (first).
        limit: of 255, what counts as a difference.
    """
    here = smalls[step]
    out = np.ones(here.shape, np.bool_)
    for other in (max(0, step - 2), min(len(smalls) - 1, step + 2)):
        if other != step:
            out &= cv2.blur(cv2.absdiff(here, brought(step, other)), (3, 3)) > limit
    solid = cv2.morphologyEx(out.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return np.asarray(cv2.dilate(solid, np.ones((7, 7), np.uint8)) > 0)


def _is_drawn(piece: Piece, figures: Sequence[Box]) -> bool:
    """Whether a person found whole is one of the figures: then that, and no box, is drawn.

    Of somebody who moves an arm only the arm is a figure.
    """
    return piece.kind == "person" and any(_share(piece.box, box) >= _SAME_PERSON for box in figures)


def _has_figure(face: Box, figures: Sequence[Box]) -> bool:
    """Whether one of the figures is all of a face's owner, and not a hand before the face."""
    up, down = _FIGURE_OF_FACE
    height = face[3] - face[1]
    return any(
        _is_in(face, box) and box[1] <= face[1] + up * height and box[3] >= face[3] + down * height
        for box in figures
    )


def _share(box: Box, of: Box) -> float:
    """Which share of ``box`` lies in the other."""
    w = min(box[2], of[2]) - max(box[0], of[0])
    h = min(box[3], of[3]) - max(box[1], of[1])
    return max(0.0, w) * max(0.0, h) / max((box[2] - box[0]) * (box[3] - box[1]), 1e-9)


def _is_in(box: Box, where: Box) -> bool:
    """Whether the middle of ``box`` lies in ``where``."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return where[0] <= x <= where[2] and where[1] <= y <= where[3]


def _lasts(blob: Blob, foregrounds: Sequence[NDArray[np.bool_]], step: int) -> bool:
    """Whether it is there in a neighbouring picture too, and no flicker."""
    view = np.s_[blob.y : blob.y + blob.h, blob.x : blob.x + blob.w]
    return any(
        bool((foregrounds[other][view] & blob.cells).any())
        for other in (step - 1, step + 1)
        if 0 <= other < len(foregrounds)
    )


def _is_explained(blob: Blob, bodies: NDArray[np.bool_]) -> bool:
    view = bodies[blob.y : blob.y + blob.h, blob.x : blob.x + blob.w]
    return float((view & blob.cells).sum()) >= _MOSTLY * float(blob.cells.sum())


def _heads(blob: Blob) -> list[tuple[int, int, int, int]]:
    """Where heads are: the top of an upright shape; of a wide one the upper part, all along."""
    upright = blob.h >= _UPRIGHT * blob.w
    share = _HEAD if upright else _UPPER
    count = 1 if upright else max(1, round(blob.w / max(4.0, blob.h * _APIECE)))
    edges = [round(blob.w * n / count) for n in range(count + 1)]
    out = []
    for left, right in pairwise(edges):
        cells = blob.cells[:, left:right]
        rows = np.nonzero(cells.any(axis=1))[0]
        if not len(rows):
            continue
        top = int(rows[0])
        height = max(2, round(share * (int(rows[-1]) + 1 - top)))
        columns = np.nonzero(cells[top : top + height].any(axis=0))[0]
        first, last = (int(columns[0]), int(columns[-1])) if upright else (0, right - left - 1)
        out.append((blob.x + left + first, blob.y + top, last - first + 1, height))
        if upright:
            for beside in (_columns(blob, 0, first), _columns(blob, last + 1, blob.w)):
                if beside and beside.h >= _SMALLER * blob.h and beside.w >= _BESIDE * beside.h:
                    out += _heads(beside)
    return out


def _columns(blob: Blob, start: int, stop: int) -> Blob | None:
    """What of a blob stands in some of its columns: a child beside an adult, as one shape."""
    cells = blob.cells[:, start:stop]
    rows, columns = np.nonzero(cells.any(axis=1))[0], np.nonzero(cells.any(axis=0))[0]
    if not len(rows):
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    box = (blob.x + start + left, blob.y + top, right - left, bottom - top)
    return Blob(*box, cells[top:bottom, left:right])


def _piece(x: int, y: int, w: int, h: int, scale: float, kind: str, figure: Figure | None) -> Piece:
    # A pixel of the small picture around it: the rim of what moves is blurred into its ground.
    box: Box = ((x - 1) / scale, (y - 1) / scale, (x + w + 1) / scale, (y + h + 1) / scale)
    return Piece(0, box, kind, Source.DETECTED, figure)


def _figure(blob: Blob) -> Figure:
    columns, rows = blob.w, blob.h
    shrink = max(1.0, max(columns, rows) / _FIGURE_CELLS)
    size = (max(1, round(columns / shrink)), max(1, round(rows / shrink)))
    cells = cv2.resize(blob.cells.astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    return Figure(size[0], size[1], np.ascontiguousarray(cells, dtype=np.uint8).tobytes())
