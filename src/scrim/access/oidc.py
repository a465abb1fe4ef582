"""Signing in at an identity provider (OpenID Connect, code flow with PKCE).

::

    browser ── begin ──► server      to the provider: state, nonce, challenge
    browser ──────────► provider     signs in there, and comes back with a code
    browser ── code ───► server ──► provider     code and verifier for an ID token

Rules:

1. What somebody may is said by this deployment's own table: a value of one claim is a role
   (``access.oidc_roles``).  No value in the table, no sign-in; there is no default.
2. Nobody is officer or custodian by a provider's word: those roles come with their key.
3. The state comes back to the browser that began, by a cookie, once, within ten minutes.
   Verifier and nonce are made from it with a key of this process, so nothing is stored.
4. The ID token is checked as OpenID Connect Core 1.0, section 3.1.3.7, says: signature by
   a key of the provider's, issuer, audience, times, nonce.  Symmetric algorithms and
   ``none`` are not taken.
5. The provider is spoken to over TLS, or on this machine.
6. Whoever comes from a provider signs in there each time: they have no passkey here and no
   link, so that nobody whom the provider has let go comes back without it.

Sources: OpenID Connect Core 1.0; RFC 7636; RFC 9700 (best current practice).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from scrim.access.lockout import is_here
from scrim.access.nonces import Nonces
from scrim.access.register import FROM_PROVIDER
from scrim.access.roles import Role, exclude
from scrim.clock import SECOND, Clock
from scrim.errors import AccessDenied, ServerAway, SettingsError

if TYPE_CHECKING:  # heavy, and only where somebody comes back from a provider are they needed
    from joserfc.jwk import KeySet
    from joserfc.jwt import Token

_LASTS_US: Final = 600 * SECOND
_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "EdDSA",
)
_LEEWAY: Final = 60  # seconds between the provider's clock and this one
_PURPOSE: Final = "oidc"
_TIMEOUT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider, and what its word counts for here.

    Attributes:
        issuer: its address, as in its ID tokens.
        client: this deployment's id there.
        secret: and its secret there; empty for a public client.
        claim: the claim that says what somebody is.
        roles: what a value of it is here.
        redirect: this server's own address to come back to, as the provider knows it.
    """

    issuer: str
    client: str
    redirect: str
    secret: str
    claim: str
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody a provider knows.

    Attributes:
        handle: for the register: a hash of issuer and subject.
        roles: what they are here; never empty.
        state: what they came back with, good for one sign-in.
    """

    handle: str
    roles: frozenset[Role]
    state: str


class Oidc:
    """Sign-ins at one provider.

    Raises:
        SettingsError: its address is none that can be trusted.
    """

    def __init__(self, provider: Provider, clock: Clock) -> None:
        _check_address(provider.issuer)
        _check_address(provider.redirect)
        self._provider = provider
        self._clock = clock
        self._nonces = Nonces(clock, _LASTS_US)
        self._key = secrets.token_bytes(32)
        self._metadata: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    @property
    def over_tls(self) -> bool:
        """Whether browsers come back over TLS."""
        return self._provider.redirect.startswith("https://")

    def begin(self) -> tuple[str, str]:
        """Where to send the browser, and the state for its cookie.

        Raises:
            ServerAway: the provider does not answer as one.
        """
        state = self._nonces.make(_PURPOSE)
        query = {
            "response_type": "code",
            "client_id": self._provider.client,
            "redirect_uri": self._provider.redirect,
            "scope": "openid profile",
            "state": state,
            "nonce": self._made("nonce", state),
            "code_challenge": _challenge(self._made("verifier", state)),
            "code_challenge_method": "S256",
        }
        return f"{self._endpoint('authorization_endpoint')}?{urlencode(query)}", state

    def finish(self, state: str, cookie: str, code: str) -> Guest:
        """Who came back from the provider.

        Raises:
            AccessDenied: nobody who signs in here; why is not said.
            ServerAway: the provider does not answer as one.
        """
        if not hmac.compare_digest(state.encode(), cookie.encode()) or not self._nonces.is_good(
            _PURPOSE, state
        ):
            raise _denied()
        answer = self._token(code, self._made("verifier", state))
        claims = self._checked(answer, self._made("nonce", state))
        if self._provider.claim not in claims:
            claims = {**self._user(answer, claims["sub"]), **claims}
        roles = self._roles(claims.get(self._provider.claim))
        if not roles or exclude(roles) is not None:
            raise AccessDenied(
                "You are known to the provider, but are nothing here, or two things that "
                "nobody is at once.",
                "Ask the operator for a role: access.oidc_roles.",
            )
        subject = f"{self._provider.issuer}\n{claims['sub']}".encode()
        return Guest(f"{FROM_PROVIDER}{hashlib.sha256(subject).hexdigest()}", roles, state)

    def _roles(self, values: object) -> frozenset[Role]:
        listed = values if isinstance(values, list) else [values]
        table = self._provider.roles
        return frozenset(table[one] for one in listed if isinstance(one, str) and one in table)

    def _made(self, what: str, state: str) -> str:
        return _encoded(hmac.digest(self._key, f"{what} {state}".encode(), hashlib.sha256))

    def _token(self, code: str, verifier: str) -> Mapping[str, Any]:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._provider.redirect,
            "code_verifier": verifier,
            "client_id": self._provider.client,
        }
        secret = self._provider.secret
        identity = None
        if secret:  # RFC 6749, section 2.3.1: both are encoded as in a form
            identity = (quote_plus(self._provider.client), quote_plus(secret))
        address = self._endpoint("token_endpoint")
        try:
            answer = httpx.post(address, data=body, auth=identity, timeout=_TIMEOUT)
        except httpx.HTTPError as error:
            raise _away() from error
        if 400 <= answer.status_code < 500:  # the code, or who we are there, is not taken
            raise _denied()
        return _object(answer)

    def _checked(self, answer: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise _denied()
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        try:
            decoded = self._decoded(token)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self._provider.issuer},
                    "aud": {"essential": True, "value": self._provider.client},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._provider.client,
                    "access_token": answer.get("access_token"),
                },
            )
            claims.validate(now=self._clock.now_us() // SECOND, leeway=_LEEWAY)
        except (JoseError, ValueError, KeyError) as error:
            raise _denied() from error
        return dict(claims)

    def _decoded(self, token: str) -> Token:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        if self._keys is not None:
            try:
                return jwt.decode(token, self._keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError):
                self._keys = None  # they may have changed
        self._keys = KeySet.import_key_set(self._get("jwks_uri"))  # type: ignore[arg-type]
        return jwt.decode(token, self._keys, algorithms=_ALGORITHMS)

    def _user(self, answer: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """What the provider says of somebody beside the ID token."""
        access = answer.get("access_token")
        if not isinstance(access, str) or "userinfo_endpoint" not in self._known():
            return {}
        found = self._get("userinfo_endpoint", {"Authorization": f"Bearer {access}"})
        if found.get("sub") != subject:
            raise _denied()
        return found

    def _known(self) -> Mapping[str, Any]:
        if self._metadata is None:
            issuer = self._provider.issuer
            address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
            found = self._get_at(address)
            if found.get("issuer") != issuer:
                raise _away()
            self._metadata = found
        return self._metadata

    def _endpoint(self, name: str) -> str:
        address = self._known().get(name)
        if not isinstance(address, str):
            raise _away()
        _check_address(address)
        return address

    def _get(self, name: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self._get_at(self._endpoint(name), headers)

    def _get_at(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            return _object(httpx.get(address, headers=headers, timeout=_TIMEOUT))
        except httpx.HTTPError as error:
            raise _away() from error


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if answer.status_code == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _away()
    return found


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    here = parts.hostname == "localhost" or is_here(parts.hostname or "")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        raise SettingsError(
            "The identity provider, or an address it gives, is not one over TLS.",
            "Correct access.oidc_issuer and access.oidc_redirect: https:// and the address.",
        )


def _challenge(verifier: str) -> str:
    """RFC 7636, section 4.2: S256."""
    return _encoded(hashlib.sha256(verifier.encode()).digest())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _denied() -> AccessDenied:
    return AccessDenied("This sign-in does not hold.", "Begin again from this server's own page.")


def _away() -> ServerAway:
    return ServerAway(
        "The identity provider does not answer as one.",
        "Look at access.oidc_issuer; signing in by link or key needs no provider.",
    )
