"""Fill in what the pipeline knows of a model between the marks of its card."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import WorkspaceData
from aigf_dvc.capture.model_evidence import gather
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.card_facts import ModelFacts, model_facts
from aigf_dvc.evidence.card_markers import fill_blocks
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.evidence.model_card import MAX_BYTES, is_markdown
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.report.card_blocks import card_blocks
from aigf_dvc.settings import ModelSettings, Settings
from aigf_dvc.trees.snapshot import open_inside


class FilledCard(Struct, frozen=True, kw_only=True):
    """A card as it is, and as it would be."""

    path: str
    models: tuple[str, ...]  # that it speaks of
    before: bytes
    after: bytes

    @property
    def is_current(self) -> bool:
        """Tell whether nothing would change."""
        return self.before == self.after


def fill_cards(
    project: Project, models: tuple[str, ...] = (), *, progress: Progress | None = None
) -> tuple[FilledCard, ...]:
    """Return the cards of some models, all by default, filled in; nothing is written.

    A card that several models share speaks of all of them, whichever was asked for.

    Raises:
        InputError: no such model or card, a card that cannot be filled in, or a broken mark.
        RefusedError: the metrics are not those of the model.
        UndecidedError: the pipeline cannot be read.
    """
    with GitObjects(project.repository) as objects:
        snapshot = project.snapshot(objects, None)
        settings = load_settings(snapshot)
        sharing = _sharing(settings, models)
        paths = frozenset(model.path for group in sharing.values() for model in group)
        cache = DigestCache(project.root)
        data = WorkspaceData(project.root, cache, only=paths, progress=progress)
        comparison = Consistency(snapshot, read_pipeline(snapshot), data)
        cards = tuple(
            _filled(project, path, group, tuple(_facts(project, comparison, group)))
            for path, group in sharing.items()
        )
        cache.save()
    return cards


def write_cards(project: Project, cards: tuple[FilledCard, ...]) -> tuple[FilledCard, ...]:
    """Write the cards that change, and return those.

    Raises:
        OSError: one cannot be written; it is as it was.
    """
    changed = tuple(card for card in cards if not card.is_current)
    for card in changed:
        write_atomically(project.root / card.path, card.after)
    return changed


def _sharing(
    settings: Settings, models: tuple[str, ...]
) -> Mapping[str, tuple[ModelSettings, ...]]:
    """Return the models of each Markdown card that was asked for."""
    wanted = [settings.model(name) for name in models] or list(settings.models)
    paths = dict.fromkeys(model.card for model in wanted if is_markdown(model.card) or models)
    if not paths:
        paths = dict.fromkeys(model.card for model in wanted)
    for path in paths:
        if not is_markdown(path):
            raise InputError(
                "a card without a text to fill in", where=path, expected="a Markdown card",
                hint="YAML and JSON cards have fields only; the metrics stand in their own files",
            )  # fmt: skip
    return {path: tuple(m for m in settings.models if m.card == path) for path in paths}


def _facts(
    project: Project, comparison: Consistency, models: tuple[ModelSettings, ...]
) -> Iterator[ModelFacts]:
    # The digest lock alone: bytes that happen to be here would make each machine another card.
    lock = read_digest_lock(comparison.snapshot.read(FILE_NAME))
    for model in models:
        evidence = gather(model, comparison, root=project.root)
        if evidence.card is None:
            raise InputError(
                "no such file", where=model.card, expected=f"the card of {model.name}",
                hint="`aigf init` writes one to fill in",
            )  # fmt: skip
        yield model_facts(model, comparison.pipeline, evidence, lock)


def _filled(
    project: Project, path: str, models: tuple[ModelSettings, ...], facts: tuple[ModelFacts, ...]
) -> FilledCard:
    with open_inside(project.root, path) as file:
        before = file.read(MAX_BYTES + 1)
    after = fill_blocks(before, card_blocks(facts), path=path)
    return FilledCard(path=path, models=tuple(m.name for m in models), before=before, after=after)
