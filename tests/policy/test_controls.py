import pytest

from aigf_dvc.actions.policy_coverage import shipped_catalogues
from aigf_dvc.errors import InputError
from aigf_dvc.policy.controls import read_catalogue, strongest, weaker
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.verdict import Strength

GOOD = b"""\
id: x
name: A framework
source: somewhere
controls:
  a-1: {title: Testing, by: {metric: direct, document: exists}, not_shown: the rest}
never:
  a-2: people do it
"""


def test_a_catalogue_says_how_far_each_kind_evidences_a_control() -> None:
    catalogue = read_catalogue(GOOD, path="x.yaml")
    control = catalogue.control("a-1")
    assert control is not None
    assert control.by == {"metric": Strength.DIRECT, "document": Strength.EXISTS}
    assert (control.title, control.not_shown) == ("Testing", "the rest")
    assert catalogue.control("a-2") is None
    assert catalogue.never == {"a-2": "people do it"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"direct", b"certain", "one of direct, partial, exists"),
        (b"title", b"titel", "did you mean `title`?"),
        (b"not_shown: the rest", b"other: x", "there is no `not_shown`"),
        (b"{metric: direct, document: exists}", b"{}", "`by:` with the kinds"),
        (b"name: A framework", b"", "there is no `name`"),
        (b"people do it", b"''", '`a-2` is ""'),
    ],
)
def test_a_wrong_catalogue_is_refused(old: bytes, new: bytes, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read_catalogue(GOOD.replace(old, new), path="x.yaml")
    assert said in f"{refused.value} {refused.value.hint}"


def test_a_list_is_no_catalogue() -> None:
    with pytest.raises(InputError, match="no catalogue"):
        read_catalogue(b"[1]", path="x.yaml")


def test_the_strengths_have_an_order() -> None:
    assert weaker(Strength.DIRECT, Strength.EXISTS) is Strength.EXISTS
    assert weaker(Strength.PARTIAL, Strength.DIRECT) is Strength.PARTIAL
    assert strongest((Strength.EXISTS, Strength.DIRECT, Strength.PARTIAL)) is Strength.DIRECT


def test_the_shipped_catalogues_name_kinds_that_exist() -> None:
    catalogues = shipped_catalogues()
    assert [catalogue.id for catalogue in catalogues] == [
        "eu-ai-act",
        "finos-aigf",
        "iso-42001",
        "nist-ai-rmf",
        "sr-11-7",
        "ssdf-218a",
    ]
    kinds = {kind for c in catalogues for control in c.controls for kind in control.by}
    assert sorted(kinds - set(KINDS)) == []


def test_no_catalogue_lets_a_document_show_more_than_a_part_of_a_system() -> None:
    """A document says; whether it is right, people judge. Only dated reports are evidence."""
    direct = [
        f"{catalogue.id}:{control.id}"
        for catalogue in shipped_catalogues()
        for control in catalogue.controls
        if control.by.get("document") is Strength.DIRECT
    ]
    assert direct == ["eu-ai-act:annex-iv-2-g"]  # which asks for the dated, signed report itself


def test_what_no_pipeline_can_show_is_never_a_control() -> None:
    for catalogue in shipped_catalogues():
        assert catalogue.never
        assert not set(catalogue.never) & {control.id for control in catalogue.controls}
