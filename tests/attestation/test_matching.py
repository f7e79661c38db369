import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.deployment import ModelKind, Source, Statement
from aigf_dvc.attestation.matching import source_differences, subject_differences
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.attestation.verification import SignerFacts, SignerKind
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.model_file import ModelFile
from tests.attestation.builders import COMMIT, DEPLOYED, REPOSITORY, a_deployment, a_payload

FILE = a_deployment()
DIRECTORY = a_deployment(kind=ModelKind.DIRECTORY, path="models/forest")


def files(**content: bytes) -> tuple[ModelFile, ...]:
    return tuple(ModelFile(name=name, sha256=sha256(data)) for name, data in content.items())


def a_directory_statement() -> Statement:
    subjects = (
        ModelFile(name="models/forest/a", sha256=sha256(b"1")),
        ModelFile(name="models/forest/sub/b", sha256=sha256(b"2")),
    )
    return replace(read_statement(a_payload()), subjects=subjects)


WHOLE = (
    ModelFile(name="a", sha256=sha256(b"1")),
    ModelFile(name="sub/b", sha256=sha256(b"2")),
)


def test_a_single_file_is_known_by_its_bytes_whatever_its_name() -> None:
    assert subject_differences(read_statement(a_payload()), FILE, DEPLOYED) == ()


def test_one_other_byte_in_a_file_is_named_with_both_digests() -> None:
    (said,) = subject_differences(read_statement(a_payload()), FILE, files(m=b"the modeL"))
    assert sha256(b"the modeL") in said
    assert DEPLOYED[0].sha256 in said


def test_an_artifact_without_files_matches_nothing() -> None:
    assert subject_differences(read_statement(a_payload()), FILE, ())
    assert subject_differences(a_directory_statement(), DIRECTORY, ())


def test_a_file_attestation_about_several_subjects_matches_nothing() -> None:
    statement = replace(a_directory_statement(), subjects=(*WHOLE, *DEPLOYED))
    assert "3 subjects" in subject_differences(statement, FILE, DEPLOYED)[0]


def test_a_file_attestation_does_not_match_a_directory_that_holds_the_file() -> None:
    found = subject_differences(read_statement(a_payload()), FILE, (*DEPLOYED, *files(x=b"")))
    assert "the artifact has 2" in found[0]


def test_a_directory_matches_its_exact_set_of_files_in_any_order() -> None:
    assert subject_differences(a_directory_statement(), DIRECTORY, WHOLE[::-1]) == ()


def test_every_difference_of_a_directory_is_named() -> None:
    found = subject_differences(a_directory_statement(), DIRECTORY, files(a=b"other", c=b"3"))
    assert "missing: 'sub/b'" in found
    assert "not attested: 'c'" in found
    assert any(said.startswith("changed: 'a'") for said in found)


def test_a_renamed_file_is_named_with_its_new_name() -> None:
    moved = (WHOLE[0], ModelFile(name="b", sha256=sha256(b"2")))
    found = subject_differences(a_directory_statement(), DIRECTORY, moved)
    assert "missing: 'sub/b' (its bytes are in 'b')" in found


def test_files_that_changed_places_do_not_match() -> None:
    swapped = (
        ModelFile(name="a", sha256=sha256(b"2")),
        ModelFile(name="sub/b", sha256=sha256(b"1")),
    )
    assert len(subject_differences(a_directory_statement(), DIRECTORY, swapped)) == 2


def test_a_subject_outside_the_models_directory_matches_nothing() -> None:
    elsewhere = a_deployment(kind=ModelKind.DIRECTORY, path="models/tree")
    assert "not below 'models/tree/'" in subject_differences(
        a_directory_statement(), elsewhere, WHOLE
    )[0]  # fmt: skip


def certified(**claims: str) -> SignerFacts:
    return replace(
        SignerFacts(
            kind=SignerKind.KEYLESS,
            name="w",
            issuer="i",
            source_repository=REPOSITORY,
            source_digest=COMMIT,
            source_ref="refs/heads/main",
        ),
        **claims,  # the three texts above
    )


def a_source(uri: str | None = REPOSITORY, ref: str | None = "refs/heads/main") -> Source:
    return Source(uri=uri, git_commit=COMMIT, ref=ref)


@pytest.mark.parametrize(
    "uri",
    [
        REPOSITORY,
        "https://github.com/acme/models.git",
        "git+https://github.com/acme/models.git",
        "git@github.com:acme/models.git",
        "ssh://git@github.com/acme/models",
        "ssh://github.com/acme/models",
        "git+ssh://git@github.com/acme/models.git",
        "https://github.com/acme/models/",
    ],
)
def test_the_spellings_of_one_repository_are_equal(uri: str) -> None:
    assert source_differences(a_source(uri), certified()) == ()


@pytest.mark.parametrize(
    "uri",
    [
        None,
        "https://github.com/acme/models2",
        "https://github.com.evil.example/acme/models",
        "git@evil.example:acme/models",
        "git+ssh://git@evil.example/acme/models.git",
        "ssh://git@github.com@evil.example/acme/models",
        "https://github.com@evil.example/acme/models",
        "http://github.com/acme/models",
        "git@evil.example:x/../../github.com/acme/models",
    ],
)
def test_another_repository_is_named(uri: str | None) -> None:
    (said,) = source_differences(a_source(uri), certified())
    assert "repository" in said


def test_another_commit_or_ref_is_named() -> None:
    found = source_differences(
        a_source(), certified(source_digest="0" * 40, source_ref="refs/heads/x")
    )
    assert [said.split()[0] for said in found] == ["commit", "ref"]


def test_a_checkout_of_a_commit_needs_no_ref() -> None:
    assert source_differences(a_source(ref=None), certified()) == ()
