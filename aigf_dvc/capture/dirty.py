"""Finds what in the working tree is not what HEAD has, by content; git's own index is not asked.

`git status` believes the index, which `assume-unchanged`, a clean filter or a restored mtime fool.
"""

import os
import stat
from io import BytesIO

from aigf_dvc.capture.contents import GIT_LOOKS_AT
from aigf_dvc.capture.project import Project
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects, TreeEntry, object_hash
from aigf_dvc.trees.git_lfs import pointer_of
from aigf_dvc.trees.snapshot import open_inside


def dirty_paths(
    project: Project, objects: GitObjects, *, revision: str = "HEAD"
) -> tuple[str, ...]:
    """Return the project's files whose bytes on disk are not a commit's; sorted.

    A text checked out with CRLF line ends counts as unchanged. Untracked files do not count.
    """
    commit = program.resolve_commit(project.repository, revision)
    found = []
    waiting = [("", objects.commit_tree(commit))]
    while waiting:
        folder, tree = waiting.pop()
        for entry in objects.tree(tree):
            path = folder + entry.name.decode(errors="surrogateescape")
            if entry.is_tree:
                waiting.append((path + "/", entry.object_id))
            elif not _is_elsewhere(path, project.prefix) and not _same(project, path, entry):
                found.append(path)
    return tuple(sorted(found))


def _is_elsewhere(path: str, prefix: str) -> bool:
    return bool(prefix) and not path.startswith(prefix + "/")


def _same(project: Project, path: str, entry: TreeEntry) -> bool:
    full = project.repository / path
    try:
        mode = os.lstat(full).st_mode
    except OSError:
        return False
    if entry.mode == "160000":
        return stat.S_ISDIR(mode)
    if stat.S_ISLNK(mode) or entry.mode == "120000":
        is_link = stat.S_ISLNK(mode) and entry.mode == "120000"
        return is_link and _object_id(os.fsencode(full.readlink()), entry) == entry.object_id
    return stat.S_ISREG(mode) and _same_content(project, path, entry)


def _same_content(project: Project, path: str, entry: TreeEntry) -> bool:
    with open_inside(project.repository, path) as file:
        data = file.read()
    if _object_id(data, entry) == entry.object_id:
        return True
    if _object_id(pointer_of(BytesIO(data)), entry) == entry.object_id:
        return True
    is_text = b"\0" not in data[:GIT_LOOKS_AT]
    return is_text and _object_id(data.replace(b"\r\n", b"\n"), entry) == entry.object_id


def _object_id(data: bytes, entry: TreeEntry) -> str:
    name = object_hash(entry.object_id)
    name.update(b"blob %d\0" % len(data) + data)
    return name.hexdigest()
