"""One thing that came from elsewhere, and what identifies it there."""

from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256


@unique
class UpstreamKind(StrEnum):
    """How something came in."""

    IMPORT = "import"  # `dvc import`: from another repository, at a commit
    IMPORT_URL = "import-url"  # `dvc import-url`
    BASE_MODEL = "base-model"  # named in a model card


class Upstream(Struct, frozen=True, kw_only=True, order=True):
    """One thing that came from elsewhere, and what identifies it there."""

    kind: UpstreamKind
    name: str  # the path here; of a base model, its name
    uri: str  # of the other repository, or of the thing itself; without secrets
    path: str = ""  # in that repository
    revision: str = ""  # a branch or tag that was asked for
    git_commit: str = ""
    sha256: Sha256 | None = None  # None: the bytes were never seen

    def as_json(self) -> Json:
        """Return the manifest's form; what is not known is left out."""
        digest = {"gitCommit": self.git_commit, "sha256": self.sha256}
        known: dict[str, Json] = {key: value for key, value in digest.items() if value}
        optional: dict[str, Json] = {"path": self.path, "revision": self.revision, "digest": known}
        return {
            "kind": self.kind,
            "name": self.name,
            "uri": self.uri,
            **{key: value for key, value in optional.items() if value},
        }
