"""The recorder process: its cameras, its status messages, its end.

It has no listening socket, holds public keys only, and writes nothing but sealed
objects, redacted objects, and the rows and entries about them.  When any part of
it fails for good it stores what it has and exits, so that the supervisor starts a
fresh one: a process that limps shows nothing.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

import av.logging
import cv2

from scrim.clock import SystemClock, to_text
from scrim.errors import RedactionError, ScrimError
from scrim.ledger import Ledger
from scrim.policy import Policy
from scrim.record.camera_recorder import CameraRecorder, Surroundings
from scrim.record.catalogue import Catalogue
from scrim.record.detectors import extra_detectors
from scrim.record.encoder_choice import choose_encoder
from scrim.record.engines import Detectors
from scrim.record.openings_watch import OpeningsWatch
from scrim.record.outlet import Outlet
from scrim.record.recovery import recover
from scrim.redact import Detector
from scrim.redact.people import PersonFinder
from scrim.settings import load
from scrim.store.custodians import custodians_of_camera
from scrim.store.database import connect
from scrim.store.folder import DataFolder
from scrim.store.live_papers import live_papers
from scrim.store.objects import ObjectStore

_STATUS_S = 1.0


class RecorderProcess:
    """Everything between the data folder and the cameras' threads.

    Args:
        data: the data folder.
        cameras: ids of those to record.
        live_socket: the server's.
        sound: ids of those whose sound may be recorded; it is where they ask for it too.

    Raises:
        DataFolderError, SettingsError, CameraUnknown, ModelMissing, ModelAltered,
        CustodianInvalid, LedgerUnavailable: it does not start.
    """

    def __init__(
        self, data: Path, cameras: Sequence[str], live_socket: Path, sound: Sequence[str] = ()
    ) -> None:
        av.logging.set_level(av.logging.PANIC)  # FFmpeg's own lines may quote addresses
        folder = DataFolder.open(data)
        self._settings = load(data)
        cv2.setNumThreads(self._settings.recorder.threads)
        self._clock = SystemClock()
        self._engine = connect(folder.database)
        ledger = Ledger(self._engine)
        self._catalogue = Catalogue(self._engine, ledger, ObjectStore.in_folder(folder.objects))
        self._outlet = Outlet(live_socket)
        self._data = data
        self._others(self._settings.redaction.policy)  # a model that is unfit stops us here
        self._around = Surroundings(
            settings=self._settings,
            catalogue=self._catalogue,
            custodians=custodians_of_camera(self._engine, cameras[0]),
            clock=self._clock,
            # a model that is missing or altered stops us here
            detector=Detectors(data, self._settings, _say),
            send=self._outlet.send,
            report=_say,
            others=self._others,
            people=PersonFinder,
            hardware=choose_encoder(self._settings.encoding, _say),
            deployment=self._settings.ledger.origin,
        )
        self._recorders = [self._recorder(camera, camera in sound) for camera in cameras]
        self._exit_code = 0
        self._stopping = threading.Event()

    def run(self) -> int:
        """Record until asked to stop; returns the exit code."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._asked_to_stop)
        self._outlet.start()
        watch = OpeningsWatch(
            lambda: live_papers(self._engine, self._clock.now_us()),
            [recorder.openings for recorder in self._recorders],
            _say,
        )
        watch.start()
        threads = [
            threading.Thread(target=self._record, args=(recorder,), daemon=True)
            for recorder in self._recorders
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self._stopping.wait(_STATUS_S)
            for recorder in self._recorders:
                self._outlet.send(recorder.status())
                if recorder.failed and not self._exit_code:
                    self._fail(recorder.failed, RedactionError.exit_code)
            if self._stopping.is_set():
                watch.stop()
                for thread in threads:
                    thread.join(_STATUS_S)
        watch.stop()
        watch.join(_STATUS_S)
        self._outlet.stop()
        return self._exit_code

    def _recorder(self, camera: str, sound: bool) -> CameraRecorder:
        row = self._catalogue.camera(camera)
        found = recover(self._engine, self._catalogue, camera, self._clock.now_us(), _say)
        own = replace(self._around, custodians=custodians_of_camera(self._engine, camera))
        heard = sound and row.options.get("sound") is True
        return CameraRecorder(row, own, stop_gap=found.gap, sound=heard)

    def _record(self, recorder: CameraRecorder) -> None:
        try:
            recorder.run()
        except ScrimError as error:
            self._fail(str(error), error.exit_code)
        # thread boundary; the type only, since the text may quote a picture
        except Exception as error:  # noqa: BLE001
            self._fail(f"unexpected {type(error).__name__}", ScrimError.exit_code)

    def _others(self, policy: Policy) -> list[Detector]:
        settings = self._settings
        return extra_detectors(
            settings.redaction, policy.cover, self._data, settings.recorder.threads
        )

    def _fail(self, why: str, exit_code: int) -> None:
        self._exit_code = exit_code
        _say(why)
        self._asked_to_stop()

    def _asked_to_stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self._stopping.set()
        for recorder in self._recorders:
            recorder.stop()


def _say(line: str) -> None:
    """One JSON log line on standard error."""
    text = {"at": to_text(SystemClock().now_us()), "from": "recorder", "event": line}
    sys.stderr.write(json.dumps(text) + "\n")
    sys.stderr.flush()
