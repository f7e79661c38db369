"""Copy attestations from one store to another; nothing is ever lost or written over."""

from msgspec import Struct

from aigf_dvc.errors import InputError
from aigf_dvc.stores.layout import BUNDLE, Store, Stored, Unreadable


class Copied(Struct, frozen=True, kw_only=True):
    """What was copied, and what could not be read."""

    files: int
    bundles: int
    unreadable: tuple[str, ...]


def copy_store(source: Store, target: Store) -> Copied:
    """Copy every file of a store, model by model.

    Raises:
        InputError: there is nothing to copy.
        InputError, UndecidedError: a store refuses.
    """
    unreadable: list[str] = []
    files = bundles = 0
    for model in _by_model(source, unreadable):
        target.add(model)
        files += len(model)
        bundles += sum(item.ending == BUNDLE for item in model)
    if not files and not unreadable:
        raise InputError(
            "no attestations", where=source.place, expected="one at least",
            hint="`aigf attest` makes one",
        )  # fmt: skip
    return Copied(files=files, bundles=bundles, unreadable=tuple(unreadable))


def _by_model(source: Store, unreadable: list[str]) -> list[tuple[Stored, ...]]:
    models: dict[str, list[Stored]] = {}
    for item in source.all():
        if isinstance(item, Unreadable):
            unreadable.append(item.name)
        else:
            models.setdefault(item.model, []).append(item)
    return [tuple(items) for items in models.values()]
