"""``python -m scrim.api``: the server process, as the supervisor starts it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from scrim.api import logs
from scrim.api.serve import Place, is_name, serve
from scrim.errors import ScrimError, SettingsError
from scrim.hardening import harden


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; returns the exit code (see :mod:`scrim.errors`)."""
    parser = argparse.ArgumentParser(prog="python -m scrim.api", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--live-socket", type=Path, required=True, help="where recorders connect")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8460, help="0 takes a free one")
    parser.add_argument(
        "--allow-remote", action="store_true", help="let --host be one that other machines reach"
    )
    parser.add_argument(
        "--name", action="append", default=[], help="a further host name to answer to (proxy)"
    )
    options = parser.parse_args(arguments)
    harden(die_with_parent=True)
    logs.configure()
    try:
        for name in options.name:
            if not is_name(name):
                raise SettingsError(f"{name!r} is no host name.", "Give it without port or path.")
        place = Place(options.host, options.port, options.allow_remote, tuple(options.name))
        asyncio.run(serve(options.data, options.live_socket, place))
    except ScrimError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
