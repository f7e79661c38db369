from msgspec.structs import replace

from aigf_dvc.capture.consent_binding import bind
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import NoData
from aigf_dvc.capture.model_evidence import gather
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import load_settings
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.trees.commit_snapshot import CommitSnapshot
from aigf_dvc.trees.snapshot import Snapshot
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import MODEL, Playground


def bound(p: Playground, snapshot: Snapshot | None = None, **known: Commit) -> ModelEvidence:
    tree = snapshot or WorkingTree(p.root)
    comparison = Consistency(tree, read_pipeline(tree), NoData())
    model = load_settings(tree).models[0]
    evidence = replace(gather(model, comparison, root=p.root), **known)
    return bind(evidence, model, comparison, p.project)


def bound_in_commit(p: Playground) -> ModelEvidence:
    with GitObjects(p.root) as objects:
        return bound(p, CommitSnapshot(objects, p.git("rev-parse", "HEAD")))


def a_directory(p: Playground) -> None:
    p.replace("dvc.yaml", "outs: [models/model.bin]", "outs: [models]")
    p.replace("dvc.yaml", "deps: [models/model.bin,", "deps: [models,")
    p.write("src/train.sh", "rm -rf models; mkdir models; echo w > models/w; echo v > models/v\n")
    p.replace("aigf.yaml", "path: models/model.bin", "path: models")
    p.dvc("repro", "--quiet")
    p.aigf("capture")
    p.commit()


def test_a_clean_tree_and_its_commit_are_bound_alike(playground: Playground) -> None:
    here, there = bound(playground), bound_in_commit(playground)
    digest = sha256((playground.root / MODEL).read_bytes())
    assert here.files == there.files == (ModelFile(name=MODEL, sha256=digest),)
    assert here.tree == there.tree is not None
    assert here.commit == there.commit
    assert here.commit is not None
    assert here.commit.authors == ("jane.doe@example.com",)


def test_the_working_tree_is_bound_to_the_bytes_that_are_there(playground: Playground) -> None:
    before = bound(playground)
    playground.edit_keeping_size_and_mtime(MODEL)
    playground.write("src/train.sh", "echo other\n")
    after = bound(playground)
    digest = sha256((playground.root / MODEL).read_bytes())
    assert after.files == (ModelFile(name=MODEL, sha256=digest),)
    assert after.tree != before.tree
    assert bound_in_commit(playground).files == before.files
    (playground.root / MODEL).unlink()
    assert bound(playground).files == ()


def test_a_commit_of_a_directory_is_bound_to_its_files_where_they_are_here(
    playground: Playground,
) -> None:
    a_directory(playground)
    files = bound_in_commit(playground).files
    assert [file.name for file in files] == ["models/v", "models/w"]
    assert bound(playground).files == files
    (playground.root / "models/w").unlink()
    playground.write("models/w", "swapped\n")
    assert bound_in_commit(playground).files == ()
    assert bound(playground).files != files


def test_a_model_whose_sha256_nobody_recorded_is_not_known(playground: Playground) -> None:
    (playground.root / "aigf.lock").unlink()
    playground.commit()
    assert bound_in_commit(playground).files == ()


def test_what_else_is_known_of_the_commit_stays(playground: Playground) -> None:
    known = Commit(sha="abc", protected=("main",))
    found = bound(playground, commit=known).commit
    assert found == replace(known, authors=("jane.doe@example.com",))
