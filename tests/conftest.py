"""What every test run ends with: a list of what was left out, and how to get it.

A test that needs a tool the machine may not have skips, with a reason that
says how to get the tool.  Where ``CI`` is set nothing may be left out, so there
a skip counts as a failure.  Three things may be missing anywhere: footage that is
not part of the project (``shared/clips``), rights that a container does not
give (mounting a small disk, reading another process's memory), and the extra
``accel``, of which some tests need that it is there and others that it is not.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests import weak_passphrase
from tests.ready_tables import ReadyTables

from scrim.store import database, migrations

ROOT = Path(__file__).resolve().parent.parent
CLIPS = ROOT.parent / "shared" / "clips"

# How long an example takes says nothing about it where the machine does other things beside.
# The same examples each time, here as where CI is set: what fails, fails for everybody.
# `--hypothesis-profile=other` draws others.
settings.register_profile(
    "unhurried",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    database=None,
)
settings.register_profile(
    "other", settings.get_profile("unhurried"), derandomize=False, print_blob=True
)
settings.load_profile("unhurried")

_LONG = (
    "paths/test_bad_input",
    "paths/test_release_a_case",
    "sim/",
    "paths/",
    "record/test_passing",
    "unit/cli/",
    "unit/api/",
)
"""Files that take long, the longest first."""

_MAY_BE_MISSING = (
    "shared/clips",
    "run the tests as",
    "run as root",
    "outside a sandbox",
    "the extra accel",
)


@pytest.fixture(scope="session", autouse=True)
def ready_tables() -> Iterator[None]:
    """New databases get their tables ready made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", ReadyTables().upgrade)
        yield


@pytest.fixture(scope="session", autouse=True)
def nothing_is_flushed() -> Iterator[None]:
    """No power is cut in a test: what this process writes need not reach the disk.

    A third of the time of a test that writes was waiting for that.  Its child processes
    flush as ever, and a kill of one of them loses nothing that it wrote.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _handle: None)
        patch.setattr(database, "SYNCHRONOUS", "OFF")
        yield


@pytest.fixture(scope="session")
def clips() -> Path:
    """The folder of real clips beside the project; skips where there is none."""
    if not CLIPS.is_dir():
        pytest.skip("needs the clips in ../shared/clips, which are not part of the project")
    return CLIPS


@pytest.fixture
def weak_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are sealed with next to no work: for tests whose subject is not that work."""
    monkeypatch.setattr("pyrage.passphrase.encrypt", weak_passphrase.sealed)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where nothing may be left out."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips as a whole."""
    report = yield
    _refuse_skip(report)
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, so that workers end together, and the browser last.

    Playwright keeps an event loop running, and a thread has one only.
    """
    items.sort(key=lambda item: _turn(item.nodeid))
    for item in items:
        drives = "tests/browser/" in item.nodeid
        item.add_marker(pytest.mark.xdist_group("browser" if drives else "others"))


def _turn(nodeid: str) -> int:
    if "tests/browser/" in nodeid:
        return len(_LONG) + 1
    return next((turn for turn, name in enumerate(_LONG) if name in nodeid), len(_LONG))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what was left out, with what each test said about it."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(_reason(report) for report in skipped)
    if reasons:
        terminalreporter.section("left out, and how to get it")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} test{'s' * (count > 1)}: {reason}")


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    allowed = any(words in _reason(report) for words in _MAY_BE_MISSING)
    if os.environ.get("CI") and report.skipped and not allowed:
        report.outcome = "failed"
        report.longrepr = f"Nothing may be left out where CI is set: {_reason(report)}"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    told = report.longrepr
    text = told[2] if isinstance(told, tuple) else str(told)
    return text.removeprefix("Skipped: ")
