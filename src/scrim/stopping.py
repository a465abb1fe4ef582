"""How long a recorder may take to stop: what it spends on what, and when it is killed.

All are seconds since it was asked to stop.  A recorder keeps to them so that it can say itself
what it did not come to; the supervisor kills one that does not, and then the camera's next
start has to say it.
"""

from __future__ import annotations

from typing import Final

MASKING_S: Final = 8.0
"""So long masking goes on with the pictures that wait; it takes up no other after that."""

ENDING_S: Final = 12.0
"""So long it may take to let out what it has looked at; what it still holds after that is left."""

WRITING_S: Final = 17.0
"""So long what is sealed and masked may take to be stored."""

KILLED_S: Final = 20.0
"""What has not ended by now is killed; before that, the gaps and the end of the epoch."""
