"""What is to be covered, where and how: words that control, server and recorder share.

It knows no pictures, so that a server, which must never hold one, may read it.
"""

from scrim.policy.policy import Cover, Policy, Style, cover_in, said, warnings
from scrim.policy.zone import Zone

__all__ = ["Cover", "Policy", "Style", "Zone", "cover_in", "said", "warnings"]
