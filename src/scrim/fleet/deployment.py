"""A data folder ready to run: its database, its ledger and key, its custodians.

Rules:

- The ledger's signing key is made here and read by the supervisor alone; its
  file is for its owner only (mode 0600).
- Who the custodians are is a setting like any other: the row and its entry in
  the ledger are one transaction.  A new set takes the place of the old one for
  the periods that open from then on; what is sealed stays with the old one.
- The identities of demo custodians lie in the data folder, so they protect
  nothing, and everything that mentions them says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from scrim.access.granting import Standings
from scrim.access.signin import SignIn, in_ledger
from scrim.access.tokens import Tokens
from scrim.cases.desk import Cases
from scrim.cases.forgetting import forget
from scrim.cases.people import People
from scrim.cases.reshares import Reshares
from scrim.cases.room import Room
from scrim.changes import Changes
from scrim.changes.custodians import change_custodians, change_group
from scrim.clock import Clock, SystemClock
from scrim.duties.breaches import Breaches
from scrim.duties.checks import Checks
from scrim.duties.filings import Filings
from scrim.duties.watch import Watch
from scrim.errors import DataFolderError
from scrim.fleet.settings_said import say_settings
from scrim.ledger import Ledger
from scrim.ledger.checkpoint import publish
from scrim.ledger.note import SigningKey
from scrim.papers.applied import Applied
from scrim.papers.gatekeeper import Gatekeeper
from scrim.papers.over import packs_over
from scrim.papers.own import own_of_settings
from scrim.papers.placing import Placings
from scrim.papers.register import PaperRegister
from scrim.papers.sites import Sites
from scrim.papers.under import PacksOfPapers
from scrim.retention import Retention, Sweep
from scrim.retention.clock import TrustedClock
from scrim.settings import Settings, load
from scrim.store.custodians import EVERYBODY, custodians_in_force
from scrim.store.database import connect
from scrim.store.folder import DataFolder
from scrim.store.objects import ObjectStore
from scrim.subjects.desk import Subjects
from scrim.subjects.holding import Holding
from scrim.vault import CustodianSet
from scrim.vault.demo import make_demo_set, with_cards

DEMO_N: Final = 3
DEMO_K: Final = 2


@dataclass(frozen=True, slots=True)
class Deployment:
    """An open data folder and what belongs to it."""

    folder: DataFolder
    settings: Settings
    engine: Engine
    ledger: Ledger
    clock: Clock

    @classmethod
    def open(cls, path: Path, *, clock: Clock | None = None) -> Deployment:
        """Open a folder that :meth:`create` made.

        Raises:
            DataFolderError: missing, newer, or not writable.
            SettingsError: its ``scrim.toml`` or the environment is wrong.
        """
        return cls._of(DataFolder.open(path), clock)

    @classmethod
    def create(cls, path: Path, *, clock: Clock | None = None) -> Deployment:
        """Make a folder and its ledger key; a folder that is whole stays as it is.

        Raises:
            DataFolderError: it holds something else, or cannot be written.
            SettingsError: its ``scrim.toml`` or the environment is wrong.
        """
        deployment = cls._of(DataFolder.create(path), clock)
        if not deployment.key_file.exists():
            if deployment.ledger.size():
                raise DataFolderError(
                    f"The ledger's key {deployment.key_file} is missing, "
                    "but the ledger is not empty.",
                    "Restore keys/ from a copy; without it no checkpoint can be signed.",
                )
            SigningKey.generate(deployment.settings.ledger.origin).write(deployment.key_file)
        return deployment

    @classmethod
    def _of(cls, folder: DataFolder, clock: Clock | None) -> Deployment:
        engine = connect(folder.database)
        return cls(folder, load(folder.path), engine, Ledger(engine), clock or SystemClock())

    @property
    def key_file(self) -> Path:
        """The ledger's signing key."""
        return self.folder.keys / "ledger.key"

    @property
    def verifier_file(self) -> Path:
        """The ledger's verifier key, for everybody."""
        return self.folder.keys / "ledger.pub"

    def signing_key(self) -> SigningKey:
        """The ledger's signing key; the supervisor's alone.

        Raises:
            LedgerUnavailable: missing or unreadable.
            LedgerBroken: the file holds no key.
        """
        return SigningKey.read(self.key_file)

    def verifier_text(self) -> str:
        """The ledger's verifier key, one line of text."""
        return self.signing_key().verifier().to_text()

    def custodians(self, group: str = EVERYBODY) -> CustodianSet | None:
        """The custodians in force, or ``None`` where none were ever set.

        Raises:
            CustodianInvalid: the row is not a set of custodians.
        """
        return custodians_in_force(self.engine, group)

    def set_custodians(
        self, custodians: CustodianSet, group: str = EVERYBODY, *, reason: str = "custodians-set"
    ) -> None:
        """Put custodians in force for every period of those cameras that opens from now on.

        A recorder takes them up when it starts, which the supervisor sees to.

        Args:
            custodians: the new set, whole.
            group: of cameras.
            reason: a code for the ledger, such as ``custodian-lost``.

        Raises:
            CustodianInvalid: not a group's name, or a custodian is a case officer too.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        now = self.clock.now_us()
        with in_ledger(self.engine) as connection:
            change_custodians(connection, self.ledger, now, custodians, group, reason)

    def set_group(self, camera: str, group: str) -> None:
        """Give a camera to a group, whose custodians hold its keys from its next start on.

        Raises:
            CameraUnknown: it was never enrolled.
            CustodianInvalid: no custodians are set for that group.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        with in_ledger(self.engine) as connection:
            change_group(connection, self.ledger, self.clock.now_us(), camera, group)

    def cases(self) -> Cases:
        """The cases of this deployment."""
        objects = ObjectStore.in_folder(self.folder.objects)
        return Cases(
            self.engine,
            self.ledger,
            objects,
            self.clock,
            self.settings,
            packs_over(self.applied()),
        )

    def changes(self) -> Changes:
        """The changes that take two people."""
        applied = self.applied()
        retention = Retention(self.settings.retention, PacksOfPapers(applied))
        access = self.settings.access
        return Changes(self.engine, self.ledger, self.clock, access, retention, applied)

    def standings(self) -> Standings:
        """Who has which roles."""
        return Standings(self.engine, self.ledger, self.clock)

    def tokens(self) -> Tokens:
        """The tokens of programs."""
        return Tokens(self.engine, self.ledger, self.clock)

    def sign_in(self) -> SignIn:
        """Makes sign-in links."""
        return SignIn(self.engine, self.ledger, self.clock, register=self.people())

    def reshares(self) -> Reshares:
        """Where periods are handed on to other custodians."""
        objects = ObjectStore.in_folder(self.folder.objects)
        return Reshares(self.engine, self.ledger, objects, self.clock)

    def say_settings(self) -> list[str]:
        """Write down in the ledger which settings are others now; raises as there."""
        return say_settings(self.engine, self.ledger, self.clock, load(self.folder.path))

    def people(self) -> People:
        """The register of officers and custodians."""
        return People(self.engine, self.ledger, self.clock)

    def applied(self) -> Applied:
        """The packs in force; read anew from their files."""
        own = own_of_settings(self.settings.retention)
        return Applied(self.engine, self.ledger, self.clock, self.packs_folder, own)

    def retention(self) -> Retention:
        """How long each camera's recordings are kept, under the packs in force."""
        return Retention(self.settings.retention, PacksOfPapers(self.applied()))

    def sweep(self) -> Sweep:
        """What erases recordings and words whose time is over."""
        objects = ObjectStore.in_folder(self.folder.objects)
        room = Room(self.engine, self.ledger, objects, self.clock, self.settings)
        return Sweep(
            self.engine,
            self.ledger,
            objects,
            self.clock,
            self.settings.retention,
            PacksOfPapers(self.applied()),
            forget=partial(forget, room),
        )

    @property
    def packs_folder(self) -> Path | None:
        """The folder of the deployment's own packs, absolute; or none."""
        folder = self.settings.norms.packs_folder
        return None if folder is None else self.folder.path / folder

    def checks(self, applied: Applied | None = None) -> Checks:
        """What is so, held against the packs in force."""
        packs = applied or self.applied()
        return Checks(self.engine, self.ledger, self.clock, self.settings, packs)

    def watch(self, monotonic: Callable[[], float]) -> Watch:
        """Checks on change and on a timer."""
        applied = self.applied()
        return Watch(
            self.checks(applied),
            applied,
            self.ledger,
            self.clock,
            folder=self.packs_folder,
            check_seconds=self.settings.norms.check_seconds,
            monotonic=monotonic,
        )

    def sites(self) -> Sites:
        """Where cameras stand."""
        return Sites(self.engine, self.ledger, self.clock, self.applied())

    def placings(self) -> Placings:
        """Where each camera stands, and for what."""
        return Placings(self.engine, self.ledger, self.clock, self.applied())

    def papers(self) -> PaperRegister:
        """What is on record."""
        return PaperRegister(self.engine, self.ledger, self.clock)

    def subjects(self) -> Subjects:
        """Requests of the people filmed."""
        erasing = TrustedClock(
            self.engine, self.ledger, self.clock, self.settings.retention.clock_hours
        )
        packs = PacksOfPapers(self.applied())
        return Subjects(
            self.engine, self.ledger, self.clock, self.settings.subjects, packs, erasing
        )

    def holding(self) -> Holding:
        """Holds that people place."""
        return Holding(self.engine, self.ledger, self.clock)

    def filings(self) -> Filings:
        """What has to be handed in to authorities."""
        return Filings(self.engine, self.ledger, self.clock, PacksOfPapers(self.applied()))

    def breaches(self) -> Breaches:
        """Breaches of personal data."""
        return Breaches(self.engine, self.ledger, self.clock, PacksOfPapers(self.applied()))

    def gatekeeper(self) -> Gatekeeper:
        """What may record."""
        return Gatekeeper(self.engine, self.ledger, self.clock, self.applied())

    def make_demo_custodians(self) -> CustodianSet:
        """Three demo custodians, two of whom open; their identities lie in the folder.

        Raises:
            VaultError: the identities cannot be written.
        """
        return make_demo_set(self.folder.demo_custodians, DEMO_N, DEMO_K)

    def upgrade_demo_custodians(self) -> CustodianSet | None:
        """Say with what keys the demo custodians in force sign, if that was not said yet.

        Returns:
            The set now in force, or ``None`` where nothing was changed: they are no demo
            custodians, their keys are known, or not all of their identities lie here.

        Raises:
            VaultError: a file in their folder is not an identity.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        before = self.custodians()
        carded = None if before is None else with_cards(before, self.folder.demo_custodians)
        if carded is not None and carded != before:
            self.set_custodians(carded)
            return carded
        return None

    def publish_checkpoint(self) -> None:
        """Sign the ledger's present size, if it grew.

        Raises:
            LedgerError: the ledger or the key cannot be used.
        """
        publish(self.ledger, self.signing_key(), self.engine, self.folder.checkpoint)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
