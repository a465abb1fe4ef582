"""A provider's word is taken only where it is its own, for us, now and for this sign-in."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from tests.unit.cases.world import SetClock

from scrim.access import Role
from scrim.access.oidc import Oidc, Provider
from scrim.clock import SECOND
from scrim.errors import AccessDenied, ScrimError

ISSUER = "https://login.example"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
PROVIDER = Provider(
    issuer=ISSUER,
    client="scrim",
    redirect="https://cctv.example/api/session/oidc/callback",
    secret="",
    claim="groups",
    roles={"desk": Role.OPERATOR},
)
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


def signed(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)


@dataclass
class Asked:
    """A provider that answers as it is told."""

    clock: SetClock
    change: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] = signed
    keys: object = field(default_factory=lambda: KeySet([KEY]).as_dict(private=False))
    nonce: str = ""

    def get(self, url: str, **_: object) -> httpx.Response:
        return httpx.Response(200, json=self.keys if url.endswith("keys") else METADATA)

    def post(self, _url: str, **_: object) -> httpx.Response:
        now = self.clock.us // SECOND
        claims = {
            "iss": ISSUER,
            "sub": "anna",
            "aud": "scrim",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "groups": ["desk"],
        } | self.change
        told = {name: value for name, value in claims.items() if value is not None}
        return httpx.Response(200, json={"id_token": self.sign(told), "access_token": "a"})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked(SetClock())
    monkeypatch.setattr("scrim.access.oidc.httpx.get", made.get)
    monkeypatch.setattr("scrim.access.oidc.httpx.post", made.post)
    return made


def finish(asked: Asked) -> frozenset[Role]:
    oidc = Oidc(PROVIDER, asked.clock)
    address, state = oidc.begin()
    asked.nonce = parse_qs(urlsplit(address).query)["nonce"][0]
    return oidc.finish(state, state, "code").roles


def test_a_token_that_holds_signs_in(asked: Asked) -> None:
    assert finish(asked) == {Role.OPERATOR}


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://other.example"},
        {"aud": "another-client"},
        {"aud": ["scrim", "another-client"], "azp": "another-client"},
        {"aud": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 1_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
    ],
)
def test_a_token_for_another_time_place_or_sign_in(asked: Asked, change: dict[str, Any]) -> None:
    asked.change = change
    with pytest.raises(AccessDenied):
        finish(asked)


def unsigned(claims: dict[str, Any]) -> str:
    return f"eyJhbGciOiJub25lIn0.{signed(claims).split('.')[1]}."


def with_the_public_key_as_secret(claims: dict[str, Any]) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').decode().rstrip("=")
    body = f"{header}.{signed(claims).split('.')[1]}"
    mac = hmac.digest(KEY.as_pem(private=False), body.encode(), "sha256")
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def by_somebody_else(claims: dict[str, Any]) -> str:
    other = RSAKey.generate_key(2048, {"kid": "one"})
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, other)


@pytest.mark.parametrize("sign", [unsigned, with_the_public_key_as_secret, by_somebody_else])
def test_a_token_that_nobody_or_somebody_else_signed(
    asked: Asked, sign: Callable[[dict[str, Any]], str]
) -> None:
    asked.sign = sign
    with pytest.raises(AccessDenied):
        finish(asked)


@pytest.mark.parametrize(
    "keys",
    [{}, {"keys": []}, {"keys": "none"}, {"keys": [None]}, {"keys": [{"kty": "RSA"}]}],
)
def test_keys_that_make_no_sense_are_no_traceback(asked: Asked, keys: object) -> None:
    asked.keys = keys
    with pytest.raises(ScrimError):
        finish(asked)


@pytest.mark.parametrize(
    "claims",
    [{"groups": None}, {"groups": "chess"}, {"groups": [7, None, {"desk": 1}]}, {"groups": {}}],
)
def test_a_claim_that_says_nothing_here(asked: Asked, claims: dict[str, Any]) -> None:
    asked.change = claims
    with pytest.raises(AccessDenied):
        finish(asked)
