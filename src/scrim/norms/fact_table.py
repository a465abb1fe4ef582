"""The table of facts, version 1: every question that a rule can ask.

``docs/ref/facts.md`` is made from it.  Whoever computes facts of the running system
(``duties``) gives a value to each one of a group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scrim.norms.facts import Fact, Group, Kind, Value

BOOL, COUNT, SECONDS = Kind.BOOL, Kind.COUNT, Kind.SECONDS
TIME, WORD, WORDS = Kind.TIME, Kind.WORD, Kind.WORDS

# name, kind (a tuple with None: may be null), meaning
_Row = tuple[str, Kind | tuple[Kind, None], str]

_DEPLOYMENT: Final[tuple[_Row, ...]] = (
    ("country", WORD, "The one country that all its sites stand in, ISO 3166-1: `HK`, `LU`."),
    ("sites", COUNT, "Sites there are."),
    ("cameras", COUNT, "Cameras enrolled, removed ones left out."),
    ("owner_named", BOOL, "A person or office accountable for the system is on record."),
    ("contact_published", BOOL, "How to reach them stands on the public page."),
    ("policy_published", BOOL, "What the cameras do and how long it is kept is published."),
    ("rules_written", BOOL, "Rules for those who run the system are on record."),
    ("access_rules_written", BOOL, "Who may see what is written in a policy that is in force."),
    ("review_due", (TIME, None), "When the system as a whole is to be reviewed next."),
    (
        "page_encrypted",
        BOOL,
        "The console and the public page are reached by TLS or loopback only.",
    ),
    ("templates_stored", COUNT, "Face templates stored: always 0."),
    ("comparisons", COUNT, "Comparisons of a face with another: always 0."),
    ("published_unmasked", COUNT, "Pictures shown to the public with a person unmasked."),
    (
        "people_counted",
        COUNT,
        "People whose faces are in sealed originals: an upper bound, face tracks.",
    ),
    (
        "people_100000_since",
        (TIME, None),
        "Since when `people_counted` has been 100,000 or more; null while it never was.",
    ),
    ("filings", WORDS, "Filings of the deployment that are on record and in force, by kind."),
    ("ledger_writable", BOOL, "The last entry that was to be written was written."),
    ("ledger_verified", BOOL, "The last verification of the whole ledger held."),
    ("ledger_verified_age", (SECONDS, None), "How long ago that was."),
    ("checkpoint_age", (SECONDS, None), "How old the newest signed checkpoint is."),
    ("witnesses", COUNT, "Witnesses who cosigned the newest checkpoint."),
    (
        "operations_logged",
        WORDS,
        "The six operations of police data law that the ledger logs before they take effect.",
    ),
    ("acts_without_reason", COUNT, "Entries of an act of a person that carry no reason."),
    ("log_exports", COUNT, "Times that the log was handed out."),
    ("log_exports_without_purpose", COUNT, "Of these, with no lawful purpose on record."),
    ("access_log_kept", (SECONDS, None), "How long the log of access is kept; null: for ever."),
    ("assessments_kept", (SECONDS, None), "How long assessments are kept; null: for ever."),
    (
        "refusals_kept",
        (SECONDS, None),
        "How long the register of refusals is kept; null: for ever.",
    ),
    ("refusals_without_reason", COUNT, "Refusals in the register without reasons."),
    ("requests_open", COUNT, "Requests of people filmed that are not answered."),
    ("requests_overdue", COUNT, "Of these, past their clock."),
    ("openings", COUNT, "Openings of originals in the last 30 days."),
    ("openings_active", COUNT, "Openings that are running now."),
    ("openings_unanswered", COUNT, "Openings granted without an answer that a pack asks for."),
    ("openings_overdue", COUNT, "Openings past their end that are not closed."),
    (
        "disclosures_incomplete",
        COUNT,
        "Disclosures without date, recipient, organisation or reason.",
    ),
    ("exports", COUNT, "Exports that still exist."),
    ("exports_overdue", COUNT, "Of these, past their ceiling and under no hold."),
    ("holds", COUNT, "Holds in force."),
    ("holds_unreviewed", COUNT, "Of these, without a reason or past their review date."),
    ("breaches_open", COUNT, "Breaches of personal data that are not closed."),
    ("sign_ins_failed", COUNT, "Failed sign-ins in the last 24 hours."),
    ("people_locked_out", COUNT, "People locked out now after failed sign-ins."),
    ("custodians", COUNT, "Custodians of the set in force."),
    ("custodians_needed", COUNT, "How many of them have to agree to open anything."),
    ("clock_right", BOOL, "The machine's clock did not go back and is not ahead of the ledger's."),
)

_SITE: Final[tuple[_Row, ...]] = (
    ("place", WORD, "What kind of place: `street`, `station`, `school`, `shop`, …"),
    ("country", WORD, "Where it stands, ISO 3166-1 in two capitals: `HK`, `LU`."),
    ("public_access", BOOL, "Anybody may walk in."),
    ("labels", WORDS, "What else it is: `key-target`, …"),
    ("cameras", COUNT, "Cameras of the site."),
    ("sign", BOOL, "A sign that is in force is on record."),
    ("sign_expires", (TIME, None), "When that ends; null: it does not."),
    ("sign_at_entrance", BOOL, "The sign is seen before one enters the area."),
    ("sign_inside", BOOL, "There is one inside too."),
    ("sign_languages", WORDS, "Languages of the sign."),
    ("filings", WORDS, "Filings of the site that are on record and in force, by kind."),
)

_CAMERA: Final[tuple[_Row, ...]] = (
    ("enabled", BOOL, "It is switched on."),
    ("recording", BOOL, "It records, or would if its picture came."),
    ("removed", BOOL, "It was taken away; what it recorded may still be there."),
    ("in_use_since", (TIME, None), "When it first recorded; null: it never did."),
    ("changed_since_filing", (TIME, None), "The first change that a filing does not say yet."),
    ("place", WORD, "What kind of place it looks at: `street`, `entrance`, `toilet`, …"),
    ("public_place", BOOL, "It looks at a place open to the public."),
    ("labels", WORDS, "What else it is: `key-target`, …"),
    ("purpose", (WORD, None), "Its purpose, by the word of the pack; null: none is said."),
    ("purpose_written", BOOL, "Its purpose is on record and in force."),
    ("purpose_over", BOOL, "Its purpose is said to be met or given up."),
    ("owner_named", BOOL, "Somebody accountable for this camera is on record."),
    ("review_due", (TIME, None), "When the camera is to be reviewed next."),
    ("sign", BOOL, "A sign that is in force is on record for it or for its site."),
    ("sign_expires", (TIME, None), "When that ends; null: it does not."),
    ("assessment", BOOL, "An impact assessment that is in force is on record."),
    ("assessment_expires", (TIME, None), "When that ends; null: it does not."),
    ("assessment_first", BOOL, "It was on record before the camera first recorded."),
    ("filings", WORDS, "Filings in force that name it, those of its site too, by kind."),
    ("consent", BOOL, "The people filmed have each agreed to another use."),
    ("sound_recorded", BOOL, "The sealed original has sound."),
    ("sound_needed", BOOL, "The purpose on record says that sound is needed, and why."),
    ("zoom", BOOL, "It can be turned or zoomed from afar."),
    ("zoom_needed", BOOL, "The purpose on record says that this is needed, and why."),
    ("analysis", BOOL, "Events or counts are drawn from its picture."),
    ("analysis_needed", BOOL, "The purpose on record says that this is needed, and why."),
    ("covers", WORDS, "What is masked: `faces`, `persons`, `plates`, `vehicles`."),
    ("public", BOOL, "Its masked picture is shown to the public."),
    ("link_encrypted", BOOL, "The way from the camera is encrypted, or no network."),
    ("density", (COUNT, None), "Pixels per metre at the far end of what it is for."),
    ("sealed_floor", SECONDS, "How long sealed originals are kept at least."),
    ("sealed_ceiling", SECONDS, "How long they are kept at most."),
    ("masked_floor", SECONDS, "How long masked recordings are kept at least."),
    ("masked_ceiling", SECONDS, "How long they are kept at most."),
    ("retention_reason", BOOL, "Why for so long is on record."),
    ("sealed_objects", COUNT, "Sealed originals that exist."),
    ("masked_objects", COUNT, "Masked recordings that exist."),
    ("sealed_oldest_age", (SECONDS, None), "Age of the oldest sealed original under no hold."),
    ("masked_oldest_age", (SECONDS, None), "Age of the oldest masked recording under no hold."),
    (
        "sealed_overdue",
        COUNT,
        "Sealed originals past their ceiling and under no hold that two sweeps left.",
    ),
    (
        "masked_overdue",
        COUNT,
        "Masked recordings past their ceiling and under no hold that two sweeps left.",
    ),
    ("sealed_early", COUNT, "Sealed originals erased before their floor."),
    ("masked_early", COUNT, "Masked recordings erased before their floor."),
    ("held_objects", COUNT, "Objects under a hold."),
    ("people_counted", COUNT, "Face tracks in its sealed originals: an upper bound of people."),
)

_REQUEST: Final[tuple[_Row, ...]] = (
    ("kind", WORD, "`access`, `erasure`, `objection`, …"),
    ("received", TIME, "When it came."),
    ("due", TIME, "When its clock ends, extension included."),
    ("acknowledged", BOOL, "The person was told that it came."),
    ("held", BOOL, "What it asks for is under a hold, or nothing of it exists."),
    ("answered", BOOL, "It was answered in full: given, refused, or nothing is held."),
    ("partly_answered", BOOL, "Part of it was answered, with written reasons for the rest."),
    (
        "answer",
        (WORD, None),
        "`given`, `partly`, `refused`, `nothing-held`, `already-erased`; null: none yet.",
    ),
    ("answered_at", (TIME, None), "When."),
    ("extended", BOOL, "The clock was extended."),
    ("extension_told", BOOL, "The person was told so, with reasons, before the first date."),
    ("reasons_given", BOOL, "Reasons of a refusal or of a part left out were given in writing."),
    ("registered", BOOL, "A refusal stands in the register of refusals."),
    ("others_masked", BOOL, "In what was given everybody else is masked."),
)

_FILING: Final[tuple[_Row, ...]] = (
    ("kind", WORD, "`public-security`, `facial-information`, …"),
    ("change", BOOL, "It says a change of what was filed."),
    ("required_since", TIME, "When that happened which has to be filed."),
    ("due", TIME, "When its clock ends."),
    ("drafted", BOOL, "A draft exists."),
    ("filed", BOOL, "It was handed in."),
    ("filed_at", (TIME, None), "When."),
)

_BREACH: Final[tuple[_Row, ...]] = (
    ("known_since", TIME, "When the controller came to know of it."),
    ("due", TIME, "When the clock for telling the authority ends."),
    ("risk", WORD, "For the people filmed: `none`, `risk`, `high`."),
    ("recorded", BOOL, "What happened, its effects and what was done are on record."),
    ("notified", BOOL, "The authority was told."),
    ("notified_at", (TIME, None), "When."),
    ("delay_reasons", BOOL, "Reasons for telling it late were given with it."),
    ("people_told", BOOL, "The people concerned were told."),
)


def _facts() -> tuple[Fact, ...]:
    groups = {
        Group.DEPLOYMENT: _DEPLOYMENT,
        Group.SITE: _SITE,
        Group.CAMERA: _CAMERA,
        Group.REQUEST: _REQUEST,
        Group.FILING: _FILING,
        Group.BREACH: _BREACH,
    }
    return tuple(
        Fact(
            group,
            name,
            kind[0] if isinstance(kind, tuple) else kind,
            meaning,
            isinstance(kind, tuple),
        )
        for group, rows in groups.items()
        for name, kind, meaning in rows
    )


TABLE: Final = _facts()

BY_PATH: Final[Mapping[str, Fact]] = {fact.path: fact for fact in TABLE}

ALWAYS: Final[Mapping[Group, Mapping[str, Value]]] = {
    Group.DEPLOYMENT: {"templates_stored": 0, "comparisons": 0},
}
"""Facts that are so by what Scrim is; there is no code that could make them otherwise."""
