"""The CI files that `aigf init --ci` writes: check, attest and verify, for three systems."""

import posixpath
import shlex
from collections.abc import Callable

from msgspec import Struct

from aigf_dvc.actions.init_files import filled
from aigf_dvc.capture.dvc_yaml_edit import yaml_text
from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern

_PLAIN = lazy_pattern(r"[A-Za-z0-9._/ -]+")


class CiFile(Struct, frozen=True, kw_only=True):
    """What is written for a CI system."""

    path: str  # from the top of the repository
    template: str
    why: str
    next_step: str = ""  # what a person must do, so that it counts
    folder: Callable[[str], str] = shlex.quote
    quote: Callable[[str], str] = shlex.quote

    @property
    def before_it_runs(self) -> str:
        """Return what must be edited: a name that nobody holds on an index is anybody's."""
        return (
            f"{self.path} installs `aigf-dvc`, which is on no public package index yet: write "
            "into its install commands where your copy is, before it runs"
        )


def _in_double_quotes(name: str) -> str:
    """Return a plain name for a shell inside Groovy's single quotes."""
    return f'"{name}"' if " " in name else name


CI_FILES = {
    "github": CiFile(
        path=".github/workflows/governance.yml",
        template="github-workflow.yml",
        why="check, attest and verify on GitHub",
        folder=lambda folder: yaml_text("./" if folder == "." else folder),
    ),
    "gitlab": CiFile(
        path=".gitlab/governance.yml",
        template="gitlab-governance.yml",
        why="check, attest and verify on GitLab",
        next_step="GitLab runs .gitlab/governance.yml once .gitlab-ci.yml includes it: "
        "`include: [{local: .gitlab/governance.yml}]`",
    ),
    "jenkins": CiFile(
        path="governance.Jenkinsfile",
        template="governance.Jenkinsfile",
        why="check, attest and verify on Jenkins",
        next_step="Jenkins runs governance.Jenkinsfile once a multibranch pipeline has it as its "
        "Script Path; the credentials that it names must be there",
        folder=str,
        quote=_in_double_quotes,
    ),
}


def ci_file(ci: str, models: tuple[str, ...], *, branch: str, folder: str, policy: str) -> bytes:
    """Return the file for a CI system.

    Args:
        ci: a name of `CI_FILES`.
        models: the models' paths.
        branch: the protected branch.
        folder: the project's folder in the repository; empty for its top.
        policy: the policy's path.

    Raises:
        InputError: a name could mean something to YAML, to Groovy, to the shell or to the CI.
    """
    for name in (*models, branch, folder, policy):
        _demand_plain(name, ci)
    file = CI_FILES[ci]
    return filled(
        file.template,
        {
            "BRANCH": branch,
            "FILE": file.path,
            "FOLDER": file.folder(folder or "."),
            "MODEL_PATHS": " ".join(file.quote(path) for path in models),
            "POLICY": file.quote(policy),
            "REPORT": posixpath.join(folder, "aigf.xml"),
        },
    )


def _demand_plain(name: str, ci: str) -> None:
    if name and (name.startswith("-") or not _PLAIN.fullmatch(name)):
        raise InputError(
            f"the name {name!r} cannot stand safely in a workflow",
            where=f"--ci {ci}",
            expected="letters, digits, blanks and . _ - /, and no `-` at the start",
            hint="rename it, or write the workflow by hand",
        )
