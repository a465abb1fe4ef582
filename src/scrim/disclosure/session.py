"""One review: a film, the frames to look at, and what the reviewer has seen of them.

Rules:

1. Whoever may not review (:func:`~scrim.disclosure.review.check_reviewer`) sees nothing.
2. A frame counts as looked at when its picture was given out and the reviewer said so.
3. It ends once, and lets a film pass only when no frame is left to look at.
4. Only a film that shows its list's masks is reviewed (:mod:`.agreement`).
5. Pictures come from the film that may go out, never from the original.
"""

from __future__ import annotations

from collections.abc import Collection
from threading import Lock

import av
import cv2

from scrim.clock import Clock
from scrim.disclosure.agreement import check_film
from scrim.disclosure.folder import DisclosureFolder
from scrim.disclosure.masks import FrameMasks, MaskList
from scrim.disclosure.review import Review, check_reviewer
from scrim.disclosure.watch import file_digest
from scrim.disclosure.weakness import WeakFrame, weak_frames
from scrim.errors import DisclosureRefused, SourceNotVideo
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement


class ReviewSession:
    """Steps through one disclosure.

    Args:
        folder: the disclosure.
        signer: of the reviewer.
        registered: verifiers of the register of people.
        clock: for the review's time.

    Attributes:
        masks: the list under review.
        weak: frames to look at, the weakest first.
        ended: the review, once it is given.

    Raises:
        DisclosureRefused: this person may not review it, or there is nothing to review.
    """

    def __init__(
        self,
        folder: DisclosureFolder,
        signer: Signer,
        registered: Collection[str],
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._signer = signer
        self._clock = clock
        self._made = folder.made()
        check_reviewer(signer.verifier, self._made, registered)
        self.masks = MaskList.of(self._made)
        self._film_sha256 = file_digest(folder.film)
        check_film(folder.film, self.masks)
        self.weak: list[WeakFrame] = weak_frames(self.masks)
        self._frames = {frame.index: frame for frame in self.masks.frames}
        self._given: set[int] = set()
        self._looked: set[int] = set()
        self._lock = Lock()
        self.ended: Statement | None = None

    @property
    def left(self) -> list[int]:
        """Frames that still have to be looked at, the weakest first."""
        return [frame.index for frame in self.weak if frame.index not in self._looked]

    def has_looked(self, index: int) -> bool:
        """Whether the reviewer said that they looked at a frame."""
        return index in self._looked

    def frame(self, index: int) -> FrameMasks:
        """What the list says of a frame.

        Raises:
            DisclosureRefused: the film has no such frame.
        """
        if index not in self._frames:
            raise DisclosureRefused(f"The film has no frame {index}.", "Use the list of frames.")
        return self._frames[index]

    def picture(self, index: int) -> bytes:
        """A frame of the film as PNG.

        Raises:
            DisclosureRefused: the film has no such frame.
            SourceNotVideo: it cannot be decoded.
        """
        frame = self.frame(index)
        at = (frame.pts - self.masks.frames[0].pts) * self.masks.time_base
        with self._lock, av.open(str(self._folder.film)) as container:
            stream = container.streams.video[0]
            assert stream.time_base is not None
            container.seek(int(at / stream.time_base), stream=stream, backward=True)
            for picture in container.decode(stream):
                # both round to ticks of their own, so the nearest is meant
                if picture.pts is not None and (picture.pts + 1) * stream.time_base > at:
                    image = picture.to_ndarray(format="bgr24")
                    self._given.add(index)
                    return cv2.imencode(".png", image)[1].tobytes()
        raise SourceNotVideo(f"Frame {index} is not in the film.", "Make the disclosure again.")

    def look(self, index: int) -> None:
        """The reviewer says that they looked at a frame.

        Raises:
            DisclosureRefused: there is no such frame, or its picture was never given out.
        """
        self.frame(index)
        if index not in self._given:
            raise DisclosureRefused(f"Frame {index} was not on show yet.", "Look at it first.")
        self._looked.add(index)

    def conclude(self, *, passed: bool, reason: str = "") -> Statement:
        """Give the review, signed; the folder holds it from now on.

        Raises:
            DisclosureRefused: frames are left, a refusal has no reason, the film changed
                meanwhile, or the review was given already.
        """
        if self.ended is not None:
            raise DisclosureRefused("The review was given already.", "Begin a new one.")
        if passed and self.left:
            raise DisclosureRefused(
                f"{len(self.left)} frames are left to look at.", "Look at all of them first."
            )
        if file_digest(self._folder.film) != self._film_sha256 or (
            self._folder.made().sha256 != self._made.sha256
        ):
            raise DisclosureRefused(
                "The film or its masks changed while they were reviewed.", "Begin again."
            )
        review = Review(
            self.masks.case,
            self._made.sha256,
            self._film_sha256,
            tuple(sorted(self._looked)),
            passed,
            reason,
            self._clock.now_us(),
        )
        statement = Statement.sign(review.body(), self._signer)
        self._folder.keep_review(statement)
        self.ended = statement
        return statement
