"""A trust file may tighten what it includes, and never loosen it."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.attestation.trust import (
    ATTEST,
    REVOKE,
    LogDemand,
    TrustDemands,
    TrustFile,
    Wish,
)
from aigf_dvc.attestation.trust_includes import include
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError

HEAD = {"schema": "https://aigf-dvc.readthedocs.io/trust/v1", "id": "judges"}
PIN = {"file": "org/org.yaml", "sha256": "sha256:" + "0" * 64}
POLICIES = ["sha256:" + digit * 64 for digit in "abc"]

ORG = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: org
expires: 2026-12-31
people:
  Dana: {keys: [{file: dana.pub}]}
  Max: {keys: [{file: max.pub}]}
services: {release: {keys: [{file: release.pub, authority: corp}]}}
authorities: {corp: {timestamps: {file: tsa.pem, sha256: sha256:TSA}}}
roles: {attest: [release, Dana], waive: [Dana], revoke: [Dana, Max]}
open_roles: [model-validator, observe]
demands:
  policies: [sha256:POLICY]
  thresholds: {attest: 2}
  transparency_log: refused
  timestamp: required
  max_age: 30d
  min_trust: observed
  source_repository: https://github.com/acme/*
  revocations: required
  revocation_lists: [security]
  releases: required
""".replace("TSA", "1" * 64).replace("POLICY", "a" * 64)

OWN = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: fraud
includes: [{file: org/org.yaml, sha256: sha256:PIN}]
people: {Vera: {keys: [{file: vera.pub}]}}
services: {box: {keys: [{file: box.pub}]}}
roles: {model-validator: [Vera], observe: [box]}
demands: {source_repository: https://github.com/acme/fraud, max_age: 7d, revocation_lists: [fraud]}
""".replace("PIN", "0" * 64)


def joined(own: str = OWN, org: str = ORG) -> TrustFile:
    return include(
        read_trust(own.encode(), where="own.yaml"),
        (("org", read_trust(org.encode(), where="org.yaml")),),
    )


def refusal(own: str, org: str = ORG) -> str:
    with pytest.raises(InputError) as caught:
        joined(own, org)
    return str(caught.value)


def test_what_is_included_is_trusted_and_what_is_open_is_filled() -> None:
    whole = joined()
    assert whole.id == "fraud"
    assert whole.roles == {
        "attest": ("release", "Dana"),
        "waive": ("Dana",),
        "revoke": ("Dana", "Max"),
        "model-validator": ("Vera",),
        "observe": ("box",),
    }
    assert [person.name for person in whole.people] == ["Dana", "Max", "Vera"]
    assert whole.expires == date(2026, 12, 31)
    assert whole.open_roles == ()


def test_files_are_found_from_the_folder_of_the_file_that_names_them() -> None:
    whole = joined()
    files = {key.file for owner in whole.owners() for key in owner.means.keys}
    assert files == {"org/dana.pub", "org/max.pub", "org/release.pub", "vera.pub", "box.pub"}
    assert whole.authorities["corp"].timestamps.file == "org/tsa.pem"


def test_the_strictest_of_all_demands_holds() -> None:
    assert joined().demands == TrustDemands(
        policies=joined(OWN.replace("max_age: 7d", "max_age: 30d")).demands.policies,
        attesters=2,
        log=LogDemand.REFUSED,
        timestamp=Wish.REQUIRED,
        max_age=timedelta(days=7),
        min_trust=joined().demands.min_trust,
        source_repositories=("https://github.com/acme/*", "https://github.com/acme/fraud"),
        revocation_lists=("security", "fraud"),
        revocations=Wish.REQUIRED,
        releases=Wish.REQUIRED,
    )
    assert joined().demands.min_trust == "observed"


@pytest.mark.parametrize(
    "more",
    [
        "roles: {attest: [release, Dana], waive: [Dana], model-validator: [Vera]}",
        "roles: {revoke: [Max, Dana], model-validator: [Vera]}",
        "expires: 2026-06-30",
        "open_roles: [observe]",
        "trusted_roots: {own: {file: root.json, sha256: sha256:" + "2" * 64 + "}}",
    ],
)
def test_whatever_tightens_is_taken(more: str) -> None:
    assert joined(_with(more)).id == "fraud"


def test_where_the_role_is_open_others_may_revoke_beside_those_there() -> None:
    own = _with("roles: {revoke: [Max, Dana, Vera], model-validator: [Vera]}")
    org = ORG.replace("open_roles: [", "open_roles: [revoke, ")
    assert joined(own, org).roles["revoke"] == ("Max", "Dana", "Vera")


def _with(more: str) -> str:
    key = more.partition(":")[0]
    kept = [line for line in OWN.splitlines() if not line.startswith(f"{key}:")]
    return "\n".join([*kept, more]) + "\n"


@pytest.mark.parametrize(
    ("more", "line", "problem"),
    [
        ("roles: {attest: [release, Vera]}", 7, "Vera as attest"),
        ("roles: {waive: [Vera]}", 7, "Vera as waive"),
        ("roles: {reproduce: [box]}", 7, "it fills the role reproduce"),
        ("roles: {risk-owner: [Vera]}", 7, "it fills the role risk-owner"),
        ("roles: {revoke: [Dana]}", 7, "Max may not revoke"),
        ("roles: {revoke: [Max, Dana, Vera]}", 7, "Vera as revoke"),
        ("expires: 2027-01-31", 8, "expires 2027-01-31"),
        ("open_roles: [attest]", 8, "it leaves attest open"),
        ("engines: {e: {types: [svr], keys: [{file: e.pub}]}}", 8, "more engines"),
        ("trusted_root: root.json", 8, "another root"),
        ("demands: {policies: [sha256:" + "b" * 64 + "]}", 7, "the policy sha256:bbb"),
        ("demands: {thresholds: {attest: 1}}", 7, "`thresholds: 1`"),
        ("demands: {transparency_log: optional}", 7, "`transparency_log: optional`"),
        ("demands: {transparency_log: required}", 7, "`transparency_log: required`"),
        ("demands: {timestamp: optional}", 7, "`timestamp: optional`"),
        ("demands: {max_age: 31d}", 7, "`max_age: 31d`"),
        ("demands: {min_trust: declared}", 7, "`min_trust: declared`"),
        ("demands: {revocations: optional}", 7, "`revocations: optional`"),
        ("demands: {releases: optional}", 7, "`releases: optional`"),
    ],
)
def test_whatever_loosens_is_refused_with_its_line(more: str, line: int, problem: str) -> None:
    said = refusal(_with(more))
    assert f"own.yaml:{line}: it loosens an included file: {problem}" in said


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("people: {Dana: {keys: [{file: eve.pub}]}}", 'the name "Dana" stands for two'),
        ("services: {Dana: {keys: [{file: eve.pub}]}}", 'the name "Dana" stands for two'),
        ("people: {Vera: {keys: [{file: org/dana.pub}]}}", "Dana and Vera share"),
        ("roles: {model-validator: [Vara]}", 'the unknown person "Vara"'),
        ("roles: {model-validator: [box]}", 'the service "box" as model-validator'),
        (
            "authorities: {corp: {timestamps: {file: t, sha256: sha256:" + "3" * 64 + "}}}",
            'the name "corp" is that of an included file',
        ),
        ("roles: {attest: [release]}", "2 must attest, and 1 may"),
    ],
)
def test_what_does_not_fit_together_is_refused(more: str, problem: str) -> None:
    assert problem in refusal(_with(more))


def test_an_included_file_may_leave_engines_open() -> None:
    engines = "engines: {e: {types: [svr], keys: [{file: e.pub}]}}"
    org = ORG.replace("observe]", "observe, engines]")
    assert [one.name for one in joined(_with(engines), org).engines] == ["e"]


def test_two_included_files_are_as_strict_as_both() -> None:
    own = read_trust(OWN.replace(", observe: [box]", "").encode(), where="own.yaml")
    org = read_trust(ORG.encode(), where="org.yaml")
    other = (
        "schema: https://aigf-dvc.readthedocs.io/trust/v1\nid: audit\nexpires: 2026-11-30\n"
        "open_roles: [attest, waive, revoke, model-validator]\ndemands: {min_trust: reproduced}\n"
    )
    whole = include(own, (("", org), ("", read_trust(other.encode(), where="audit.yaml"))))
    assert whole.expires == date(2026, 11, 30)
    assert whole.demands.min_trust == "reproduced"
    assert whole.demands.attesters == 2
    shut = other.replace("attest, waive, ", "")
    with pytest.raises(InputError, match="fills attest, waive, and this file leaves it to nobody"):
        include(own, (("", org), ("", read_trust(shut.encode(), where="audit.yaml"))))
    clash = other.replace("min_trust: reproduced", "transparency_log: required") + (
        "trusted_root: r.json\nroles: {attest: [Z]}\npeople: {Z: {keys: [{file: z}]}}\n"
    )
    with pytest.raises(InputError) as caught:
        include(own, (("", org), ("", read_trust(clash.encode(), where="audit.yaml"))))
    for problem in ("`transparency_log: refused`", "`trusted_root`", "fills the role attest, too"):
        assert problem in str(caught.value)


NAMES = ["Dana", "Max", "release", "box"]
SHARED: dict[str, Any] = {
    "people": {name: {"keys": [{"file": f"{name}.pub"}]} for name in NAMES[:2]},
    "services": {name: {"keys": [{"file": f"{name}.pub"}]} for name in NAMES[2:]},
}
MACHINE_ROLES = ["attest", "observe", "reproduce", "revoke"]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, unique=True)


DEMANDS = st.fixed_dictionaries(
    {},
    optional={
        "policies": some(POLICIES),
        "thresholds": st.fixed_dictionaries({"attest": st.integers(1, 2)}),
        "transparency_log": st.sampled_from(list(LogDemand)),
        "timestamp": st.sampled_from(list(Wish)),
        "max_age": st.sampled_from(["7d", "30d", "90d"]),
        "min_trust": st.sampled_from(["declared", "observed", "reproduced"]),
        "source_repository": st.sampled_from(["https://h/a", "https://h/*"]),
        "revocations": st.sampled_from(list(Wish)),
        "releases": st.sampled_from(list(Wish)),
    },
)
KEYS = {
    "demands": DEMANDS.filter(bool),
    "expires": st.sampled_from(["2026-06-30", "2026-12-31"]),
    "open_roles": some([*MACHINE_ROLES, "waive"]),
    "roles": st.fixed_dictionaries(
        {}, optional={**{r: some(NAMES) for r in MACHINE_ROLES}, "waive": some(NAMES[:2])}
    ).filter(bool),
}  # fmt: skip
BASES = st.fixed_dictionaries({}, optional=KEYS)
CASES = st.fixed_dictionaries(
    {
        "signers": some(NAMES),
        "policy": st.sampled_from([text.removeprefix("sha256:") for text in POLICIES]),
        "logged": st.booleans(),
        "timed": st.booleans(),
        "days": st.sampled_from([1, 8, 31, 91]),
        "level": st.sampled_from([0, 1, 2]),
        "uri": st.sampled_from(["https://h/a", "https://h/b"]),
        "day": st.sampled_from([date(2026, 6, 1), date(2026, 7, 1), date(2027, 1, 1)]),
        "lists": st.booleans(),
    }
)


def accepts(trust: TrustFile, case: dict[str, Any]) -> bool:
    """Tell whether a trust file accepts an attestation, by its values alone."""
    said = trust.demands
    log = {
        LogDemand.OPTIONAL: True,
        LogDemand.REQUIRED: case["logged"],
        LogDemand.REFUSED: not case["logged"],
    }
    return all(
        [
            len(set(case["signers"]) & set(trust.roles.get(ATTEST, ()))) >= said.attesters,
            said.policies is None or case["policy"] in said.policies,
            log[said.log],
            said.timestamp is Wish.OPTIONAL or case["timed"],
            said.max_age is None or timedelta(days=case["days"]) <= said.max_age,
            case["level"] >= said.min_trust.rank,
            all(one in (case["uri"], "https://h/*") for one in said.source_repositories),
            trust.expires is None or case["day"] <= trust.expires,
            case["lists"] or Wish.REQUIRED not in (said.revocations, said.releases),
        ]
    )


@settings(max_examples=120, deadline=None)
@given(BASES, BASES, st.lists(CASES, min_size=5, max_size=20))
def test_whatever_the_joined_file_accepts_the_included_one_accepts(
    org: dict[str, Any], own: dict[str, Any], cases: list[dict[str, Any]]
) -> None:
    try:
        base = read_trust(json.dumps({**HEAD, **SHARED, **org}).encode(), where="org.yaml")
        whole = include(
            read_trust(json.dumps({**HEAD, "includes": [PIN], **own}).encode(), where="own.yaml"),
            (("org", base),),
        )
    except InputError:
        return
    open_here = set(base.open_roles) - base.roles.keys()
    for role, names in whole.roles.items():
        if role not in open_here and role != REVOKE:
            assert set(names) <= set(base.roles.get(role, ())), role
    assert set(whole.roles.get(REVOKE, ())) >= set(base.roles.get(REVOKE, ()))
    if REVOKE not in base.open_roles:
        assert set(whole.roles.get(REVOKE, ())) == set(base.roles.get(REVOKE, ()))
    for case in cases:
        if accepts(whole, case) and ATTEST not in open_here:
            assert accepts(base, case)


def test_of_several_policies_some_can_be_left_out() -> None:
    both = ORG.replace("a" * 64, f"{'a' * 64}, sha256:{'b' * 64}")
    own = _with("demands: {policies: [sha256:" + "b" * 64 + "]}")
    assert joined(own, both).demands.policies == frozenset({Sha256("b" * 64)})
