"""Who may do what: sign-in links, sessions, roles and views.

A role says who may pass a door of the API, a session says that somebody signed
in, and a view is that session's permission to watch one thing, logged first.
"""

from scrim.access.roles import Role
from scrim.access.signin import LINK_US, Session, SignIn
from scrim.access.views import Mode, Reason, View, ViewRefused, Views

__all__ = [
    "LINK_US",
    "Mode",
    "Reason",
    "Role",
    "Session",
    "SignIn",
    "View",
    "ViewRefused",
    "Views",
]
