"""The model that somebody signs for: its bytes, read anew, and the tree that they stand in."""

from aigf_dvc.capture.contents import NoData
from aigf_dvc.capture.deployment import AttestedTree
from aigf_dvc.capture.dirty import dirty_paths
from aigf_dvc.capture.manifest import recorded_paths
from aigf_dvc.capture.model_evidence import refuse_two_claims
from aigf_dvc.capture.project import Project
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.pipeline import Recorded
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.file_hashing import Hashed, hash_path
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.settings import ModelSettings

_SHOWN = 5


def refuse_dirty(project: Project, objects: GitObjects) -> None:
    """Refuse a working tree that is not what HEAD has: what one sees there is not what one signs.

    Raises:
        RefusedError: files differ.
    """
    dirty = dirty_paths(project, objects)
    if dirty:
        named = ", ".join(dirty[:_SHOWN]) + (", ..." if len(dirty) > _SHOWN else "")
        raise RefusedError(
            f"{len(dirty)} files are not what HEAD has: {named}",
            where="the working tree",
            expected="the tree that is signed for",
            hint="commit or restore them; `--rev COMMIT` takes a commit whatever lies here",
        )


class ModelData(NoData):
    """The model's bytes, hashed just now; no other data is looked at."""

    def __init__(self, path: str, hashed: Hashed) -> None:
        """Take the model's path and digests."""
        self._path = path
        self._hashed = hashed

    def hash(self, recorded: Recorded) -> Hashed | None:
        """Return the digests of the model, None for everything else."""
        return self._hashed if recorded.path == self._path else None


def hash_model(
    tree: AttestedTree, model: ModelSettings, *, progress: Progress | None = None
) -> Hashed:
    """Hash a model of a commit anew from the working tree; no cache is asked.

    Raises:
        InputError: the model is not here.
        RefusedError: its bytes are not those that the commit records.
    """
    refuse_two_claims(model, tree.pipeline)
    try:
        hashed = hash_path(tree.root, model.path, progress=progress)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            "the model is not here",
            where=model.path,
            expected="its bytes: they are hashed before they are signed for",
            hint=f"`dvc pull {model.path}` fetches it",
        ) from None
    recorded = recorded_paths(tree.pipeline).get(model.path)
    if recorded is None:
        raise RefusedError(
            "no stage of the commit recorded it", where=model.path, expected="an entry in dvc.lock",
            hint="`aigf repro`, then commit dvc.lock",
        )  # fmt: skip
    known = read_digest_lock(tree.snapshot.read(FILE_NAME)).sha256(recorded.value, recorded.size)
    same = recorded.value == hashed.md5 and known in (None, hashed.sha256)
    if not same:
        raise RefusedError(
            f"the bytes here are others (md5 {hashed.md5})",
            where=model.path,
            expected=f"what the commit's dvc.lock records (md5 {recorded.value})",
            hint="`dvc checkout` brings the recorded model back; or run `aigf repro` and commit",
        )
    return hashed


def model_files(model: ModelSettings, hashed: Hashed) -> tuple[ModelFile, ...]:
    """Return the subject of a statement: the file, or each file of the directory.

    Raises:
        RefusedError: the directory is empty.
    """
    if not hashed.md5.endswith(".dir"):
        return (ModelFile(name=model.path, sha256=hashed.sha256),)
    if not hashed.files:
        raise RefusedError("an empty directory", where=model.path, expected="a model")
    return tuple(ModelFile(name=f"{model.path}/{name}", sha256=d) for name, d in hashed.files)
