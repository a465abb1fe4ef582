"""A signed-in connection to a Scrim server, and its failures as errors of Scrim's tree.

Rules:

1. Off this machine only over TLS, whose certificate is checked; a redirect is not
   followed.  The signature that signs in is over the host that was asked for
   (:mod:`scrim.vault.signing`), so a machine in between gains nothing by it.
2. A server is not believed: an answer has a largest size, and what it says of
   itself is shown to people with care (:mod:`scrim.opening.failures`).
3. What is cut off is asked again, a few times, if asking twice changes nothing; the
   bytes of an object are then continued where they broke off.  Anything else is sent
   once: whether it arrived is seen by asking.
4. A session that is over is begun again, once for each request.
"""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from scrim.errors import CaseError, ServerAway, ServerUntrusted, SettingsError
from scrim.opening.failures import SessionOver, away, of_problem, strange
from scrim.vault.signing import Signer, sign_in_message

LARGEST_ANSWER: Final = 256 * 1024 * 1024
"""Bytes; a package of 360 periods with its answers is some tens of megabytes."""

LARGEST_OBJECT: Final = 1024 * 1024 * 1024
"""Bytes of one sealed segment; ten seconds of a camera are a few megabytes."""

_ATTEMPTS: Final = 5
_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status below 400, headers and the whole body."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ServerError: it is not.
        """
        try:
            return json.loads(self.data)
        except (ValueError, RecursionError):
            raise strange("its answer is not JSON") from None


class Connection:
    """One person's connection to one server.

    Args:
        server: its address, ``https://host[:port]``; ``http://`` on this machine only.
        signer: the person's signing key; it stays here.
        certificate: a file of the certificates to trust in place of the system's.
        transport: in place of the network, for tests.
        pause: waits so many seconds before asking again.

    Raises:
        SettingsError: not such an address, or the file holds no certificate.
        ServerUntrusted: it would go over the network in the clear.
    """

    def __init__(
        self,
        server: str,
        signer: Signer,
        *,
        certificate: Path | None = None,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        url = _checked(server)
        self._host = url.netloc.decode("ascii")
        self._signer = signer
        self._pause = pause
        self._signed_in = False
        self._http = httpx.Client(
            base_url=url,
            headers={"Origin": f"{url.scheme}://{self._host}", "User-Agent": "scrim"},
            timeout=_TIMEOUT,
            verify=_trusted(certificate),
            transport=transport,
            trust_env=not _is_here(url.host),  # this machine is not reached by way of a proxy
            follow_redirects=False,
        )

    def close(self) -> None:
        """Sign out, as far as the server can be reached, and let go of the network."""
        if self._signed_in:
            try:
                self._http.delete("/api/session")
            except httpx.HTTPError:
                pass  # the session ends by itself
        self._http.close()

    def sign_in(self) -> None:
        """Begin a session.

        Raises:
            AccessDenied: the key is not registered there, or not for this address.
            ServerError: the server cannot be dealt with (as in all that follow).
        """
        verifier = self._signer.verifier
        nonce = self._once("POST", "/api/session/nonce", json={"verifier": verifier}).json()
        text = nonce.get("nonce") if isinstance(nonce, dict) else None
        if not isinstance(text, str) or not text.isascii() or "\n" in text:
            raise strange("it gives no nonce")
        signed = self._signer.sign(sign_in_message(self._host, text))
        signature = base64.b64encode(signed).decode()
        body = {"verifier": verifier, "nonce": text, "signature": signature}
        self._once("POST", "/api/session/key", json=body)
        self._signed_in = True

    def get(self, path: str, **query: str) -> Answer:
        """Ask, again if the connection is lost."""
        return self._again(lambda: self._in_session("GET", path, params=query))

    def post(
        self,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        limit: int | None = None,
        same: bool = False,
    ) -> Answer:
        """Send something.

        Args:
            path: of the route.
            json: the body, or
            content: the body as bytes of JSON.
            limit: the most bytes that the server takes there.
            same: sent again it changes nothing, so it is, if the connection is lost.

        Raises:
            ServerAway: it may or may not have arrived; ask before sending it again.
        """
        options: dict[str, Any] = {"json": json}
        if content is not None:
            if limit is not None and len(content) > limit:
                raise CaseError(
                    f"This is {len(content)} bytes; the server takes {limit} there.",
                    "Ask for fewer cameras or a shorter time.",
                )
            options = {"content": content, "headers": {"Content-Type": "application/json"}}
        if same:
            return self._again(lambda: self._in_session("POST", path, **options))
        return self._in_session("POST", path, **options)

    def stream(self, path: str) -> Iterator[bytes]:
        """The bytes of an object, continued where the connection was lost.

        Raises:
            ServerError: also where what is continued is another object.
        """
        done = 0
        mark: str | None = None
        failures = 0
        while True:
            try:
                with self._streamed(path, done, mark) as answer:
                    mark = mark or answer.headers.get("ETag")
                    whole = _whole_size(answer, done)
                    for chunk in answer.iter_bytes():
                        done += len(chunk)
                        if done > LARGEST_OBJECT:
                            raise strange("an object is larger than any segment")
                        yield chunk
                if whole is None or done >= whole:
                    return
                raise httpx.ReadError("cut off")
            except httpx.RequestError as error:
                failures += 1
                self._wait_or_raise(error, failures)

    @contextmanager
    def _streamed(self, path: str, done: int, mark: str | None) -> Iterator[httpx.Response]:
        if not self._signed_in:
            self.sign_in()
        headers = {"Accept-Encoding": "identity"}
        if done:
            headers["Range"] = f"bytes={done}-"
            if mark is not None:
                headers["If-Range"] = mark
        for last in (False, True):
            with self._http.stream("GET", path, headers=headers) as answer:
                if answer.status_code == httpx.codes.UNAUTHORIZED and not last:
                    self._signed_in = False
                else:
                    if answer.status_code >= httpx.codes.MULTIPLE_CHOICES:
                        raise of_problem(answer.status_code, _read(answer))
                    if done and answer.status_code != httpx.codes.PARTIAL_CONTENT:
                        raise strange("an object changed while it was fetched")
                    yield answer
                    return
            self.sign_in()

    def _in_session(self, method: str, path: str, **options: Any) -> Answer:
        if not self._signed_in:
            self.sign_in()
        try:
            return self._once(method, path, **options)
        except SessionOver:
            self.sign_in()  # what was refused at the door did not take place
            return self._once(method, path, **options)

    def _once(self, method: str, path: str, **options: Any) -> Answer:
        try:
            with self._http.stream(method, path, **options) as answer:
                data = _read(answer)
        except httpx.RequestError as error:
            raise away(error) from error
        if answer.status_code >= httpx.codes.MULTIPLE_CHOICES:
            raise of_problem(answer.status_code, data)
        return Answer(answer.status_code, answer.headers, data)

    def _again(self, ask: Callable[[], Answer]) -> Answer:
        failures = 0
        while True:
            try:
                return ask()
            except ServerAway as error:
                failures += 1
                self._wait_or_raise(error.__cause__ or error, failures)

    def _wait_or_raise(self, error: BaseException, failures: int) -> None:
        # a machine that refuses the connection is asked again as well: it may be starting
        if failures >= _ATTEMPTS or not isinstance(error, httpx.RequestError):
            raise away(error) from error
        refusal = away(error)
        if isinstance(refusal, ServerUntrusted):
            raise refusal from error
        self._pause(min(2.0 ** (failures - 2), 5.0))


def _checked(server: str) -> httpx.URL:
    try:
        split = urlsplit(server)
        url = httpx.URL(server if split.hostname and split.port != 0 else "")
        url.host.encode("idna")  # looking it up would fail on a name that is none
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.path not in ("", "/"):
        raise SettingsError(
            "That is not the address of a server.",
            "Give it as https://host or https://host:port, as a browser would open it.",
        )
    if url.userinfo or url.query or url.fragment:
        raise SettingsError(
            "The address of a server has no user, question or fragment in it.",
            "Give https://host or https://host:port; signing in is done with your key.",
        )
    if url.scheme == "http" and not _is_here(url.host):
        raise ServerUntrusted(
            f"To {url.host} all of it would go over the network in the clear.",
            "Give its https:// address; http:// is for this machine only.",
        )
    return url.copy_with(path="/")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _trusted(certificate: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=certificate)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"{certificate} cannot be read as a certificate: {error.strerror or error}.",
            "Give a file in PEM form, as the operator publishes it.",
        ) from error


def _read(answer: httpx.Response) -> bytes:
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > LARGEST_ANSWER:
            raise strange("its answer does not end")
    return bytes(data)


def _whole_size(answer: httpx.Response, done: int) -> int | None:
    """How many bytes the object has in all, as far as the answer says."""
    length = answer.headers.get("Content-Length", "")
    return done + int(length) if length.isdecimal() else None
