"""Pictures of hard cases, before and after: ``python -m bench.pictures``.

Rules:

- Everything is drawn, with the one face that may be shipped (``docs/ref/provenance.md``);
  no picture of anybody in a street is needed.
- The right half of each picture is what the redactor gives, with a recorder's detectors,
  defaults and view watch.  Nothing is drawn into it afterwards.
- A case says how much of what is to be covered stays open.  Where something else comes out,
  nothing is written and the run fails: the guide shows what is so.

Writes ``docs/images/hard-cases/NAME.png`` for ``docs/guide/hard-cases.md``.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import av
import cv2
import numpy as np
from bench.redaction.drawn import Noise
from bench.redaction.material import Picture
from numpy.typing import NDArray

from scrim.camera._demo_sprites import (
    PHASES,
    Clothes,
    Cutout,
    car,
    lamp_post,
    paste,
    paste_over,
    walker,
)
from scrim.policy import Cover, Policy, Style, Zone
from scrim.redact import CenterFace, ClearFrame, RedactedFrame, Redactor, State, default_model
from scrim.redact.cascade import PlateCascade
from scrim.redact.people import PersonFinder
from scrim.redact.shapes import FILL
from scrim.redact.view import ViewWatch

FOLDER = Path(__file__).resolve().parents[1] / "docs/images/hard-cases"
_FRAME_US = 40_000
_MOST_BYTES = 120_000
_COLOURS = 64
_GAP = 8
_HD, _FULL_HD = (1280, 720), (1920, 1080)
_HAIR = (36, 44, 62)
_NOISE = 1.0
_CLOTHES = (
    Clothes((70, 60, 150), (70, 60, 60)),
    Clothes((120, 110, 60), (50, 50, 60)),
    Clothes((60, 130, 160), (90, 80, 70)),
    Clothes((150, 90, 50), (60, 60, 70)),
    Clothes((60, 90, 60), (100, 95, 90)),
    Clothes((90, 50, 90), (60, 60, 60)),
)

Box = tuple[int, int, int, int]  # left, top, width, height
Shot = tuple[Picture, list[Box]]


@dataclass(frozen=True, slots=True)
class Case:
    """One picture.

    Attributes:
        name: of the file.
        shots: the clip, 25 frames a second: pictures (BGR), and what is to be covered in each.
        at: the frame shown.
        part: of the picture that is shown: left, top, width, height.
        shown: width of one half, pixels.
        policy: the camera's.
        open: how many of those in the frame shown stay open.
        state: of the frame shown.
    """

    name: str
    shots: Callable[[], Iterator[Shot]]
    at: int
    part: Box
    shown: int = 400
    policy: Policy = field(default_factory=Policy)
    open: int = 0
    state: State = State.MASKED


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody drawn.

    Attributes:
        face: height, pixels.
        x, y: left and top of the cut-out in frame 0.
        speed: pixels a frame to the right.
        look: ``front``, ``masked`` (a surgical mask), ``back`` or ``hood``; may depend on the
            frame's number.
        there: from which frame on, and until which.
        clothes: number of those they wear.
    """

    face: int
    x: float
    y: float
    speed: float = 0.0
    look: str | Callable[[int], str] = "front"
    there: tuple[int, int] = (0, 1 << 30)
    clothes: int = 0

    def on(self, picture: Picture, number: int, corner: tuple[int, int] = (0, 0)) -> list[Box]:
        """Draw them into frame ``number``; where their face (or the back of it) is."""
        if not self.there[0] <= number < self.there[1]:
            return []
        clothes = _CLOTHES[self.clothes % len(_CLOTHES)]
        drawn = walker(self.face, clothes, 1.0, self.speed < 0)
        phase = number // 2 % PHASES if self.speed else PHASES
        look = self.look if isinstance(self.look, str) else self.look(number)
        box = drawn.faces[phase]
        cutout = drawn.phases[phase]
        if look == "masked":
            cutout = _masked(cutout, box)
        elif look != "front":
            cutout = _from_behind(cutout, box, clothes.coat if look == "hood" else _HAIR)
        x = round(self.x + self.speed * number) - corner[0]
        y = round(self.y) - corner[1]
        paste(picture, cutout, x, y)
        left, top = max(0, x + box[0]), max(0, y + box[1])
        right = min(picture.shape[1], x + box[0] + box[2])
        bottom = min(picture.shape[0], y + box[1] + box[3])
        if right <= left or bottom <= top:
            return []
        return [(left, top, right - left, bottom - top)]


def _from_behind(cutout: Cutout, face: Box, tone: tuple[int, int, int]) -> Cutout:
    """The same person with hair, or a hood, where the face was."""
    x, y, w, h = face
    colour, clear = cutout.colour.copy(), cutout.clear.copy()
    chin = round(y + 0.98 * h)
    colour[:chin], clear[:chin] = 0, 255
    for middle, radii in (((0.5, 0.92), (0.26, 0.28)), ((0.5, 0.42), (0.60, 0.66))):
        centre = (round(x + middle[0] * w), round(y + middle[1] * h))
        size = (round(radii[0] * w), round(radii[1] * h))
        cv2.ellipse(colour, centre, size, 0, 0, 360, tone, -1)
        cv2.ellipse(clear, centre, size, 0, 0, 360, (0, 0, 0), -1)
    return Cutout(colour, clear)


def _masked(cutout: Cutout, face: Box) -> Cutout:
    """The lower half of the face behind a surgical mask."""
    x, y, w, h = face
    shape = [(0.02, 0.52), (0.5, 0.44), (0.98, 0.52), (0.95, 0.85), (0.5, 1.06), (0.05, 0.85)]
    corners = np.array([[x + a * w, y + b * h] for a, b in shape]).round().astype(np.int32)
    colour = cutout.colour.copy()
    cv2.fillConvexPoly(colour, corners, (205, 190, 170), lineType=cv2.LINE_AA)
    return Cutout(colour, cutout.clear)


def _clip(
    size: tuple[int, int],
    people: Sequence[Person],
    before: Sequence[tuple[Cutout, int, int]] = (),
    cars: Sequence[tuple[Cutout, float, int, float]] = (),
    pan: float = 0.0,
) -> Iterator[Shot]:
    """A yard with people in it, far ones first.

    Args:
        size: width and height.
        people: see :class:`Person`.
        before: what stands before everybody: cut-out, left, top.
        cars: cut-out, left in frame 0, top, pixels a frame; behind everybody.
        pan: pixels a frame that the camera turns to the right, and back after a second.
    """
    whole = (round(size[0] * 1.4), round(size[1] * 1.4)) if pan else size
    noise = Noise(size, _NOISE, 1)
    ground = _yard(whole)
    for number in count():
        turned = abs((number + 12) % 50 - 25) * pan if pan else 0.0
        corner = (round(turned), round(size[1] * 0.2)) if pan else (0, 0)
        picture = ground[corner[1] : corner[1] + size[1], corner[0] : corner[0] + size[0]].copy()
        faces: list[Box] = []
        for cutout, x, y, speed in cars:
            paste(picture, cutout, round(x + speed * number) - corner[0], y - corner[1])
        for person in people:
            faces += person.on(picture, number, corner)
        for cutout, x, y in before:
            paste(picture, cutout, x - corner[0], y - corner[1])
        yield noise.on(picture), faces


def _yard(size: tuple[int, int]) -> Picture:
    """A wall with windows, a pavement and a road; plainer than the street."""
    width, height = size
    out = np.full((height, width, 3), (150, 165, 175), np.uint8)
    for top, colour in ((0.53, (150, 156, 160)), (0.60, (84, 82, 80)), (0.78, (146, 152, 158))):
        out[round(top * height) :] = colour
    unit = height / 720
    for n in range(round(width / (160 * unit)) + 1):
        left = round(160 * unit * n + 30 * unit)
        window = (left, round(110 * unit)), (left + round(80 * unit), round(190 * unit))
        cv2.rectangle(out, *window, (118, 108, 100), -1)
        cv2.rectangle(out, *window, (190, 196, 200), max(1, round(3 * unit)))
        dash = (left, round(0.69 * height)), (left + round(70 * unit), round(0.70 * height))
        cv2.rectangle(out, *dash, (208, 214, 214), -1)
        slab = round(160 * unit * n)
        cv2.line(
            out, (slab, round(0.78 * height)), (slab - round(60 * unit), height), (120, 126, 130)
        )
    cv2.line(out, (0, round(0.6 * height)), (width, round(0.6 * height)), (200, 204, 206), 3)
    # Bricks, patches and stones: without them nobody could tell whether the camera stands.
    rng = np.random.default_rng(5)
    for _ in range(500):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        w, h = (int(side * unit) for side in rng.integers(6, 34, 2))
        patch = out[y : y + h, x : x + w]
        patch[:] = np.clip(patch.astype(np.int16) + int(rng.integers(-16, 17)), 0, 255)
    return out


def made(case: Case) -> tuple[Picture, RedactedFrame, list[Box]]:
    """The clear picture of a case, what the redactor made of it, and what had to be covered."""
    redactor = Redactor(
        CenterFace(default_model()),
        people=PersonFinder(),
        policy=case.policy,
        view=ViewWatch(),
        others=[PlateCascade()] if Cover.PLATES in case.policy.cover else [],
    )
    clear: Picture | None = None
    wanted: list[Box] = []
    for number, (picture, faces) in enumerate(case.shots()):
        if number == case.at:
            clear, wanted = picture.copy(), faces
        planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        for out in redactor.push(ClearFrame(frame, number, number * _FRAME_US)):
            if out.index == case.at:
                assert clear is not None
                return clear, out, wanted
    raise AssertionError("clips have no end")


def open_faces(frame: RedactedFrame, wanted: Sequence[Box]) -> list[Box]:
    """Those of which less than 85 % has the colour of a mask."""
    luma = _luma(frame)
    return [
        box
        for box in wanted
        if float((luma[box[1] : box[1] + box[3], box[0] : box[0] + box[2]] == FILL[0]).mean())
        < 0.85
    ]


def _luma(frame: RedactedFrame) -> NDArray[np.uint8]:
    plane = frame.picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def side_by_side(case: Case, clear: Picture, frame: RedactedFrame) -> Picture:
    """The part that is shown, before and after."""
    after = cv2.cvtColor(frame.picture.to_ndarray(), cv2.COLOR_YUV2BGR_I420)
    x, y, w, h = case.part
    size = (case.shown, round(case.shown * h / w))
    larger = cv2.INTER_AREA if w >= case.shown else cv2.INTER_CUBIC
    halves = [
        cv2.resize(one[y : y + h, x : x + w], size, interpolation=larger) for one in (clear, after)
    ]
    gap = np.full((size[1], _GAP, 3), 255, np.uint8)
    return np.asarray(np.hstack([halves[0], gap, halves[1]]), np.uint8)


def png(picture: Picture) -> bytes:
    """A PNG with a palette: a third of what true colours take."""
    cv2.setRNGSeed(1)
    points = picture.reshape(-1, 3).astype(np.float32)
    few = points[:: max(1, len(points) // 20_000)]
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    _, _, palette = cv2.kmeans(few, _COLOURS, np.empty(0), stop, 1, cv2.KMEANS_PP_CENTERS)
    palette = np.asarray(palette).round().astype(np.uint8)
    away = [((points - colour.astype(np.float32)) ** 2).sum(axis=1) for colour in palette]
    nearest = np.argmin(np.stack(away), axis=0).astype(np.uint8).reshape(picture.shape[:2])
    rows = np.hstack([np.zeros((len(nearest), 1), np.uint8), nearest])
    head = struct.pack(">IIBBBBB", picture.shape[1], picture.shape[0], 8, 3, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 9)
    chunks = [
        (b"IHDR", head),
        (b"PLTE", palette[:, ::-1].tobytes()),
        (b"IDAT", body),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def main() -> int:
    """Make all of them, or those named on the command line; 1 where one is not as it says."""
    bad = 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for case in cases():
        if sys.argv[1:] and case.name not in sys.argv[1:]:
            continue
        clear, frame, wanted = made(case)
        left = len(open_faces(frame, wanted))
        data = png(side_by_side(case, clear, frame))
        kinds = sorted({mask.kind for mask in frame.masks})
        print(f"{case.name}: {left} of {len(wanted)} open, {frame.state.value}, {kinds}")
        if left != case.open or frame.state is not case.state or len(data) > _MOST_BYTES:
            print(f"  not as it says: {case.open} open, {case.state.value}; {len(data)} bytes")
            bad = 1
            continue
        (FOLDER / f"{case.name}.png").write_bytes(data)
    return bad


def _row(faces: Sequence[int], left: int, tops: Sequence[int], speed: float = 0.0) -> list[Person]:
    out, x = [], float(left)
    for n, face in enumerate(faces):
        out.append(Person(face, x, tops[n % len(tops)], speed, clothes=n))
        x += 3.0 * face
    return out


def _turns(number: int) -> str:
    return "front" if number < 110 else "back"


def _unfocused(at: int, people: Sequence[Person]) -> Iterator[Shot]:
    for number, (picture, faces) in enumerate(_clip(_HD, people)):
        if number >= at:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 7), np.uint8)
        yield picture, faces


def _driven(length: int) -> Cutout:
    """A car with somebody in it."""
    out = car(length, (60, 60, 170), to_the_left=True)
    driver = walker(round(0.13 * length), _CLOTHES[0], 1.0, True)
    head, (x, y, w, h) = driver.phases[PHASES], driver.faces[PHASES]
    cut = slice(0, y + h), slice(round(x - 0.3 * w), round(x + 1.3 * w))
    seat = Cutout(head.colour[cut].copy(), head.clear[cut].copy())
    paste_over(out, seat, round(0.36 * length), round(0.05 * length))
    return out


def _parked(width: int) -> tuple[Cutout, Box]:
    """A car from behind, and where its plate is."""
    height = round(0.8 * width)
    colour = np.zeros((height, width, 3), np.uint8)
    clear = np.full((height, width, 3), 255, np.uint8)

    def box(a: float, b: float, c: float, d: float, tone: tuple[int, int, int]) -> Box:
        left, top, right, bottom = (round(v * width) for v in (a, b, c, d))
        cv2.rectangle(colour, (left, top), (right, bottom), tone, -1)
        cv2.rectangle(clear, (left, top), (right, bottom), (0, 0, 0), -1)
        return left, top, right - left, bottom - top

    box(0.06, 0.66, 0.22, 0.79, (35, 35, 38))
    box(0.78, 0.66, 0.94, 0.79, (35, 35, 38))
    box(0.14, 0.02, 0.86, 0.34, (110, 70, 40))
    box(0.20, 0.06, 0.80, 0.30, (120, 105, 90))
    box(0.02, 0.30, 0.98, 0.70, (120, 78, 46))
    box(0.04, 0.36, 0.16, 0.46, (40, 40, 190))
    box(0.84, 0.36, 0.96, 0.46, (40, 40, 190))
    x, y, w, h = box(0.32, 0.48, 0.68, 0.57, (235, 235, 235))
    scale = w / 150
    place = (x + round(0.04 * w), y + round(0.78 * h))
    thick = max(1, round(h / 12))
    cv2.putText(colour, "A123BC77", place, 0, scale, (20, 20, 20), thick, cv2.LINE_AA)
    return Cutout(colour, clear), (x, y, w, h)


def _plates(widths: Sequence[int], places: Sequence[tuple[int, int]]) -> Iterator[Shot]:
    cars = [_parked(width) for width in widths]
    for picture, _ in _clip(_HD, []):
        boxes = []
        for (cutout, (a, b, w, h)), (x, y) in zip(cars, places, strict=True):
            paste(picture, cutout, x, y)
            boxes.append((x + a, y + b, w, h))
        yield picture, boxes


def cases() -> list[Case]:
    """All of them, in the order of the guide."""
    return [*_faces(), *_without_faces(), *_policies()]


def _faces() -> Iterator[Case]:
    hd, full = _HD, _FULL_HD
    crowd = _row((16, 17, 18, 20, 22, 24, 26), 700, (560, 590))
    crowd += _row((16, 18, 20, 28, 32), 720, (690, 700))
    yield Case("small-faces", partial(_clip, full, crowd), 25, (690, 545, 480, 280), 480)
    masked = [
        Person(face, x, 380, 0.0, "masked", clothes=n)
        for n, (face, x) in enumerate(((18, 420), (24, 500), (32, 590), (44, 680)))
    ]
    yield Case("surgical-mask", partial(_clip, hd, masked), 25, (420, 360, 400, 260))
    behind = partial(_clip, hd, [Person(44, 560, 350, clothes=2)], [(lamp_post(), 600, 250)])
    yield Case("half-hidden", behind, 25, (440, 320, 400, 260))
    edge = partial(_clip, hd, [Person(44, -150, 340, 2.5)])
    yield Case("at-the-edge", edge, 31, (0, 320, 400, 260))
    moment = partial(_clip, hd, [Person(34, 600, 380, there=(50, 56), clothes=5)])
    yield Case("for-a-moment", moment, 53, (440, 350, 400, 260))
    pan = [
        Person(face, 300 + 130 * n, 560 + 20 * (n % 3), clothes=n)
        for n, face in enumerate((20, 24, 30, 36, 26, 40, 22, 28))
    ]
    yield Case("moving-camera", partial(_clip, hd, pan, pan=12.0), 40, (200, 330, 600, 390))
    turns = partial(_clip, hd, [Person(30, -200, 380, 3.0, _turns, clothes=4)])
    yield Case("turns-away", turns, 112, (40, 340, 400, 260))


def _without_faces() -> Iterator[Case]:
    hd = _HD
    walk = [Person(34, -240, 370, 5.0, "hood", clothes=1)]
    walk += [Person(24, 1450, 385, -6.0, "hood", clothes=3)]
    yield Case("from-behind", partial(_clip, hd, walk), 145, (440, 350, 400, 260))
    stand = [Person(34, 480, 380, 0.0, "back", clothes=2), Person(16, 700, 380, 0.0, "back")]
    shots = partial(_clip, hd, stand)
    yield Case("stands-from-behind", shots, 70, (440, 320, 400, 260))


def _policies() -> Iterator[Case]:
    hd = _HD
    walk = [Person(24, -300, 385, 5.0, clothes=3), Person(20, 1350, 390, -5.0, "hood", clothes=5)]
    shots, part = partial(_clip, hd, walk), (400, 350, 400, 260)
    persons = frozenset({Cover.PERSONS})
    yield Case("persons", shots, 155, part, policy=Policy(persons))
    yield Case("silhouette", shots, 155, part, policy=Policy(persons, style=Style.SILHOUETTE))
    near = partial(_clip, hd, [Person(90, 500, 300), Person(60, 900, 340, clothes=1)])
    mosaic = Policy(style=Style.MOSAIC)
    yield Case("mosaic", near, 25, (460, 280, 600, 390), policy=mosaic, open=2)
    cars = partial(_clip, hd, [], cars=[(_driven(230), -500.0, 420, 7.0)])
    vehicles = Policy(frozenset({Cover.VEHICLES}))
    yield Case("vehicles", cars, 130, (360, 330, 400, 260), policy=vehicles)
    plates = Policy(frozenset({Cover.PLATES}))
    parked = partial(_plates, (250, 84), ((470, 420), (760, 410)))
    yield Case("plates", parked, 25, (440, 380, 460, 299), policy=plates, open=1)
    zone = Policy(zones=(Zone.parse("window: 39%,14% 46%,14% 46%,28% 39%,28%"),))
    window = partial(_clip, hd, [Person(30, 520, 380)])
    yield Case("zone", window, 25, (420, 90, 600, 390), policy=zone)
    out = partial(_unfocused, 90, [Person(40, 520, 360), Person(30, 700, 380)])
    yield Case("out-of-focus", out, 95, (440, 320, 400, 260), state=State.BLANKED)


if __name__ == "__main__":
    sys.exit(main())
