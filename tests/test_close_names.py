"""The known names that a mistyped one may stand for."""

from aigf_dvc.close_names import close_names


def test_the_nearest_known_name_comes_first_and_a_strange_one_has_none() -> None:
    known = ("lineage", "license", "metric")
    assert close_names("linage", iter(known)) == ["lineage"]
    assert close_names("licence", known, n=2, cutoff=0.5) == ["license", "lineage"]
    assert close_names("zzz", known) == []
    assert close_names("met", known, cutoff=0.9) == []
