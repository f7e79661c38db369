from collections.abc import Mapping

import pytest

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.parts import MAX_DEPTH, MAX_PARTS
from aigf_dvc.policy.read import read_policy

PATH = "governance/policy.yaml"
CARD = b"rules:\n  - {id: card, kind: required-fields, fields: [owner]}\n"
SPEED = b"rules:\n  - {id: speed, kind: metric, metric: latency, max: 5}\n"


def including(*parts: tuple[str, bytes], rules: str = "", more: str = "") -> bytes:
    """Return a policy that includes these files, by the digests of these bytes."""
    pins = "".join(f'  - {{path: {path}, sha256: "{sha256(data)}"}}\n' for path, data in parts)
    own = f"rules:\n{rules}" if rules else ""
    return f'id: root\nversion: "1"\n{more}includes:\n{pins}{own}'.encode()


def part(*parts: tuple[str, bytes], rules: str = "") -> bytes:
    return including(*parts, rules=rules)


def read(data: bytes, files: Mapping[str, bytes]) -> Policy:
    return read_policy(data, path=PATH, read_part=files.get)


def refusal(data: bytes, files: Mapping[str, bytes]) -> InputError:
    with pytest.raises(InputError) as caught:
        read(data, files)
    return caught.value


def test_the_rules_of_included_files_are_rules_of_the_policy_each_with_its_own_line() -> None:
    root = including(
        ("card.yaml", CARD), ("packs/speed.yaml", SPEED), rules="  - {id: l, kind: lineage}\n"
    )
    policy = read(root, {"card.yaml": CARD, "packs/speed.yaml": SPEED})
    assert [rule.id for rule in policy.rules] == ["l", "card", "speed"]
    assert policy.places == {
        "l": "governance/policy.yaml:7",
        "card": "governance/card.yaml:2",
        "speed": "governance/packs/speed.yaml:2",
    }


def test_the_digest_is_that_of_the_own_file_and_the_parts_are_carried_with_their_bytes() -> None:
    root = including(("card.yaml", CARD))
    policy = read(root, {"card.yaml": CARD})
    assert policy.sha256 == sha256(root)
    (carried,) = policy.parts
    assert (carried.path, carried.sha256, carried.data) == (
        "governance/card.yaml",
        sha256(CARD),
        CARD,
    )


def test_a_policy_may_consist_of_included_rules_alone() -> None:
    assert read(including(("card.yaml", CARD)), {"card.yaml": CARD}).rules[0].id == "card"


def test_an_included_file_may_have_the_short_form() -> None:
    seed = b"required_metrics: {fairness_score_min: 0.8}\n"
    policy = read(including(("seed.yaml", seed)), {"seed.yaml": seed})
    assert [rule.id for rule in policy.rules] == ["fairness_score_min"]


def test_parts_of_parts_are_found_from_the_file_that_names_them() -> None:
    inner = part(("../card.yaml", CARD), rules="  - {id: l, kind: lineage}\n")
    root = including(("packs/inner.yaml", inner))
    policy = read(root, {"packs/inner.yaml": inner, "card.yaml": CARD})
    assert [rule.id for rule in policy.rules] == ["l", "card"]


def test_a_part_with_other_bytes_is_refused_with_its_digest_and_what_to_do() -> None:
    changed = CARD + b"# changed\n"
    error = refusal(including(("card.yaml", CARD)), {"card.yaml": changed})
    assert error.where.startswith("governance/policy.yaml:4:")
    assert sha256(changed) in error.found
    assert error.expected == sha256(CARD)
    assert f'sha256: "{sha256(changed)}"' in error.hint


def test_a_part_that_is_not_there_is_refused_with_the_line_that_names_it() -> None:
    error = refusal(including(("card.yaml", CARD)), {})
    assert error.where.startswith("governance/policy.yaml:4:")
    assert 'there is no part "card.yaml"' in error.found


def test_a_caller_without_files_is_refused_and_not_judged_by_less() -> None:
    with pytest.raises(InputError, match="there is no part"):
        read_policy(including(("card.yaml", CARD)), path=PATH)


@pytest.mark.parametrize(
    "path",
    [
        "../other.yaml",
        "/etc/policy.yaml",
        "packs/../../x.yaml",
        "C:/x.yaml",
        '"a\\\\b.yaml"',
        '"."',
    ],
)
def test_a_part_outside_the_folder_of_the_policy_is_never_read(path: str) -> None:
    asked: list[str] = []

    def reader(name: str) -> bytes:
        asked.append(name)
        return CARD

    with pytest.raises(InputError, match="outside the policy's folder"):
        read_policy(including((path, CARD)), path=PATH, read_part=reader)
    assert asked == []


def test_a_part_that_names_a_file_above_it_is_a_circle() -> None:
    inner = part(("a.yaml", CARD))
    error = refusal(including(("a.yaml", inner)), {"a.yaml": inner})
    assert error.found == "a circle of parts: a.yaml -> a.yaml"
    root = part(("policy.yaml", CARD))
    assert "policy.yaml -> policy.yaml" in refusal(root, {"policy.yaml": CARD}).found


def test_parts_nest_to_a_bound() -> None:
    files: dict[str, bytes] = {"p0.yaml": CARD}
    for level in range(1, MAX_DEPTH + 1):
        below = f"p{level - 1}.yaml"
        files[f"p{level}.yaml"] = part((below, files[below]))
    deepest = f"p{MAX_DEPTH - 1}.yaml"
    assert read(including((deepest, files[deepest])), files).rules
    too_deep = f"p{MAX_DEPTH}.yaml"
    assert "5 deep" in refusal(including((too_deep, files[too_deep])), files).found


def test_there_are_at_most_so_many_parts() -> None:
    def many(count: int) -> tuple[bytes, dict[str, bytes]]:
        files = {
            f"{i}.yaml": f"rules: [{{id: r{i}, kind: lineage}}]".encode() for i in range(count)
        }
        return including(*files.items()), files

    assert len(read(*many(MAX_PARTS)).rules) == MAX_PARTS
    assert refusal(*many(MAX_PARTS + 1)).found == "too many parts"


def test_one_id_in_two_files_is_refused_with_both_places() -> None:
    root = including(("card.yaml", CARD), rules="  - {id: card, kind: lineage}\n")
    error = refusal(root, {"card.yaml": CARD})
    assert error.where == "governance/card.yaml:2:6"
    assert error.found == "a second rule with the id `card`"
    assert error.hint == "the first one is at governance/policy.yaml:6:6"


def test_rules_of_included_files_are_read_under_the_tiers_of_the_policy() -> None:
    inner = b"rules:\n  - {id: a, kind: lineage, tier: high}\n"
    more = "tiers: [low, high]\n"
    assert read(including(("i.yaml", inner), more=more), {"i.yaml": inner}).rules[0].tier == "high"
    error = refusal(including(("i.yaml", inner)), {"i.yaml": inner})
    assert error.where.startswith("governance/i.yaml:2:")


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("expires: 2027-01-01", "`expires` in an included file"),
        ("waivers: {max_duration: 9d}", "`waivers` in an included file"),
        ("extends: {path: a.yaml}", "`extends` in an included file"),
        ("tiers: [a, b]", "`tiers: [a, b]` in an included file"),
        ("environments: [a]", "`environments: [a]` in an included file"),
        ("colour: red", "the unknown key `colour`"),
    ],
)
def test_an_included_file_says_nothing_of_the_whole_policy(key: str, problem: str) -> None:
    inner = f"{key}\n".encode() + CARD
    root = including(("i.yaml", inner), more="tiers: [a, b, c]\n")
    assert problem in str(refusal(root, {"i.yaml": inner}))


def test_an_included_file_may_repeat_the_tiers_of_the_policy() -> None:
    inner = b"tiers: [a, b]\n" + CARD
    assert read(including(("i.yaml", inner), more="tiers: [a, b]\n"), {"i.yaml": inner}).rules


@pytest.mark.parametrize(
    ("pin", "problem"),
    [
        ("{path: a.yaml}", "there is no `sha256`"),
        ("{sha256: abc}", "there is no `path`"),
        ('{path: a.yaml, sha256: "0123"}', '`sha256` is "0123"'),
        (f"{{path: a.yaml, sha256: {'A' * 64}}}", "64 lower-case hexadecimal digits"),
        ("{path: a.yaml, sha256: abc, url: x}", "the unknown key `url`"),
        ("a.yaml", '`includes` has "a.yaml"'),
    ],
)
def test_a_part_is_named_by_its_path_and_sha256(pin: str, problem: str) -> None:
    root = f'id: p\nversion: "1"\nincludes: [{pin}]\n'.encode()
    assert problem in str(refusal(root, {}))


def test_the_short_form_has_no_parts() -> None:
    error = refusal(b"required_metadata: [a]\nincludes: []\n", {})
    assert error.found == "both `includes` and `required_metadata`"
