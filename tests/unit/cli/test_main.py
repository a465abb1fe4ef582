import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrim import __version__
from scrim.cli import link
from scrim.cli.main import app
from scrim.settings import Settings

CLI = Path(link.__file__).parent

Scrim = Callable[..., Any]


def test_help_teaches_by_example(scrim: Scrim) -> None:
    done = scrim("--help")
    assert done.code == 0
    assert "scrim up --demo" in done.out
    commands = "init up link camera custodian detector redact verify doctor"
    for command in commands.split():
        assert command in done.out


def test_the_overview_loads_nothing_heavy() -> None:
    code = (
        "import sys; from scrim.cli.main import run; run(['--help'])\n"
        "heavy = {'av', 'cv2', 'onnxruntime', 'sqlalchemy', 'fastapi', 'numpy', 'obstore'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what is looked at is Linux's")
def test_a_crash_of_the_command_leaves_no_pictures_behind() -> None:
    code = (
        "import ctypes, resource; from scrim.cli import main as m; m.run = lambda: 0\n"
        "try: m.main()\n"
        "except SystemExit: pass\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "(0, 0) 0\n", done.stderr


def test_the_version(scrim: Scrim) -> None:
    assert scrim("--version").out == f"scrim {__version__}\n"


def test_a_users_mistake_is_one_line_and_its_exit_code(scrim: Scrim, tmp_path: Path) -> None:
    done = scrim("verify", tmp_path / "none")
    assert done.code == 4
    assert done.out == ""
    (line,) = done.err.splitlines()
    assert line.startswith("error: There is no Scrim data folder at ")


def test_a_wrong_command_line_is_exit_code_2(scrim: Scrim) -> None:
    assert scrim("verify").code == 2
    assert scrim("no-such-command").code == 2
    assert scrim("redact").code == 2


def broken(error: BaseException) -> Callable[..., None]:
    def fail(*_arguments: object, **_named: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_ours_is_one_line_and_a_traceback_only_when_asked(
    scrim: Scrim, monkeypatch: pytest.MonkeyPatch, debug: bool, tmp_path: Path
) -> None:
    monkeypatch.setattr("scrim.fleet.deployment.Deployment.open", broken(ZeroDivisionError("x")))
    done = scrim(*(["--debug"] if debug else []), "link", "--data", tmp_path)
    assert done.code == 70
    assert done.err.splitlines()[-1].startswith("error: unexpected ZeroDivisionError: x.")
    assert ("Traceback" in done.err) is debug


def test_debug_by_the_environment(
    scrim: Scrim, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SCRIM_DEBUG", "1")
    assert "Traceback" in scrim("verify", tmp_path).err


def test_ctrl_c_is_exit_code_130(
    scrim: Scrim, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("scrim.fleet.deployment.Deployment.open", broken(KeyboardInterrupt()))
    done = scrim("link", "--data", tmp_path)
    assert done.code == 130
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("ended", "code", "said"), [(EOFError, 2, "nobody answered"), (KeyboardInterrupt, 130, "")]
)
def test_a_question_that_nobody_answers(
    scrim: Scrim,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    ended: type[BaseException],
    code: int,
    said: str,
) -> None:
    monkeypatch.setattr("typer._click.termui.visible_prompt_func", broken(ended()))
    asked = ("subject", "add", "--camera", "gate", "--since", "2026-11-20T10:00Z")
    done = scrim(*asked, "--until", "2026-11-20T11:00Z", "--data", tmp_path)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


def test_the_data_folder_by_the_environment(scrim_process: Scrim, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    done = scrim_process("camera", "list", SCRIM_DATA=str(place))
    assert done.code == 4
    assert str(place) in done.err


def test_every_command_says_what_it_does() -> None:
    assert link.EPILOG
    assert all(info.callback is not None for info in app.registered_commands)


def test_no_option_takes_its_value_from_where_a_section_of_the_settings_is_looked_for() -> None:
    """``SCRIM_SERVER`` was the address of a server, and a section of the settings besides."""
    sections = {f"SCRIM_{name.upper()}" for name in Settings.model_fields}
    found = set(
        re.findall(r'envvar="(\w+)"', "".join(p.read_text("utf-8") for p in CLI.glob("*.py")))
    )
    assert len(found) > 5
    assert found & sections == set()
