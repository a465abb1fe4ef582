"""Who may do what: people and their roles, sign-in, sessions, policies, views.

A session says that somebody signed in, a role what they are, the policies what such a
role may do, and a view is a session's permission to watch one thing, logged first.
"""

from scrim.access.authoriser import Authoriser, Decision, Principal, Scope
from scrim.access.gate import Gate
from scrim.access.keys import KeySignIn
from scrim.access.nonces import NONCE_US
from scrim.access.register import NobodyRegistered, Register, RegisteredPerson
from scrim.access.roles import SIGNED_IN, Role
from scrim.access.signin import LINK_US, Session, SignIn
from scrim.access.views import Mode, Reason, Reviews, View, ViewEnded, ViewRefused, Views

__all__ = [
    "LINK_US",
    "NONCE_US",
    "SIGNED_IN",
    "Authoriser",
    "Decision",
    "Gate",
    "KeySignIn",
    "Mode",
    "NobodyRegistered",
    "Principal",
    "Reason",
    "Register",
    "RegisteredPerson",
    "Reviews",
    "Role",
    "Scope",
    "Session",
    "SignIn",
    "View",
    "ViewEnded",
    "ViewRefused",
    "Views",
]
