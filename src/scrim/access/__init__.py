"""Who may do what: sign-in by link or by key, sessions, roles and views.

A role says who may pass a door of the API, a session says that somebody signed
in, and a view is that session's permission to watch one thing, logged first.
"""

from scrim.access.keys import NONCE_US, KeySignIn
from scrim.access.roles import SIGNED_IN, Role
from scrim.access.signin import (
    LINK_US,
    NobodyRegistered,
    Register,
    RegisteredPerson,
    Session,
    SignIn,
)
from scrim.access.views import Mode, Reason, Reviews, View, ViewRefused, Views

__all__ = [
    "LINK_US",
    "NONCE_US",
    "SIGNED_IN",
    "KeySignIn",
    "Mode",
    "NobodyRegistered",
    "Reason",
    "Register",
    "RegisteredPerson",
    "Reviews",
    "Role",
    "Session",
    "SignIn",
    "View",
    "ViewRefused",
    "Views",
]
