"""Each fact of the deployment, a site, a request, a filing and a breach."""

import inspect
import json
from typing import Any

import pytest
from sqlalchemy import insert
from tests.unit.duties.town import DAY_US, START, Town
from tests.unit.test_no_biometrics import WORDS, _words_of

from scrim.api.routes import oidc, passkeys, session
from scrim.camera.packet import GapCause
from scrim.cases.extract import Asked, Extracts
from scrim.clock import SECOND
from scrim.duties import camera_facts, changes, custody, deployment, ledger_facts, matters, sites
from scrim.duties.verifying import verify
from scrim.ledger import Act, Entry
from scrim.norms.fact_table import TABLE
from scrim.norms.facts import Group
from scrim.norms.pack import Paper as Kind
from scrim.papers.placing import Placing
from scrim.store import schema
from scrim.store.database import writing
from scrim.store.people_counted import HOUR_US
from scrim.subjects.terms import Term

GIVEN = {
    Group.DEPLOYMENT: deployment.FACTS,
    Group.SITE: sites.FACTS,
    Group.CAMERA: {**camera_facts.FACTS, **camera_facts.AGES},
    Group.REQUEST: matters.REQUEST_FACTS,
    Group.FILING: matters.FILING_FACTS,
    Group.BREACH: matters.BREACH_FACTS,
}


@pytest.mark.parametrize("group", list(Group))
def test_every_fact_of_the_table_is_a_function_and_no_other(group: Group) -> None:
    assert sorted(GIVEN[group]) == sorted(fact.name for fact in TABLE if fact.group == group)


def test_invariant_4_nothing_is_stored_that_could_be_compared(town: Town) -> None:
    columns = {c.name for table in schema.metadata.tables.values() for c in table.columns}
    held = {column for column in columns if _words_of(column) & set(WORDS)}
    assert town.fact("deployment.templates_stored") == len(held) == 0
    assert town.fact("deployment.comparisons") == 0
    assert "no table" in deployment.WHY_NOTHING


def test_where_it_stands(town: Town) -> None:
    with pytest.raises(KeyError):  # nobody has said it
        town.fact("deployment.country")
    town.sites.add("north", {"country": "HK"})
    assert town.fact("deployment.country") == "HK"
    town.sites.add("south", {"country": "LU"})
    with pytest.raises(KeyError):  # in two
        town.fact("deployment.country")
    assert town.fact("site.country", "south") == "LU"


def test_an_unsaid_country_or_place_passes_no_rule(town: Town) -> None:
    town.enrol("gate", Placing())
    found = {
        one.rule.id: (one.verdict.status.value, one.verdict.why)
        for pack in ("eu", "cn", "baseline")
        for one in town.deployment.checks(town.applied).look(packs=[pack], camera="gate")
    }
    assert found["eu-02"] == ("breached", "facts.site.country is not known")
    assert found["cn-03"] == ("breached", "facts.camera.place is not known")
    assert found["base-16"] == ("breached", "facts.camera.place is not known")
    town.sites.add("default", {"country": "LU", "place": "street"})
    rules = {"eu-02": "breached", "cn-03": "met", "base-16": "met"}
    for rule, status in rules.items():
        pack = {"eu": "eu", "cn": "cn", "base": "baseline"}[rule.split("-")[0]]
        seen = town.deployment.checks(town.applied).look(packs=[pack], camera="gate", rule=rule)
        assert [(one.verdict.status.value, one.verdict.why) for one in seen] == [(status, "")]


def test_sites_and_cameras_are_counted(town: Town) -> None:
    assert town.fact("deployment.sites") == 1
    town.sites.add("north", {})
    town.sites.add("south", {})
    assert town.fact("deployment.sites") == 2
    town.enrol()
    assert town.fact("deployment.sites") == 3
    town.enrol("old")
    town.cameras.remove("old")
    assert town.fact("deployment.cameras") == 1


@pytest.mark.parametrize(
    ("fact", "field"), [("owner_named", "controller"), ("contact_published", "contact")]
)
def test_every_site_says_who_answers_and_how(town: Town, fact: str, field: str) -> None:
    town.sites.add("north", {field: "City"})
    assert town.fact(f"deployment.{fact}") is True
    town.sites.add("south", {})
    assert town.fact(f"deployment.{fact}") is False


def test_rules_are_a_filing_of_the_deployment(town: Town) -> None:
    assert town.fact("deployment.rules_written") is False
    town.paper(Kind.FILING, filing="operating-rules")
    assert town.fact("deployment.rules_written") is True
    assert town.fact("deployment.filings") == ("operating-rules",)


def test_the_review_is_due_when_the_assessment_of_all_ends(town: Town) -> None:
    assert town.fact("deployment.review_due") is None
    paper = town.paper(Kind.ASSESSMENT, expires="2026-12-31")
    assert town.fact("deployment.review_due") == paper.expires_us


def test_what_is_so_of_every_deployment(town: Town) -> None:
    for name in (
        "published_unmasked", "exports", "exports_overdue", "acts_without_reason",
        "people_locked_out",
    ):  # fmt: skip
        assert town.fact(f"deployment.{name}") == 0
    assert town.fact("deployment.access_log_kept") is None
    assert town.fact("deployment.assessments_kept") is None
    assert town.fact("deployment.access_rules_written") is True
    assert town.fact("deployment.page_encrypted") is True
    assert town.fact("deployment.policy_published") is False
    assert town.fact("deployment.operations_logged") == (
        "alteration", "collection", "combination", "consultation", "disclosure", "erasure",
    )  # fmt: skip


def test_times_that_the_log_was_handed_out_are_counted_once(town: Town) -> None:
    here = town.deployment
    town.enrol()
    extracts = Extracts(here.engine, here.ledger, town.clock)
    names = ("deployment.log_exports", "deployment.log_exports_without_purpose")
    assert [town.fact(name) for name in names] == [0, 0]
    for _ in range(2):
        extracts.make(Asked(0, town.clock.us, "security", camera="gate"), "json")
        changes.read_on(here.engine, here.ledger)
    assert [town.fact(name) for name in names] == [2, 0]
    here.ledger.append(
        Entry(
            act=Act.EXPORTED, at_us=town.clock.us, who="operator", authority="operator",
            reason="ledger-extract", facts={"kind": "ledger-json"},
        )
    )  # fmt: skip
    here.ledger.append(
        Entry(
            act=Act.EXPORTED, at_us=town.clock.us, who="officer", authority="officer",
            reason="evidence", facts={},
        )
    )  # fmt: skip
    changes.read_on(here.engine, here.ledger)
    changes.read_on(here.engine, here.ledger)
    assert [town.fact(name) for name in names] == [3, 1]
    found = here.checks(town.applied).look(packs=["uk"], rule="uk-04")
    assert [one.verdict.status.value for one in found] == ["breached"]


def test_100000_people_are_since_when_it_was_noticed(town: Town) -> None:
    assert town.fact("deployment.people_100000_since") is None
    town.enrol()
    town.record("gate", START)
    hour_us = START - START % HOUR_US
    town.put(schema.face_count, camera="gate", hour_us=hour_us, tracks=100_000, uncounted=0)
    assert town.fact("deployment.people_100000_since") == town.clock.us
    town.put(schema.threshold, id="facial-information", reached_us=START - 9, highest=100_000)
    assert town.fact("deployment.people_100000_since") == START - 9


def test_custodians_are_the_fewest_of_any_group(town: Town) -> None:
    assert town.fact("deployment.custodians") == town.fact("deployment.custodians_needed") == 0
    town.deployment.set_custodians(town.deployment.make_demo_custodians())
    assert town.fact("deployment.custodians") == 3
    assert town.fact("deployment.custodians_needed") == 2


def test_a_clock_behind_the_ledger_is_not_right(town: Town) -> None:
    town.enrol()
    assert town.fact("deployment.clock_right") is True
    town.clock.us -= 60 * SECOND
    assert town.fact("deployment.clock_right") is False


def test_a_clock_behind_what_the_sweep_trusts_is_not_right(town: Town) -> None:
    town.put(schema.retention_state, id=1, trusted_us=START + DAY_US, entries=0)
    assert town.fact("deployment.clock_right") is False


def test_a_camera_that_waits_for_the_ledger_says_that_it_cannot_be_written(town: Town) -> None:
    assert town.fact("deployment.ledger_writable") is True
    cause = GapCause.LEDGER_UNAVAILABLE.value
    town.put(schema.gap, camera="gate", side="both", since_us=START, cause=cause, detail="")
    assert town.fact("deployment.ledger_writable") is False
    town.change(schema.gap, schema.gap.c.camera == "gate", until_us=START + 1)
    assert town.fact("deployment.ledger_writable") is True


def test_the_ledger_is_verified_when_it_was(town: Town) -> None:
    town.enrol()
    assert town.fact("deployment.ledger_verified") is False
    assert town.fact("deployment.ledger_verified_age") is None
    here = town.deployment
    assert verify(here.engine, here.ledger, town.clock)
    town.clock.us += 90 * SECOND
    assert town.fact("deployment.ledger_verified") is True
    assert town.fact("deployment.ledger_verified_age") == 90


@pytest.mark.parametrize("what", ["body", "gone", "signed"])
def test_a_ledger_that_was_tampered_with_is_not_verified(town: Town, what: str) -> None:
    for name in ("a", "b", "c"):
        town.enrol(name)
    town.deployment.publish_checkpoint()
    here, entry = town.deployment, schema.entry
    with writing(here.engine) as connection:
        if what == "gone":
            connection.execute(entry.delete().where(entry.c.index == 1))
        elif what == "body":
            connection.execute(entry.update().where(entry.c.index == 1).values(body=b"{}"))
        else:
            text = connection.execute(schema.checkpoint.select()).one()
            lines = text.note.split("\n")
            lines[2] = "A" * 43 + "="
            connection.execute(schema.checkpoint.update().values(note="\n".join(lines)))
    assert not verify(here.engine, here.ledger, town.clock)
    assert town.fact("deployment.ledger_verified") is False


def test_a_checkpoint_grows_old_once_the_ledger_has_outgrown_it(town: Town) -> None:
    assert town.fact("deployment.checkpoint_age") is None
    town.put(schema.checkpoint, size=0, note="o\n0\nx\n\n— o sig\n", signed_us=START)
    town.clock.us += 100 * SECOND
    assert town.fact("deployment.checkpoint_age") == 0
    assert town.fact("deployment.witnesses") == 0
    town.enrol()
    assert town.fact("deployment.checkpoint_age") == 100


def test_witnesses_are_the_other_signatures(town: Town) -> None:
    town.put(schema.checkpoint, size=0, note="o\n0\nx\n\n— o s\n— w s\n— v s\n", signed_us=START)
    assert town.fact("deployment.witnesses") == 2


def _denied(town: Town, index: int, at_us: int, denied: dict[str, Any]) -> None:
    body = {"act": "denied", "at": at_us, "facts": {"denied": denied}}
    data = json.dumps(body, separators=(",", ":")).encode()
    town.put(schema.entry, index=index, body=data)


def test_failed_sign_ins_of_a_day_are_counted(town: Town) -> None:
    ways = sorted(ledger_facts.SIGN_INS)
    for index in range(300):
        at = START - (300 - index) * 600 * SECOND
        denied = {ways[index % len(ways)]: {"nobody": 1}, "sign-out": {"nobody": 5}}
        _denied(town, index, at, denied)
    assert town.fact("deployment.sign_ins_failed") == 144  # of two days


def test_ways_of_signing_in_are_those_of_the_server() -> None:
    routes = (session, passkeys, oidc)
    tried = {
        name.replace("_", "-")
        for module in routes
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction)
        if "slowdown" in inspect.getsource(function)
    }
    assert tried | {"sign-in"} == ledger_facts.SIGN_INS


def _case(town: Town, id_: str, **values: Any) -> None:
    body = {"purpose": "missing-person", "cameras": [], "since_us": 0, "until_us": 1}
    town.put(
        schema.case_file, id=id_, kind="recorded", salt=b"x" * 16, recipient="r",
        locks="[]", drafted_us=START, seen_us=START,
        **{"body": json.dumps(body), "officer": "o", "expires_us": START + DAY_US} | values,
    )  # fmt: skip


def test_openings(town: Town) -> None:
    _case(town, "now", state="open", opened_us=START)
    _case(town, "late", state="open", opened_us=START - 2 * DAY_US, expires_us=START - DAY_US)
    _case(town, "old", state="closed", opened_us=START - 31 * DAY_US)
    assert town.fact("deployment.openings") == 2
    assert town.fact("deployment.openings_active") == 1
    assert town.fact("deployment.openings_overdue") == 1


def test_openings_lack_the_answers_that_a_pack_asks_for(town: Town) -> None:
    town.enrol("gate")
    town.enrol("yard")
    asked = ("purpose", "relevance", "consent", "other-source", "prejudice")
    body = {"purpose": "missing-person", "cameras": ["gate"]}
    _case(town, "now", state="open", opened_us=START, body=json.dumps(body))
    assert town.fact("deployment.openings_unanswered") == 0
    town.applied.apply("hk", camera="yard")
    assert town.fact("deployment.openings_unanswered") == 0  # of a pack over another camera
    town.applied.apply("hk")
    assert town.fact("deployment.openings_unanswered") == 1
    given = body | {"answers": dict.fromkeys(asked, "so")}
    town.change(schema.case_file, schema.case_file.c.id == "now", body=json.dumps(given))
    assert town.fact("deployment.openings_unanswered") == 0


def test_a_disclosure_without_a_recipient_is_incomplete(town: Town) -> None:
    _case(town, "now", state="open", opened_us=START)
    one = {
        "case": "now", "kind": "film", "sha256": "0" * 64, "size": 1, "salt": b"x" * 16,
        "exported_us": START, "entry": 0,
    }  # fmt: skip
    said = {"recipient": "A clerk", "organisation": "Court", "why": "Ordered."}
    town.put(schema.case_export, **one, **said)
    assert town.fact("deployment.disclosures_incomplete") == 0
    for number, left_out in enumerate(said, 1):
        town.put(schema.case_export, **one, **said | {left_out: ""})
        assert town.fact("deployment.disclosures_incomplete") == number
    town.change(schema.case_file, schema.case_file.c.id == "now", texts_us=START)
    assert town.fact("deployment.disclosures_incomplete") == 0, "forgotten, not left out"


def test_holds_and_those_that_nobody_looked_at_again(town: Town) -> None:
    town.hold("a", 0, 1)
    town.hold("b", 0, 1, lifted_us=START)
    town.hold("c", 0, 1, review_us=START)
    town.hold("d", 0, 1, review_us=START + 1)
    assert town.fact("deployment.holds") == 3
    assert town.fact("deployment.holds_unreviewed") == 1


def _request(town: Town, id_: str = "req-aaaaaaaa", **values: Any) -> None:
    clocks = [Term("hk", "hk-01", START + 40 * DAY_US, START + 50 * DAY_US).document()]
    town.put(schema.subject_person, request=id_, salt=b"x" * 16, contact="c", description="d")
    town.put(
        schema.subject_request, id=id_,
        **{
            "kind": "access", "state": "received", "language": "en", "cameras": '["gate"]',
            "since_us": 0, "until_us": 1, "received_us": START, "entered_us": START,
            "seen_us": START, "clocks": json.dumps(clocks),
        } | values,
    )  # fmt: skip


def _facts_of(town: Town, group: str, *names: str) -> list[Any]:
    return [town.fact(f"{group}.{name}") for name in names]


def test_a_request_that_came(town: Town) -> None:
    _request(town)
    assert _facts_of(town, "request", "kind", "received", "due") == [
        "access", START, START + 40 * DAY_US,
    ]  # fmt: skip
    names = ("acknowledged", "held", "answered", "partly_answered", "extended", "registered")
    assert _facts_of(town, "request", *names) == [False] * 6
    assert _facts_of(town, "request", "answer", "answered_at") == [None, None]
    assert town.fact("deployment.requests_open") == 1
    assert town.fact("deployment.requests_overdue") == 0
    town.clock.us = START + 40 * DAY_US
    assert town.fact("deployment.requests_overdue") == 1


def test_a_request_that_is_held_and_extended(town: Town) -> None:
    _request(town, acknowledged_us=START, extended_us=START)
    town.hold("gate", 0, 1, request="req-aaaaaaaa")
    names = ("held", "acknowledged", "extended", "extension_told")
    assert _facts_of(town, "request", *names) == [True] * 4
    assert town.fact("request.due") == START + 50 * DAY_US


def test_a_request_that_was_refused(town: Town) -> None:
    _request(town, state="refused", answer="refused", ended_us=START + 1, others_masked=1)
    assert _facts_of(town, "request", "reasons_given", "registered") == [False, False]
    town.put(
        schema.refusal, request="req-aaaaaaaa", kind="access", ground="g", reasons="because",
        partial=0, refused_us=START, keep_until_us=START + 1461 * DAY_US,
    )  # fmt: skip
    names = ("answered", "reasons_given", "registered", "others_masked")
    assert _facts_of(town, "request", *names) == [True] * 4
    assert _facts_of(town, "request", "answer", "answered_at") == ["refused", START + 1]
    assert town.fact("deployment.requests_open") == 0
    assert town.fact("deployment.refusals_kept") == 1461 * 86_400
    assert town.fact("deployment.refusals_without_reason") == 0
    town.change(schema.refusal, schema.refusal.c.ground == "g", reasons=" ")
    assert town.fact("deployment.refusals_without_reason") == 1


def test_a_request_that_was_answered_in_part(town: Town) -> None:
    _request(town, state="answered", answer="partly", ended_us=START + 1)
    assert _facts_of(town, "request", "answered", "partly_answered") == [False, False]
    town.put(
        schema.refusal, request="req-aaaaaaaa", kind="access", ground="g", reasons="others",
        partial=1, refused_us=START, keep_until_us=START,
    )  # fmt: skip
    assert _facts_of(town, "request", "answered", "partly_answered") == [False, True]


def test_of_a_request_that_was_forgotten_nothing_is_asked(town: Town) -> None:
    _request(town, state="answered", answer="given", ended_us=START, erased_us=START)
    assert not [key for key in town.deployment.checks().facts() if key[0] == "request"]


def test_a_filing(town: Town) -> None:
    town.put(
        schema.filing, id="fil-1", kind="facial-information", change=1, state="open", pack="cn",
        rule="cn-09-change", required_us=START, due_us=START + DAY_US, counted="as-said",
        seen_us=START, salt=b"x" * 16,
    )  # fmt: skip
    assert _facts_of(
        town, "filing", "kind", "change", "required_since", "due", "drafted", "filed", "filed_at"
    ) == ["facial-information", True, START, START + DAY_US, False, False, None]
    town.change(schema.filing, schema.filing.c.id == "fil-1", drafted_us=START, filed_us=START + 5)
    assert _facts_of(town, "filing", "drafted", "filed", "filed_at") == [True, True, START + 5]


def test_a_breach(town: Town) -> None:
    clocks = json.dumps([Term("eu", "eu-07", START + 3 * DAY_US).document()])
    town.put(
        schema.breach, id="bre-1", state="open", known_us=START, seen_us=START, clocks=clocks,
        cameras="[]", salt=b"x" * 16, happened="a disk was lost",
    )  # fmt: skip
    assert _facts_of(town, "breach", "known_since", "due", "risk", "recorded", "notified") == [
        START, START + 3 * DAY_US, "risk", False, False,
    ]  # fmt: skip
    assert town.fact("deployment.breaches_open") == 1
    town.change(
        schema.breach, schema.breach.c.id == "bre-1", risk="high", effects="e", measures="m",
        closed_us=START,
    )  # fmt: skip
    with writing(town.deployment.engine) as connection:
        told = {"breach": "bre-1", "name": "n", "told_us": START + 9, "entry": 0}
        connection.execute(
            insert(schema.breach_told),
            [
                {**told, "whom": "authority", "delay_reasons": "late"},
                {**told, "whom": "people", "delay_reasons": ""},
            ],
        )
    names = ("recorded", "notified", "notified_at", "delay_reasons", "people_told", "risk")
    assert _facts_of(town, "breach", *names) == [True, True, START + 9, True, True, "high"]
    assert town.fact("deployment.breaches_open") == 0


def test_a_site(town: Town) -> None:
    town.sites.add("north", {"place": "station", "labels": ("key-target",)})
    names = ("place", "public_access", "labels", "cameras", "sign", "sign_expires")
    found = [town.fact(f"site.{name}", "north") for name in names]
    assert found == ["station", True, ("key-target",), 0, False, None]
    paper = town.paper(
        Kind.SIGN, site="north", says=("at-entrance", "zh-hant", "en"), expires="2026-12-31"
    )
    town.paper(Kind.FILING, site="north", filing="public-security")
    names = ("sign", "sign_expires", "sign_at_entrance", "sign_inside", "sign_languages", "filings")
    assert [town.fact(f"site.{name}", "north") for name in names] == [
        True, paper.expires_us, True, False, ("en", "zh-hant"), ("public-security",),
    ]  # fmt: skip


def test_facts_are_told_apart_by_their_rooms() -> None:
    assert not set(custody.FACTS) & set(ledger_facts.FACTS)
