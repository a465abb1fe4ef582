"""Figures for Prometheus, made from the newest statuses when asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from scrim.clock import SECOND
from scrim.live.wire import RUNGS, Status
from scrim.retention.plan import LastSweep

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
STATES: Final = ("starting", "masked", "clear", "blanked", "offline")


def render(
    statuses: Mapping[str, Status],
    ledger_size: int,
    gates: Mapping[str, Mapping[str, Any]],
    norms: Mapping[tuple[str, str, str], int],
    checked_us: int | None,
    swept: LastSweep,
) -> bytes:
    """Prometheus text format of statuses, papers, norms, the last sweep and the ledger's size."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(statuses, ledger_size))
    registry.register(_Papers(statuses, gates))
    registry.register(_Norms(norms, checked_us))
    registry.register(_Sweeps(swept))
    return generate_latest(registry)


class _Snapshot(Collector):
    def __init__(self, statuses: Mapping[str, Status], ledger_size: int) -> None:
        self._statuses = statuses
        self._ledger_size = ledger_size

    def collect(self) -> Iterator[Metric]:
        rate = GaugeMetricFamily(
            "scrim_frames_per_second", "Redacted frames a second.", labels=["camera"]
        )
        latency = GaugeMetricFamily(
            "scrim_latency_seconds", "From capture to the servable part.", labels=["camera"]
        )
        dropped = CounterMetricFamily(
            "scrim_frames_dropped", "Redacted frames left out since start.", labels=["camera"]
        )
        state = GaugeMetricFamily(
            "scrim_camera_state", "1 for the state the camera is in.", labels=["camera", "state"]
        )
        rung = GaugeMetricFamily(
            "scrim_camera_rung",
            "How far masking is from normal: 0 normal, 1 fewer looks, 2 wide masks,"
            " 3 moving figures, 4 whole frame.",
            labels=["camera"],
        )
        changes = CounterMetricFamily(
            "scrim_camera_rung_changes", "Changes of the rung since start.", labels=["camera"]
        )
        opened = GaugeMetricFamily(
            "scrim_live_opening_until_seconds",
            "Until when new originals are sealed to a case officer as well, Unix time.",
            labels=["camera"],
        )
        stored = GaugeMetricFamily(
            "scrim_stored_until_seconds",
            "End of the newest stored segment, Unix time.",
            labels=["camera", "side"],
        )
        for camera, status in sorted(self._statuses.items()):
            rate.add_metric([camera], status.frames_per_second)
            latency.add_metric([camera], status.latency_ms / 1000)
            dropped.add_metric([camera], status.dropped)
            for name in STATES:
                state.add_metric([camera, name], float(status.state == name))
            if status.rung is not None:
                rung.add_metric([camera], RUNGS.index(status.rung))
            changes.add_metric([camera], status.rung_changes)
            if status.live_opening_until_us is not None:
                opened.add_metric([camera], status.live_opening_until_us / SECOND)
            for side, until_us in (
                ("sealed", status.sealed_until_us),
                ("masked", status.masked_until_us),
            ):
                if until_us is not None:
                    stored.add_metric([camera, side], until_us / SECOND)
        ledger = GaugeMetricFamily(
            "scrim_ledger_entries", "Entries in the ledger.", value=self._ledger_size
        )
        yield from (rate, latency, dropped, state, rung, changes, opened, stored, ledger)


class _Papers(Collector):
    """What the gate said; :func:`scrim.papers.gatekeeper.gates`."""

    def __init__(
        self, statuses: Mapping[str, Status], gates: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._statuses = statuses
        self._gates = gates

    def collect(self) -> Iterator[Metric]:
        withheld = GaugeMetricFamily(
            "scrim_camera_withheld",
            "1 while the camera may not record, because its papers are not on record.",
            labels=["camera"],
        )
        ends = GaugeMetricFamily(
            "scrim_paper_ends_seconds",
            "When a paper that a rule asks for ends, Unix time; from its first warning on.",
            labels=["camera", "rule", "paper"],
        )
        for camera in sorted(self._statuses):
            gate = self._gates.get(camera, {})
            withheld.add_metric([camera], float(bool(gate.get("waits"))))
            for one in gate.get("warnings", ()):
                if one["ends_us"] is not None:
                    paper = one["filing"] or one["paper"]
                    ends.add_metric([camera, one["rule"], paper], one["ends_us"] / SECOND)
        yield from (withheld, ends)


class _Norms(Collector):
    """What came of the last check; :class:`scrim.duties.board.Board`."""

    def __init__(self, counts: Mapping[tuple[str, str, str], int], checked_us: int | None) -> None:
        self._counts = counts
        self._checked_us = checked_us

    def collect(self) -> Iterator[Metric]:
        found = GaugeMetricFamily(
            "scrim_norm_outcomes",
            "Subjects of each rule in force by outcome: met, due, breached, not-applicable.",
            labels=["pack", "rule", "outcome"],
        )
        for (pack, rule, status), count in sorted(self._counts.items()):
            found.add_metric([pack, rule, status], count)
        checked = GaugeMetricFamily(
            "scrim_norms_checked_seconds", "When the last check was, Unix time."
        )
        if self._checked_us is not None:
            checked.add_metric([], self._checked_us / SECOND)
        yield from (found, checked)


class _Sweeps(Collector):
    """What is known of the last sweep."""

    def __init__(self, swept: LastSweep) -> None:
        self._swept = swept

    def collect(self) -> Iterator[Metric]:
        swept = GaugeMetricFamily(
            "scrim_retention_swept_seconds", "When the last whole sweep began, Unix time."
        )
        late = GaugeMetricFamily(
            "scrim_retention_late_seconds",
            "How long past its time what the last sweep erased had waited, at most.",
        )
        if self._swept.swept_us is not None:
            swept.add_metric([], self._swept.swept_us / SECOND)
        if self._swept.late_us is not None:
            late.add_metric([], self._swept.late_us / SECOND)
        trouble = GaugeMetricFamily(
            "scrim_retention_trouble",
            "1 while something that is past its time cannot be erased, or the clock is doubtful.",
            value=float(bool(self._swept.trouble)),
        )
        yield from (swept, late, trouble)
