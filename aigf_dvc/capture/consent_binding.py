"""Gathers what consent is bound to: the model's files, the tree, and who wrote what is in it."""

from msgspec.structs import replace

from aigf_dvc.capture.authors import authors_of, made_of
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.manifest import recorded_paths
from aigf_dvc.capture.model_evidence import model_scope
from aigf_dvc.capture.project import Project
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.git import program
from aigf_dvc.hashing.file_hashing import hash_path
from aigf_dvc.settings import ModelSettings


def bind(
    evidence: ModelEvidence,
    model: ModelSettings,
    comparison: Consistency,
    project: Project,
    *,
    files: tuple[ModelFile, ...] | None = None,
) -> ModelEvidence:
    """Return evidence that says what it is about, to the byte.

    Args:
        evidence: as it was gathered.
        model: the model's settings.
        comparison: the snapshot and its pipeline.
        project: where the model's bytes are, and the history.
        files: the model's, where they were hashed just now.

    Raises:
        UndecidedError: a file cannot be read.
    """
    snapshot = comparison.snapshot
    commit = snapshot.commit or _head(project)
    if commit is not None:
        stages = model_scope(model, comparison.pipeline)
        cards = (evidence.card_path, *(document.path for document in evidence.documents))
        authors = authors_of(project, commit, made_of(comparison.pipeline, stages, cards))
        known = evidence.commit or Commit(sha=commit)
        evidence = replace(evidence, commit=replace(known, authors=authors))
    if files is None:
        files = _files(evidence, model, comparison, project)
    return replace(evidence, files=files, tree=snapshot.tree_digest())


def _head(project: Project) -> str | None:
    found = program.attempt(project.repository, "rev-parse", "--verify", "--quiet", "HEAD")
    return found.stdout.decode().strip() or None


def _files(
    evidence: ModelEvidence, model: ModelSettings, comparison: Consistency, project: Project
) -> tuple[ModelFile, ...]:
    """Return the model's files: those here, or those of a commit as far as they are known."""
    in_commit = comparison.snapshot.commit is not None
    recorded = recorded_paths(comparison.pipeline).get(model.path)
    if in_commit and recorded is not None and not recorded.is_directory:
        known = evidence.sha256
        return (ModelFile(name=model.path, sha256=known),) if known is not None else ()
    try:
        hashed = hash_path(project.root, model.path)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    if in_commit and hashed.sha256 != evidence.sha256:
        return ()
    if not hashed.md5.endswith(".dir"):
        return (ModelFile(name=model.path, sha256=hashed.sha256),)
    return tuple(ModelFile(name=f"{model.path}/{name}", sha256=d) for name, d in hashed.files)
