"""What an officer asks for, before it is judged and before anybody signs it.

It says everything a request says, but for what only the server knows: the periods
behind the interval, the case's id, and when it was made.
"""

from __future__ import annotations

from dataclasses import dataclass

from scrim.canonical import Json
from scrim.errors import StatementInvalid
from scrim.vault.fields import Fields
from scrim.vault.request import Authority

_FIELDS = frozenset(
    {
        "kind",
        "purpose",
        "authority",
        "cameras",
        "since_us",
        "until_us",
        "reason",
        "recipient",
        "expires_us",
    }
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A request without what the server adds; each field is that of the request.

    Attributes:
        kind: ``recorded`` or ``live``.
        purpose: one of the setting ``cases.purposes``.
        cameras: ascending, each once.
        since_us, until_us: half open, UTC microseconds.
        recipient: ``age1…``, made on the officer's machine for this case alone.
        expires_us: after this nothing is opened under the case.
    """

    kind: str
    purpose: str
    authority: Authority
    cameras: tuple[str, ...]
    since_us: int
    until_us: int
    reason: str
    recipient: str
    expires_us: int

    def document(self) -> dict[str, Json]:
        """The draft as a JSON object, for :meth:`from_document`."""
        return {
            "kind": self.kind,
            "purpose": self.purpose,
            "authority": self.authority.body(),
            "cameras": list(self.cameras),
            "since_us": self.since_us,
            "until_us": self.until_us,
            "reason": self.reason,
            "recipient": self.recipient,
            "expires_us": self.expires_us,
        }

    @classmethod
    def from_document(cls, value: object) -> Draft:
        """The draft of a JSON object; what it says is not judged here.

        Cameras are put in order.

        Raises:
            StatementInvalid: a field is missing, over, or of another type.
        """
        try:
            fields = Fields(value, _FIELDS)
            authority = Fields(
                fields.mapping("authority"), frozenset({"kind", "reference", "document_sha256"})
            )
            cameras = fields.items("cameras")
            if not all(isinstance(camera, str) for camera in cameras):
                raise ValueError("cameras is not a list of names")
            return cls(
                kind=fields.name("kind"),
                purpose=fields.name("purpose"),
                authority=Authority(
                    authority.name("kind"),
                    authority.text("reference"),
                    authority.text("document_sha256"),
                ),
                cameras=tuple(sorted({str(camera) for camera in cameras})),
                since_us=fields.number("since_us"),
                until_us=fields.number("until_us"),
                reason=fields.text("reason"),
                recipient=fields.text("recipient"),
                expires_us=fields.number("expires_us"),
            )
        except ValueError as error:
            raise StatementInvalid(
                f"This is not a draft of a request: {error}.", "Fill in what it names."
            ) from None
