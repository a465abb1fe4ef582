"""A deployment with people and real sealed periods, written as the recorder writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from tests.unit.cases.world import SEGMENT_US, World

from scrim.canonical import Json
from scrim.record.catalogue import Catalogue, PeriodId
from scrim.store import keys
from scrim.vault import CustodianSet, PeriodKey


class RecordedWorld(World):
    """Cases' world, and what cameras recorded in it.

    Args:
        engine: the data folder's database.
        folder: the data folder.
        now_us: its clock, which a server beside it should have too.
    """

    def __init__(self, engine: Engine, folder: Path, now_us: int) -> None:
        super().__init__(engine, folder)
        self.clock.us = now_us
        self.catalogue = Catalogue(engine, self.ledger, self.objects)

    def record(
        self,
        camera: str,
        period: int,
        since_us: int,
        films: Mapping[int, bytes],
        masked: Mapping[int, bytes] | None = None,
    ) -> PeriodKey:
        """A closed period of segments of ten seconds, one after the other.

        Args:
            camera: whose.
            period: its number, in epoch 1.
            since_us: when the first segment begins.
            films: number of each segment to what was recorded.
            masked: likewise of the masked side, where it has any.
        """
        masked = masked or {}
        key = PeriodKey.open(
            camera=camera,
            epoch=1,
            period=period,
            opened_us=since_us,
            custodians=CustodianSet(2, tuple(office.custodian for office in self.offices)),
        )
        place = PeriodId(camera, 1, period)
        self.catalogue.open_period(place, key)
        for number, (segment, data) in enumerate(films.items()):
            sealed = key.seal(data)
            start_us = since_us + number * SEGMENT_US
            record: dict[str, Json] = {
                "side": "sealed",
                "segment": segment,
                "start_us": start_us,
                "end_us": start_us + SEGMENT_US,
                "key": keys.sealed_key(camera, 1, period, segment),
                "size": len(sealed),
                "sha256": hashlib.sha256(sealed).hexdigest(),
                "plain_size": len(data),
                "plain_sha256": hashlib.sha256(data).hexdigest(),
                "container": "mp4",
                "codec": "h264",
            }
            self.catalogue.begin_segment(place, record)
            self.objects.put(str(record["key"]), sealed)
            self.catalogue.finish_segment(camera, segment, "sealed", _STORED)
            self._mask(place, segment, start_us, masked.get(segment, b""))
        self.catalogue.close_period(place, since_us + len(films) * SEGMENT_US, "recorder")
        return key

    def _mask(self, place: PeriodId, segment: int, start_us: int, data: bytes) -> None:
        if not data:
            return
        record: dict[str, Json] = {
            "side": "masked",
            "segment": segment,
            "start_us": start_us,
            "end_us": start_us + SEGMENT_US,
            "key": keys.masked_key(place.camera, place.epoch, place.period, segment),
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "init_size": data.index(b"moof") - 4,
            "origin_us": start_us,
            "codec": "avc1.64001f",
            "width": 160,
            "height": 96,
        }
        self.catalogue.begin_segment(place, record)
        self.objects.put(str(record["key"]), data)
        self.catalogue.finish_segment(place.camera, segment, "masked", _STORED)


_STORED: Any = "stored"
