"""Where the server is reached: checked before it starts, remembered while it runs.

``running.json`` in the data folder says it to ``scrim link``; it is there while
Scrim runs and may be left behind by a crash, so whoever reads it asks the server.
"""

from __future__ import annotations

import http
import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scrim.listening import listen
from scrim.store.files import write_atomically
from scrim.store.folder import DataFolder

_FILE: Final = "running.json"
_TIMEOUT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Address:
    """A host and port to listen on.

    Attributes:
        port: never 0; see :meth:`free`.
    """

    host: str
    port: int

    @classmethod
    def free(cls, host: str, port: int, *, allow_remote: bool) -> Address:
        """An address that can be listened on now; port 0 picks one.

        Raises:
            SettingsError: not this machine's, or reachable from others without leave.
            PortTaken: something else listens there.
        """
        with listen(host, port, allow_remote=allow_remote) as trial:
            return cls(host, int(trial.getsockname()[1]))

    @classmethod
    def read(cls, folder: DataFolder) -> Address | None:
        """The address that was last written to the folder, if any."""
        try:
            fields = json.loads((folder.path / _FILE).read_text(encoding="utf-8"))
            return cls(str(fields["host"]), int(fields["port"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, folder: DataFolder) -> Path:
        """Remember the address in the folder; returns the file, to be removed at the end.

        Raises:
            OSError: the folder cannot be written.
        """
        file = folder.path / _FILE
        text = json.dumps({"host": self.host, "port": self.port}) + "\n"
        write_atomically(file, text.encode())
        return file

    @property
    def url(self) -> str:
        """What a browser on this machine opens, without a slash at its end."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def sign_in(self, token: str) -> str:
        """The link that signs in; the token is in the fragment, which no server sees."""
        return f"{self.url}/#sign-in={token}"

    def answers(self) -> bool:
        """Whether a healthy server is there; takes half a second at most."""
        host = self.url.removeprefix("http://").rsplit(":", 1)[0].strip("[]")
        connection = http.client.HTTPConnection(host, self.port, timeout=_TIMEOUT)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
