"""``python -m scrim.record``: the recorder process, started by the supervisor."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scrim.errors import ScrimError
from scrim.hardening import harden
from scrim.record.memory import keep_freed_memory


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scrim.record", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--camera", action="append", required=True, help="a camera's id; repeat")
    parser.add_argument(
        "--sound", action="append", default=[], help="a camera whose sound may be recorded; repeat"
    )
    parser.add_argument("--live-socket", type=Path, required=True, help="the server's socket")
    return parser.parse_args()


def main() -> int:
    """Run until SIGTERM or SIGINT; the exit code is the error's (see scrim.errors)."""
    arguments = _arguments()
    harden(die_with_parent=True)
    keep_freed_memory()
    from scrim.record.process import RecorderProcess  # after hardening: it loads the video library

    try:
        process = RecorderProcess(
            arguments.data, arguments.camera, arguments.live_socket, sound=arguments.sound
        )
        return process.run()
    except ScrimError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
