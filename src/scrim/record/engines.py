"""Which inference engine this machine uses, and the detectors that share it.

Rules kept here:

- ``scrim engine choose`` measures and writes the choice down.  A recorder writes nothing:
  where no choice counts, it measures by itself at start.
- Where only onnxruntime is there, nothing is measured and nothing is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from scrim.errors import EngineUnavailable
from scrim.record.engine_files import EngineFolder, circumstances
from scrim.record.engine_pictures import Image, calibration_pictures, check_pictures
from scrim.redact import _openvino, quantise
from scrim.redact.centerface import CenterFace, blob_of
from scrim.redact.choice import Trial, fastest, try_engines
from scrim.redact.engine import Engine, Kind, build
from scrim.redact.model import default_model, read_model
from scrim.redact.sharing import SharedEngine
from scrim.settings import Settings

AUTO = "auto"


class Engines:
    """The engines of one data folder and its settings.

    Args:
        folder: where a choice and the quantised model are kept; ``None`` for none.
        settings: threads, threshold and the engine wanted.
        report: one line for the log.

    Raises:
        ModelMissing, ModelAltered: see :func:`~scrim.redact.model.read_model`.
    """

    def __init__(
        self, folder: Path | None, settings: Settings, report: Callable[[str], None]
    ) -> None:
        self._files = EngineFolder(folder / "engine") if folder is not None else None
        self._settings = settings
        self._report = report
        self._model = read_model(default_model())
        self._quantised: bytes | None = None
        if self._files is not None:
            try:
                self._quantised = self._files.read_quantised()
            except EngineUnavailable as error:
                report(str(error))

    def build(self, kind: Kind) -> Engine:
        """An engine of that kind.

        Raises:
            EngineUnavailable: see :func:`~scrim.redact.engine.build`.
            Exception: whatever its library raises.
        """
        threads = self._settings.recorder.threads
        return build(kind, self._model, threads=threads, quantised=self._quantised)

    def kinds(self) -> list[Kind]:
        """The kinds whose library and model are there."""
        return [
            kind
            for kind in Kind
            if not (kind.quantised and self._quantised is None)
            and not (kind.uses_openvino and not _openvino.is_installed())
        ]

    def measure(self, kinds: Sequence[Kind] | None = None) -> list[Trial]:
        """Try engines of :meth:`kinds` on the drawn street; takes seconds.

        Raises:
            Exception: whatever the reference raises.
        """
        makers = {kind: partial(self.build, kind) for kind in kinds or self.kinds()}
        return try_engines(
            makers,
            list(check_pictures()),
            model=default_model(),
            threshold=self._settings.redaction.threshold,
        )

    def choose(self) -> Kind:
        """The kind to use: the one the settings name, or the one chosen for this machine.

        A kind that the settings name is used without being held against the reference
        if it does not round, and else only if its masks are the same.
        """
        wanted = self._settings.redaction.engine
        if wanted == AUTO:
            return self._automatic()
        kind = Kind(wanted)
        if kind.lift == 1 or kind is self.kept():
            return kind
        trials = self.measure([Kind.ONNXRUNTIME, kind]) if kind in self.kinds() else []
        refused = next((trial.refused for trial in trials if trial.kind is kind), "Not there.")
        if not refused:
            return kind
        self._report(f"the engine {kind} is not used: {refused}")
        return Kind.ONNXRUNTIME

    def _automatic(self) -> Kind:
        kinds = self.kinds()
        if kinds == [Kind.ONNXRUNTIME]:
            return Kind.ONNXRUNTIME
        kept = self.kept()
        if kept is not None and kept in kinds:
            return kept
        trials = self.measure()
        chosen = fastest(trials)
        self._report(f"engine: {chosen} of {describe(trials)}")
        return chosen

    def kept(self) -> Kind | None:
        """The choice written down, if it counts here."""
        if self._files is None:
            return None
        return self._files.read_choice(self._circumstances())

    def keep(self, trials: Sequence[Trial]) -> Kind:
        """Write down what was measured, and return what is chosen.

        Raises:
            OSError: it cannot be written.
        """
        chosen = fastest(trials)
        if self._files is not None:
            measured = [facts(trial) for trial in trials]
            self._files.write_choice(chosen, self._circumstances(), measured)
        return chosen

    def quantise(self, pictures: Sequence[Image], named: str) -> Trial:
        """Make the quantised model, keep it, and try it; takes half a minute.

        Args:
            pictures: height x width x 3, BGR, sides multiples of 32; none for the drawn street.
            named: what they are, for the file beside the model.

        Raises:
            EngineUnavailable: the extra ``accel`` is not installed.
            OSError: it cannot be written.
        """
        assert self._files is not None
        pictures = pictures or list(calibration_pictures())
        made = quantise.quantised(self._model, [blob_of(picture) for picture in pictures])
        self._files.write_quantised(made, named, len(pictures))
        self._quantised = made
        return next(
            trial
            for trial in self.measure([Kind.ONNXRUNTIME, Kind.INT8])
            if trial.kind is Kind.INT8
        )

    def _circumstances(self) -> str:
        threads, threshold = self._settings.recorder.threads, self._settings.redaction.threshold
        return circumstances(self._quantised, threads, threshold)


class Detectors:
    """Makes the detectors of one process, which share an engine.

    Raises:
        ModelMissing, ModelAltered: see :func:`~scrim.redact.model.read_model`.
        Exception: whatever the reference raises.
    """

    def __init__(
        self, folder: Path | None, settings: Settings, report: Callable[[str], None]
    ) -> None:
        engines = Engines(folder, settings, report)
        self.engine = SharedEngine(engines.build, engines.choose(), report)

    def __call__(self) -> CenterFace:
        return CenterFace(default_model(), engine=self.engine)


def facts(trial: Trial) -> dict[str, object]:
    """A trial for a file or a program."""
    out: dict[str, object] = {"engine": trial.kind.value, "refused": trial.refused}
    if trial.milliseconds is not None:
        out["ms"] = round(trial.milliseconds, 2)
    if trial.agreement is not None:
        out["boxes"] = trial.agreement.boxes
        out["lost"] = trial.agreement.lost
        out["loose"] = trial.agreement.loose
        out["extra"] = trial.agreement.extra
        out["score"] = round(trial.agreement.score, 4)
    return out


def describe(trials: Sequence[Trial]) -> str:
    """What was measured, in one line."""
    return ", ".join(
        f"{trial.kind} {trial.milliseconds:.1f} ms" + (" (masks differ)" if trial.refused else "")
        for trial in trials
        if trial.milliseconds is not None
    )
