"""Who gets in, and who may change what: people, sessions, views, policies, proposals."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from scrim.store.schema._base import COUNTER, metadata

session = Table(
    "session",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("salt", LargeBinary(16), nullable=False),  # opens its ledger commitments
    Column("role", String(16), nullable=False, server_default="operator"),  # scrim.access.Role
    Column("person", String(40)),  # whom it belongs to; null for an operator's
    Column("verifier", String(100)),  # the key they signed in with
    Column("nonce_sha256", String(64)),  # what signs in once: a nonce, a challenge, a state
    Column("seen_us", BigInteger),  # when it was last used, to within a minute
    Column("way", String(16), nullable=False, server_default="link"),  # link | key | passkey | oidc
)
Index("session_by_nonce", session.c.nonce_sha256, unique=True)

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("used_us", BigInteger),
    Column("person", String(40)),  # whom it signs in; null for whoever has the machine
)

view = Table(  # one logged act of watching; media is reachable only through one
    "view",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("session", String(64), nullable=False),
    Column("camera", String(40), nullable=False),
    Column("mode", String(8), nullable=False),  # live | recorded
    Column("since_us", BigInteger),
    Column("until_us", BigInteger),
    Column("opened_us", BigInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("case", String(40)),  # of a custodian's look at what a case asks for
)

register = Table(  # of people; an id is a desk, never a name
    "register",
    metadata,
    # checks what they sign; of somebody without a key a handle (scrim.cases.people)
    Column("verifier", String(100), primary_key=True),
    Column("id", String(40), nullable=False),
    Column("role", String(16), nullable=False),  # of the key, or of somebody without one the first
    Column("office", String(40), nullable=False),
    Column("recipient", Text),  # of a custodian
    Column("registered_us", BigInteger, nullable=False),
    Column("retired_us", BigInteger),
    Column("salt", LargeBinary(16), nullable=False),  # opens the ledger's commitments to the id
)
Index("register_by_id", register.c.id)

person_role = Table(  # roles given by name, besides that of a key: scrim.access.standing
    "person_role",
    metadata,
    Column("person", String(40), nullable=False),
    Column("role", String(16), nullable=False),
    Column("since_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("person", "role"),
)

person_scope = Table(  # where somebody's roles hold; without a row everywhere
    "person_scope",
    metadata,
    Column("person", String(40), nullable=False),
    Column("kind", String(8), nullable=False),  # camera | site
    Column("name", String(40), nullable=False),
    PrimaryKeyConstraint("person", "kind", "name"),
)

passkey = Table(  # WebAuthn credentials: public keys
    "passkey",
    metadata,
    Column("id", String(200), primary_key=True),  # SHA-256 of the credential's id, hexadecimal
    Column("person", String(40), nullable=False),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    Column("added_us", BigInteger, nullable=False),
    Column("used_us", BigInteger),
)
Index("passkey_by_person", passkey.c.person)

machine_token = Table(  # bearer tokens of programs
    "machine_token",
    metadata,
    Column("name", String(40), primary_key=True),  # never used twice
    Column("token_sha256", String(64), nullable=False),
    Column("salt", LargeBinary(16), nullable=False),  # opens the ledger's commitments to the name
    Column("role", String(16), nullable=False),
    Column("actions", Text, nullable=False),  # canonical JSON; empty: all of the role's
    Column("cameras", Text, nullable=False),  # canonical JSON; empty with no sites: everywhere
    Column("sites", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
)
Index("token_by_hash", machine_token.c.token_sha256, unique=True)

access_policy = Table(  # a deployment's own access policies; the newest row is in force
    "access_policy",
    metadata,
    Column("id", COUNTER, primary_key=True, autoincrement=True),
    Column("files", Text, nullable=False),  # canonical JSON: names and texts
    Column("sha256", String(64), nullable=False),
    Column("since_us", BigInteger, nullable=False),
)

proposal = Table(  # a change that waits for a second person: scrim.access.proposals
    "proposal",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("change", Text, nullable=False),  # canonical JSON
    Column("reason", String(40), nullable=False),  # a code
    Column("proposed_by", String(80), nullable=False),  # as in the ledger
    Column("proposer", String(80), nullable=False),  # person's id, or what else acts alone
    Column("proposed_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("decided_us", BigInteger),
    Column("decision", String(16)),  # agreed | refused
    Column("decided_by", String(80)),  # as in the ledger
)
