import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from scrim.fleet.children import Child

PATIENCE_S = 120.0
"""How long anything is waited for here.  Children take longer to end by themselves."""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def run_to_end(child: Child) -> tuple[int, list[str]]:
    child.start()
    lines: list[str] = []
    deadline = time.monotonic() + PATIENCE_S
    while child.ended() is None:
        assert time.monotonic() < deadline
        lines += child.read_lines()
        time.sleep(0.01)
    lines += child.read_lines()
    code = child.ended()
    child.close()
    assert code is not None
    return code, lines


def test_the_exit_code_and_the_last_line_are_kept() -> None:
    child = Child("c", python("import sys; print('one'); sys.exit('error: two')"), time.monotonic)
    code, lines = run_to_end(child)
    assert code == 1
    assert sorted(lines) == ["error: two", "one"]
    assert child.pid is None


def test_a_death_by_signal_counts_as_shells_count_it() -> None:
    code = run_to_end(Child("c", python("import os; os.kill(os.getpid(), 9)"), time.monotonic))[0]
    assert code == 128 + signal.SIGKILL


def test_of_a_json_log_line_the_event_is_kept() -> None:
    child = Child("c", python("""print('{"at": "x", "event": "cannot store"}')"""), time.monotonic)
    run_to_end(child)
    assert child.last_line == "cannot store"


def test_a_line_without_an_end_does_not_grow_for_ever() -> None:
    child = Child("c", python("print('x' * 200_000)"), time.monotonic)
    lines = run_to_end(child)[1]
    assert len(lines) > 1
    assert sum(len(line) for line in lines) == 200_000


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nothing-here"):
        Child("c", [str(tmp_path / "nothing-here")], time.monotonic).start()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux's")
def test_a_child_dies_with_its_parent_however_that_dies(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = (
        "import time, sys; from scrim.fleet.children import Child\n"
        "sleep = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "child = Child('c', sleep, time.monotonic)\n"
        f"child.start(); open({str(pid_file)!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    with subprocess.Popen(python(code)) as parent:
        deadline = time.monotonic() + PATIENCE_S
        while not (pid_file.exists() and pid_file.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        pid = int(pid_file.read_text())
        assert psutil.pid_exists(pid)
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while runs(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
