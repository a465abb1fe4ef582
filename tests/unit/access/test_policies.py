"""Policies decide: denied unless allowed, and what is broken is a denial."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.access import SIGNED_IN, Authoriser, Principal, Role, Scope
from scrim.access.authoriser import Circumstances, Looking, Place
from scrim.access.policy_files import SHIPPED, PolicyFiles
from scrim.access.roles import exclude
from scrim.errors import AccessPolicyInvalid

OPERATOR = Principal(frozenset({Role.OPERATOR}))
CUSTODIAN = Principal(frozenset({Role.CUSTODIAN}))
GATE = Place("gate", "north")


@pytest.fixture(scope="module")
def shipped() -> Authoriser:
    return Authoriser()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "policies"))


def write(folder: Path, text: str, name: str = "95-own.cedar") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_operators_watch_live_and_recorded_custodians_recorded_only(shipped: Authoriser) -> None:
    live, recorded = Looking("live"), Looking("recorded", 60, 10)
    assert shipped.decide(OPERATOR, "watch", GATE, looking=live).allowed
    assert shipped.decide(OPERATOR, "watch", GATE, looking=recorded).allowed
    assert shipped.decide(CUSTODIAN, "watch", GATE, looking=recorded).policies == (
        "custodian-reviews-recordings",
    )
    refused = shipped.decide(CUSTODIAN, "watch", GATE, looking=live)
    assert (refused.allowed, refused.policies) == (False, ())
    assert refused.reasons == ("no policy permits it",)


def test_a_scope_is_by_camera_and_by_site(shipped: Authoriser) -> None:
    def may(scope: Scope, place: Place) -> bool:
        who = Principal(frozenset({Role.OPERATOR}), scope)
        return shipped.decide(who, "watch", place, looking=Looking("live")).allowed

    assert may(Scope(), GATE)
    assert may(Scope(cameras=frozenset({"gate"})), GATE)
    assert may(Scope(sites=frozenset({"north"})), GATE)
    assert may(Scope(frozenset({"yard"}), frozenset({"north"})), GATE)
    assert not may(Scope(cameras=frozenset({"yard"})), GATE)
    assert not may(Scope(sites=frozenset({"south"})), GATE)
    assert not may(Scope(sites=frozenset({"gate"})), GATE), "a camera's name is no site's"
    who = Principal(frozenset({Role.OPERATOR}), Scope(cameras=frozenset({"yard"})))
    refused = shipped.decide(who, "get-timeline", GATE)
    assert refused.policies == ("scope",)
    assert refused.reasons == ("forbidden by scope",)


@pytest.mark.parametrize(
    ("action", "where", "looking"),
    [
        ("no-such-action", None, None),
        ("watch", GATE, None),  # a context that lacks what it should have
        ("watch", None, Looking("live")),  # the deployment is no camera
        ("list-cameras", GATE, None),
        ("list-cameras", None, Looking("live")),
        ("get-timeline", Place("gate", "north"), Looking("live", 10**30)),
    ],
)
def test_a_broken_request_is_a_denial(
    shipped: Authoriser, action: str, where: Place | None, looking: Looking | None
) -> None:
    decision = shipped.decide(OPERATOR, action, where, looking=looking)
    assert not decision.allowed
    assert decision.policies == ()
    assert decision.reasons


@given(action=st.text(max_size=30), camera=st.text(max_size=30), way=st.text(max_size=10))
def test_invariant_8_nothing_that_is_asked_gets_somebody_without_a_role_in(
    shipped: Authoriser, action: str, camera: str, way: str
) -> None:
    who = Principal(way=way)
    for where in (None, Place(camera, camera)):
        assert not shipped.decide(who, f"x{action}", where).allowed
        assert not shipped.decide(who, "watch", where, looking=Looking(action)).allowed


def test_a_policy_that_fails_on_a_request_denies_it_instead_of_being_passed_over(
    own: Path,
) -> None:
    """Cedar skips a policy that fails; one that forbids would be gone with it."""
    write(
        own,
        '@id("overflow") forbid (principal, action == Action::"watch", resource)\n'
        "when { context.age * 9223372036854775807 > 0 };\n",
    )
    authoriser = Authoriser(partial(PolicyFiles.load, own))
    looking = Looking("recorded", 5, 5)
    decision = authoriser.decide(OPERATOR, "watch", GATE, looking=looking)
    assert not decision.allowed
    assert "overflow" in decision.reasons[0]
    assert authoriser.decide(OPERATOR, "watch", GATE, looking=Looking("live")).allowed


def test_policies_can_ask_about_age_interval_grant_way_and_exposure(own: Path) -> None:
    write(
        own,
        '@id("old") forbid (principal, action == Action::"watch", resource)\n'
        "when { context.age > 3600 || context.interval > 600 };\n"
        '@id("fresh") forbid (principal, action == Action::"watch", resource)\n'
        'when { context.since_grant < 60 || (context.exposed && context.way == "link") };\n',
    )
    authoriser = Authoriser(partial(PolicyFiles.load, own))

    def by(
        looking: Looking, grant: int = 100, way: str = "passkey", *, exposed: bool = False
    ) -> tuple[str, ...]:
        who = Principal(frozenset({Role.OPERATOR}), way=way, since_grant=grant)
        decision = authoriser.decide(who, "watch", GATE, Circumstances(exposed), looking)
        return decision.policies

    allowed = ("operator-watches-masked",)
    assert by(Looking("recorded", 3600, 600)) == allowed
    assert by(Looking("recorded", 3601, 600)) == ("old",)
    assert by(Looking("recorded", 10, 601)) == ("old",)
    assert by(Looking("live"), 59) == ("fresh",)
    assert by(Looking("live"), 60) == allowed
    assert by(Looking("live"), way="link", exposed=True) == ("fresh",)
    assert by(Looking("live"), way="link") == allowed


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('// one\n\n@id("a")\npermt (principal, action, resource);\n', 1, "permt"),
        ('@id("a") permit (principal, action, resource);\n\n@id("b")\npermit (x);', 4, "scope"),
        (
            (
                '@id("a") permit (principal, action, resource);\n'
                '@id("b")\npermit (principal, action == Action::"fly", resource);\n'
            ),
            3,
            "fly",
        ),
        (
            (
                '@id("a")\npermit (principal, action == Action::"watch", resource)\n'
                'when { context.mod == "live" };\n'
            ),
            2,
            "mod",
        ),
        ("\npermit (principal, action, resource);\n", 2, "@id"),
        ('@id("Not A Code") permit (principal, action, resource);\n', 1, "@id"),
        ('@id("scope") permit (principal, action, resource);\n', 1, "90-limits.cedar"),
        ('@id("t") permit (principal == ?principal, action, resource);\n', 1, "template"),
        ('@id("a") permit (principal in Person::"bob", action, resource);\n', 1, None),
    ],
)
def test_a_file_that_is_not_usable_is_named_with_its_line(
    own: Path, text: str, line: int, why: str | None
) -> None:
    write(own, text)
    if why is None:  # valid, if of no use: nobody has that name
        assert "a" in PolicyFiles.load(own).ids
        return
    with pytest.raises(AccessPolicyInvalid) as caught:
        PolicyFiles.load(own)
    assert f"95-own.cedar, line {line}," in caught.value.message
    assert why in caught.value.message
    assert caught.value.remedy


def test_bytes_that_are_no_text_and_a_folder_that_is_none(own: Path, tmp_path: Path) -> None:
    (own / "95-own.cedar").write_bytes(b"\xff\xfe permit")
    with pytest.raises(AccessPolicyInvalid, match="UTF-8"):
        PolicyFiles.load(own)
    with pytest.raises(AccessPolicyInvalid, match="cannot be read"):
        PolicyFiles.load(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AccessPolicyInvalid, match="no policy"):
        PolicyFiles.load(tmp_path / "empty")


def test_the_last_good_policies_stay_in_force(own: Path) -> None:
    authoriser = Authoriser(partial(PolicyFiles.load, own))
    before = authoriser.in_force
    assert not authoriser.reload()
    write(own, "permit (principal, action, resource)")
    with pytest.raises(AccessPolicyInvalid):
        authoriser.reload()
    assert authoriser.in_force is before
    assert authoriser.decide(OPERATOR, "watch", GATE, looking=Looking("live")).allowed
    write(own, '@id("closed") forbid (principal in Role::"operator", action, resource);\n')
    assert authoriser.reload()
    assert authoriser.in_force.sha256 != before.sha256
    decision = authoriser.decide(OPERATOR, "watch", GATE, looking=Looking("live"))
    assert decision.policies == ("closed",)


def test_nobody_is_what_excludes_the_other() -> None:
    assert exclude([Role.OFFICER, Role.CUSTODIAN]) is not None
    assert exclude([Role.AUDITOR, Role.ENGINEER]) is not None
    assert exclude([Role.OPERATOR, Role.ENGINEER]) is None
    assert exclude(SIGNED_IN) is not None


def test_the_policies_in_the_guide_are_usable(own: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "guide" / "access.md"
    lines = page.read_text("utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith('    @id("'))
    stop = next(n for n, line in enumerate(lines) if n > start and line and line[0] != " ")
    write(own, "\n".join(lines[start:stop]))
    authoriser = Authoriser(partial(PolicyFiles.load, own))
    week = Looking("recorded", 700_000, 60)
    assert authoriser.decide(OPERATOR, "watch", GATE, looking=week).policies == (
        "old-recordings-by-passkey",
    )
    by_passkey = Principal(frozenset({Role.OPERATOR}), way="passkey")
    assert authoriser.decide(by_passkey, "watch", GATE, looking=week).allowed
    assert not authoriser.decide(
        by_passkey, "watch", GATE, looking=Looking("recorded", 9, 3601)
    ).allowed
