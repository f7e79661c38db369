"""Whether the signer agreed to the public log."""

from pathlib import Path

from aigf_dvc.capture.project import load_settings
from aigf_dvc.cli.signer_options import SignerOptions
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.trees.snapshot import Kind
from aigf_dvc.trees.working_tree import WorkingTree


def may_publish(signing: SignerOptions, root: Path) -> bool:
    """Tell whether the signer agreed to the public log, here or in the project's aigf.yaml."""
    tree = WorkingTree(root)
    has_settings = tree.kind(FILE_NAME) is not Kind.ABSENT
    return signing.yes_publish or (has_settings and load_settings(tree).transparency == "public")
