"""Exports of a real project: from a commit, from an attestation, on any machine, the same bytes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sigstore.dsse import Statement as SigstoreStatement
from sigstore.dsse._predicate import SLSAPredicateV1_0

from aigf_dvc.actions.also import Also
from aigf_dvc.actions.also import Standard as StandardStatement
from aigf_dvc.actions.attest import Order, attest
from aigf_dvc.actions.export import Standard, bundle_sources, export
from aigf_dvc.canonical import dumps, loads
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError, InputError, RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.git import program
from aigf_dvc.signing.bundle import join_bundles
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.folder import FolderStore
from tests.actions.exporting import (
    AT,
    attested,
    documents,
    exported,
    resigned,
    sources,
    with_changes,
)
from tests.playground import MODEL, Playground, build, copy, environment, make_home, statement_of
from tests.signing.by_key import sign_statement

SECRET = "ghp_" + "a1B2" * 9


@pytest.fixture(scope="module")
def observed_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose stages were observed, committed."""
    base = tmp_path_factory.mktemp("observed")
    make_home(base / "home")
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(base / "home").items():
            patch.setenv(key, value)
        build(base / "project")
        made = Playground(base / "project")
        made.aigf("repro", "--force")
        made.commit("observed")
    return base / "project"


@pytest.fixture
def observed(observed_template: Path, tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # the home is set
    return copy(observed_template, tmp_path / "observed")


def test_an_observed_model_has_provenance_that_sigstore_takes(observed: Playground) -> None:
    data = exported(observed, Standard.SLSA)
    SigstoreStatement(data)
    (document,) = documents(data)
    SLSAPredicateV1_0.model_validate(document["predicate"])
    model = (observed.root / MODEL).read_bytes()
    assert document["subject"] == [{"name": MODEL, "digest": {"sha256": sha256(model)}}]
    commit = observed.git("rev-parse", "HEAD")
    first = document["predicate"]["buildDefinition"]["resolvedDependencies"][0]
    assert first == {"uri": f"git:{commit}", "digest": {"gitCommit": commit}}


def test_provenance_is_signed_beside_an_attestation(observed: Playground) -> None:
    private = load_private_key(generate_key(None)[0], None, where="key")
    builder = "https://ci.example.com/train"
    also = Also(standards=(StandardStatement.SLSA,), builder=builder)
    order = Order(
        project=observed.project,
        sign=lambda payload: sign_statement(payload, private),
        store=FolderStore(observed.root.parent / "store"),
        at=AT,
        also=also,
    )
    nameless = replace(order, also=Also(standards=(StandardStatement.SLSA,)))
    with pytest.raises(RefusedError, match="does not say the build platform"):
        attest(nameless)
    assert not (observed.root.parent / "store").exists()
    (found,) = attest(order)
    (other,) = found.others
    document: Any = statement_of(other.bundle)
    SigstoreStatement(dumps(document))
    SLSAPredicateV1_0.model_validate(document["predicate"])
    assert document["predicate"]["runDetails"]["builder"] == {"id": builder}
    exported_too = documents(export(sources(observed), Standard.SLSA, builder=builder))
    assert [document] == exported_too


def test_a_model_that_plain_dvc_made_has_no_provenance(playground: Playground) -> None:
    with pytest.raises(RefusedError, match="prepare, train, evaluate") as refused:
        exported(playground, Standard.SLSA)
    assert "aigf repro" in refused.value.hint


def test_code_that_changed_after_the_run_has_no_provenance(observed: Playground) -> None:
    observed.write("src/train.sh", observed.read("src/train.sh") + "# later\n")
    observed.commit()
    with pytest.raises(RefusedError, match=r"src/train\.sh"):
        exported(observed, Standard.SLSA)
    assert exported(observed, Standard.CYCLONEDX)


def test_the_working_tree_is_not_looked_at(observed: Playground) -> None:
    before = {standard: exported(observed, standard) for standard in Standard}
    observed.write("src/train.sh", "echo other\n")
    observed.write(MODEL, "other")
    observed.write("MODEL_CARD.md", "none")
    assert {standard: exported(observed, standard) for standard in Standard} == before


@pytest.mark.parametrize("standard", Standard)
def test_two_machines_make_the_same_bytes(
    observed: Playground, standard: Standard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = observed.clone(tmp_path / "elsewhere/clone")
    (observed.root / ".aigf/runs").rename(tmp_path / "runs")
    (other.root / ".aigf").mkdir(exist_ok=True)
    (tmp_path / "runs").rename(other.root / ".aigf/runs")
    there = exported(other, standard)
    (other.root / ".aigf/runs").rename(observed.root / ".aigf/runs")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.chdir(tmp_path)
    assert exported(observed, standard) == there


@pytest.mark.parametrize("standard", Standard)
def test_nothing_of_this_machine_is_told(observed: Playground, standard: Standard) -> None:
    text = exported(observed, standard).decode()
    assert str(observed.root) not in text
    assert str(observed.root.parent) not in text
    assert "Jane Doe" not in text


@pytest.mark.parametrize("standard", Standard)
def test_every_line_is_canonical_json(observed: Playground, standard: Standard) -> None:
    data = exported(observed, standard)
    assert data.endswith(b"\n")
    for line in data.splitlines():
        assert dumps(loads(line, where="test")) == line


def test_the_commits_own_time_and_no_clock_is_told(observed: Playground) -> None:
    (bom,) = documents(exported(observed, Standard.CYCLONEDX))
    seconds = int(observed.git("log", "-1", "--format=%ct"))
    expected = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert bom["metadata"]["timestamp"] == expected


def test_an_older_commit_is_exported_as_it_was(observed: Playground) -> None:
    first = observed.git("rev-list", "--max-parents=0", "HEAD")
    observed.replace("MODEL_CARD.md", "three rows", "four rows")
    observed.commit()
    assert b"four rows" in exported(observed, Standard.CYCLONEDX)
    old = exported(observed, Standard.CYCLONEDX, revision=first)
    assert b"three rows" in old
    assert first.encode() in old


def test_the_remote_is_named_without_its_password(observed: Playground) -> None:
    observed.git("remote", "add", "origin", "https://ann:p4ssw0rd@example.com/acme/models.git")
    for standard in Standard:
        text = exported(observed, standard).decode()
        assert "p4ssw0rd" not in text
        assert "git+https://example.com/acme/models.git@" in text


@pytest.mark.parametrize("standard", Standard)
def test_what_still_looks_like_a_secret_is_not_exported(
    observed: Playground, standard: Standard, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = attested(observed)
    hostile = with_changes(bundle, source={
        "uri": f"git+https://example.com/{SECRET}", "digest": {"gitCommit": "0" * 40}, "ref": None,
    })  # fmt: skip
    assert SECRET not in export(bundle_sources(hostile, where="b"), standard).decode()
    monkeypatch.setattr("aigf_dvc.actions.export.redact_url", str)  # as if it had been missed
    with pytest.raises(RefusedError, match="secret") as refused:
        export(bundle_sources(hostile, where="b"), standard)
    assert SECRET not in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("standard", [Standard.CYCLONEDX, Standard.OPENLINEAGE])
def test_a_secret_of_the_repository_is_redacted(playground: Playground, standard: Standard) -> None:
    playground.replace("params.yaml", "depth: 3", f"depth: 3, token: {SECRET}")
    playground.replace("dvc.yaml", "params: [train.depth]", "params: [train.depth, train.token]")
    playground.replace("dvc.yaml", "sh src/train.sh", f"sh src/train.sh --api-key={SECRET}")
    playground.replace("MODEL_CARD.md", "a table of three rows", f"rows {SECRET}")
    playground.dvc("repro", "--quiet")
    playground.commit()
    text = exported(playground, standard).decode()
    assert SECRET not in text
    assert text.count("redacted") >= 3


def test_an_attestation_gives_the_evidence_that_the_commit_gives(observed: Playground) -> None:
    observed.git("remote", "add", "origin", "https://example.com/acme/models.git")
    from_bundle = bundle_sources(attested(observed), where="b")
    from_tree = sources(observed)
    # What DVC declares and the recorder saw is the same; an attestation has its own time.
    assert export(from_bundle, Standard.SLSA) == export(from_tree, Standard.SLSA)
    (bundled,), (committed,) = from_bundle, from_tree
    assert bundled.origin.at == AT
    assert bundled.stages == committed.stages
    assert bundled.artifacts == committed.artifacts
    assert bundled.card_fields == committed.card_fields
    assert bundled.lineage.level is TrustLevel.OBSERVED


def test_a_bundle_alone_is_enough(observed: Playground, tmp_path: Path) -> None:
    bundle = attested(observed)
    observed.root.rename(tmp_path / "gone")
    for standard in Standard:
        assert export(bundle_sources(bundle, where="b"), standard)


def refusal(bundle: bytes, *models: str) -> AigfError:
    with pytest.raises(AigfError) as refused:
        export(bundle_sources(bundle, where="some.bundle", models=models), Standard.SLSA)
    return refused.value


def test_evidence_that_was_too_large_for_the_bundle_is_asked_for(observed: Playground) -> None:
    bundle = attested(observed)
    predicate: Any = statement_of(bundle)["predicate"]
    for key in ("lineage", "modelCard", "evidence"):
        shorter: Any = loads(dumps(predicate[key]), where="test")
        for item in shorter if isinstance(shorter, list) else [shorter]:
            del item["content"]
        outside = refusal(with_changes(bundle, **{key: shorter}))
        assert isinstance(outside, UndecidedError)
        assert "--rev" in outside.hint


def test_a_statement_about_another_model_than_its_lineage_is_refused(
    observed: Playground,
) -> None:
    statement: Any = statement_of(attested(observed))
    statement["subject"][0]["digest"]["sha256"] = sha256(b"another model")
    other = refusal(resigned(dumps(statement)))
    assert isinstance(other, RefusedError)
    assert "another model" in str(other)


def test_a_bundle_of_something_else_is_refused(observed: Playground) -> None:
    statement: Any = statement_of(attested(observed))
    other = resigned(dumps(statement | {"predicateType": "https://example.com/other"}))
    assert isinstance(refusal(other), RefusedError)
    assert isinstance(refusal(b"{}"), RefusedError)


def test_of_several_bundles_only_those_of_the_named_models_count(observed: Playground) -> None:
    bundle = attested(observed)
    other = with_changes(bundle, model={"name": "other", "path": MODEL, "kind": "file"})
    both = join_bundles([bundle, other])
    (found,) = bundle_sources(both, where="b", models=("scorer",))
    assert found.model == "scorer"
    assert isinstance(refusal(both, "third"), InputError)
    assert isinstance(refusal(both), RefusedError)  # the lineage does not know the other model


def test_a_project_in_a_folder_names_paths_as_the_repository_does(
    observed: Playground, tmp_path: Path
) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    (observed.root / ".git").rename(outer / ".git")
    observed.root.rename(outer / "ml")
    inner = Playground(outer / "ml")
    inner.git("add", "-A", "..")
    inner.git("commit", "--quiet", "-m", "moved")
    commit = inner.git("rev-parse", "HEAD")
    (bom,) = documents(exported(inner, Standard.CYCLONEDX))
    urls = [item["url"] for item in bom["metadata"]["component"]["externalReferences"]]
    assert f"git:{commit}#ml/MODEL_CARD.md" in urls
    assert program.resolve_commit(outer, "HEAD") == commit
