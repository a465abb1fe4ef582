"""``python -m scrim.retention``: the sweeper's process, started by the supervisor."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scrim.errors import ScrimError
from scrim.hardening import harden
from scrim.retention.process import Sweeper


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scrim.retention", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    return parser.parse_args()


def main() -> int:
    """Run until SIGTERM or SIGINT; the exit code is the error's (see scrim.errors)."""
    arguments = _arguments()
    harden(die_with_parent=True)
    try:
        return Sweeper(arguments.data).run()
    except ScrimError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
