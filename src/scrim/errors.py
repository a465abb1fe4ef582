"""Every error Scrim raises on purpose, in one tree.

::

    ScrimError                      exit code
    ├── SettingsError               3   a setting or file of settings is wrong
    │   └── AccessPolicyInvalid         a file of access policies; names file and line
    ├── DataFolderError             4   the data folder cannot be used
    │   ├── DataFolderMissing
    │   ├── DataFolderBusy              another Scrim runs on it
    │   ├── DataFolderNewer             written by a newer Scrim
    │   └── DataFolderUnwritable
    ├── CameraError                 5   a camera or an input file cannot be read
    │   ├── CameraUnknown
    │   ├── SourceMissing               no such file or device
    │   ├── SourceNotVideo              not a video, empty, or cut off before a picture
    │   ├── SourceRefused               wrong user or password
    │   └── SourceUnreachable           host does not answer
    ├── RedactionError              6   masking cannot be done
    │   ├── ModelMissing
    │   ├── ModelAltered                hash differs from the pinned one
    │   ├── ModelUnfit                  a configured model does not do what its settings say
    │   ├── DetectorFailed
    │   └── EngineUnavailable           an inference engine cannot be used here
    ├── VaultError                  7   sealing, parts, identities
    │   ├── CustodianInvalid
    │   ├── PartsTooFew
    │   ├── PartInvalid                 wrong, corrupt or relabelled; names the custodian
    │   ├── SealBroken                  an object does not open or is not what it says
    │   ├── TokenUnusable               a hardware token or its program did not do what was asked
    │   ├── BackupInvalid               paper shares are wrong, too few or of different sets
    │   └── StatementInvalid            a request, an answer or its signature does not hold
    ├── LedgerError                 8   the ledger cannot be read or written
    │   ├── LedgerUnavailable           the act is refused (invariant 5)
    │   └── LedgerBroken                a proof, a signature or the tree does not hold
    ├── StoreError                  9   objects or database
    │   ├── ObjectMissing
    │   ├── ObjectExists
    │   └── StoreFull
    ├── PortTaken                   10
    ├── AccessDenied                11
    ├── CaseError                   12  a case cannot be dealt with as asked
    │   ├── CaseUnknown
    │   ├── CaseRefused                 a rule forbids it; names the rule
    │   ├── CaseState                   not possible in the state that it is in
    │   │   └── CheckpointBehind        in a few seconds a checkpoint will hold it
    │   ├── PackageBroken               what came from the server does not hold
    │   ├── TrackUnclear                nobody, or more than one, where a track was chosen
    │   ├── DisclosureRefused           masks, review and film do not hold together
    │   └── BundleBroken                no evidence bundle, or not safe to read
    ├── ServerError                 13  the server that a case is on cannot be dealt with
    │   ├── ServerAway
    │   └── ServerUntrusted
    ├── NormsError                  14  norms: packs, facts, calendars
    │   ├── PackInvalid                 a norm pack is not right; names file, rule, field
    │   ├── FactsInvalid                a fact that is not in the table, or a value of another kind
    │   ├── CalendarUnknown             no holidays are known for that country or year
    │   ├── NormsConflict               rules that cannot be met together; names both
    │   ├── PaperRefused                a site, a paper or what a camera is for cannot be so
    │   ├── PaperUnknown                no such site, paper or applied pack
    │   ├── PlaceForbidden              no camera there, by a rule; names it
    │   ├── RecordingWithheld           a camera without its papers does not record
    │   └── ClockDoubtful               nothing is erased by a clock that may be wrong
    └── DutyError                   15  a request of a person filmed, a hold, a filing or a breach
        ├── DutyUnknown                 there is none of that id
        ├── DutyRefused                 it cannot be so; says what is missing or too much
        └── DutyState                   not possible in the state that it is in

Exit code 0 is success, 1 is "checked, and something does not hold"
(``scrim verify``, ``scrim doctor``, ``scrim camera test``, ``scrim detector
check``), 2 is a wrong command line.  ``docs/ref/exit-codes.md`` lists them for
scripts.

An error carries what happened and what to do about it; the command line
prints both in one line and never a traceback for a user's mistake.
"""

from __future__ import annotations


class ScrimError(Exception):
    """What happened, and what the operator can do about it.

    Args:
        message: what happened, one sentence, no secret and no personal data.
        remedy: what to do, one sentence.
    """

    exit_code: int = 70

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SettingsError(ScrimError):
    """A setting, or a file of settings, is wrong."""

    exit_code = 3


class AccessPolicyInvalid(SettingsError):
    """A file of access policies does not parse, or does not fit the schema."""


class DataFolderError(ScrimError):
    """The data folder cannot be used."""

    exit_code = 4


class DataFolderMissing(DataFolderError):
    """There is no data folder at that place."""


class DataFolderBusy(DataFolderError):
    """Another Scrim runs on the same folder."""


class DataFolderNewer(DataFolderError):
    """The folder was written by a newer Scrim."""


class DataFolderUnwritable(DataFolderError):
    """The folder cannot be written."""


class CameraError(ScrimError):
    """A camera or an input file cannot be read."""

    exit_code = 5


class CameraUnknown(CameraError):
    """No camera of that name is enrolled."""


class SourceMissing(CameraError):
    """No such file or device."""


class SourceNotVideo(CameraError):
    """Not a video, empty, or cut off before the first picture."""


class SourceRefused(CameraError):
    """The camera refused the user or password."""


class SourceUnreachable(CameraError):
    """The host does not answer."""


class RedactionError(ScrimError):
    """Masking cannot be done; nothing is shown."""

    exit_code = 6


class ModelMissing(RedactionError):
    """The detector's model file is not there."""


class ModelAltered(RedactionError):
    """The detector's model file is not the pinned one."""


class ModelUnfit(RedactionError):
    """A configured model does not fit its settings, or could say more than where things are."""


class DetectorFailed(RedactionError):
    """The detector raised, or answered nonsense."""


class EngineUnavailable(RedactionError):
    """An inference engine cannot be used on this machine."""


class VaultError(ScrimError):
    """Sealing, parts or custodian identities."""

    exit_code = 7


class CustodianInvalid(VaultError):
    """A custodian's recipient or the set of custodians is not usable."""


class PartsTooFew(VaultError):
    """Fewer parts than k."""


class PartInvalid(VaultError):
    """A custodian's part is wrong, corrupt or relabelled."""

    def __init__(self, message: str, remedy: str = "", *, custodian: str = "") -> None:
        super().__init__(message, remedy)
        self.custodian = custodian


class SealBroken(VaultError):
    """A sealed object does not open, or is not what its manifest says."""


class TokenUnusable(VaultError):
    """A hardware token is missing, locked or refused, or its program is."""


class BackupInvalid(VaultError):
    """The shares of a paper backup are wrong, too few, or do not belong together."""


class StatementInvalid(VaultError):
    """A request or an answer is not what it should be, or its signature does not hold."""


class LedgerError(ScrimError):
    """The ledger cannot be read or written."""

    exit_code = 8


class LedgerUnavailable(LedgerError):
    """The entry could not be written, so the act is refused (invariant 5)."""


class LedgerBroken(LedgerError):
    """A proof, a signature or the tree does not hold."""


class StoreError(ScrimError):
    """Objects or database."""

    exit_code = 9


class ObjectMissing(StoreError):
    """No object under that key."""


class ObjectExists(StoreError):
    """An object is already stored under that key; objects are never overwritten."""


class StoreFull(StoreError):
    """No room is left."""


class PortTaken(ScrimError):
    """Something else listens on the port."""

    exit_code = 10


class AccessDenied(ScrimError):
    """Not signed in, or not allowed."""

    exit_code = 11


class CaseError(ScrimError):
    """A case cannot be dealt with as asked."""

    exit_code = 12


class CaseUnknown(CaseError):
    """There is no such case, or none that this person may see."""


class CaseRefused(CaseError):
    """A rule forbids it."""

    def __init__(self, message: str, remedy: str = "", *, rule: str = "") -> None:
        super().__init__(message, remedy)
        self.rule = rule


class CaseState(CaseError):
    """Not possible in the state that the case is in."""


class CheckpointBehind(CaseState):
    """No checkpoint holds the entries concerned yet; one is signed every few seconds."""


class PackageBroken(CaseError):
    """What the server sent does not hold: a signature, a hash or a proof is wrong."""


class TrackUnclear(CaseError):
    """Nobody, or more than one person, is where a track was chosen."""


class DisclosureRefused(CaseError):
    """A film may not go out: its masks, its review or itself do not hold together."""


class BundleBroken(CaseError):
    """Not an evidence bundle, one that is not safe to read, or one that cannot be made."""


class ServerError(ScrimError):
    """A server elsewhere failed, or answers what no Scrim answers."""

    exit_code = 13


class ServerAway(ServerError):
    """It does not answer, or the connection was lost again and again."""


class ServerUntrusted(ServerError):
    """Its certificate is not the one it should have, or there is no encryption."""


class NormsError(ScrimError):
    """Norm packs, facts or calendars."""

    exit_code = 14


class PackInvalid(NormsError):
    """A norm pack is not what it should be."""


class FactsInvalid(NormsError):
    """A fact is not in the table, or its value is of another kind."""


class CalendarUnknown(NormsError):
    """No holidays are known for that country or year, and none are guessed."""


class NormsConflict(NormsError):
    """Rules that cannot be met together.

    Args:
        message: what happened.
        remedy: what to do.
        rules: ids of the rules, the floor's first.
    """

    def __init__(self, message: str, remedy: str = "", *, rules: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy)
        self.rules = rules


class PaperRefused(NormsError):
    """A site, a paper or what is said of a camera cannot be as given."""


class PaperUnknown(NormsError):
    """There is no such site, paper or applied pack."""


class PlaceForbidden(NormsError):
    """A rule forbids cameras in such a place."""

    def __init__(self, message: str, remedy: str = "", *, rule: str = "") -> None:
        super().__init__(message, remedy)
        self.rule = rule


class RecordingWithheld(NormsError):
    """A camera does not record before its papers are on record."""


class ClockDoubtful(NormsError):
    """The machine's clock may be wrong, so nothing is erased by it."""


class DutyError(ScrimError):
    """A request of a person filmed, a hold, a filing or a breach cannot be dealt with so."""

    exit_code = 15


class DutyUnknown(DutyError):
    """There is none of that id."""


class DutyRefused(DutyError):
    """What was given cannot be so."""


class DutyState(DutyError):
    """Not possible in the state that it is in."""
