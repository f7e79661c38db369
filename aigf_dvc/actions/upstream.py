"""Look up the attestations of what a model took from elsewhere: imported data, base models.

Nothing is fetched: only repositories and stores that are at hand are asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.verify import Artifact as Looked
from aigf_dvc.actions.verify import Candidates, may_be_deployment, verify
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import Deployment, ModelKind
from aigf_dvc.attestation.evidence_again import model_digest, read_manifest
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.attestation.upstream import LinkState, UpstreamLink
from aigf_dvc.attestation.upstream_reading import read_upstream
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import AigfError, InputError, RefusedError, UndecidedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.upstream_source import Upstream, UpstreamKind
from aigf_dvc.redaction import redact_url
from aigf_dvc.signing.attesters import AnyAttester
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.stores.layout import BUNDLE, Store
from aigf_dvc.stores.open import open_store

MOST_DEPTH = 5
MOST_LINKS = 100


class UpstreamTrust(Struct, frozen=True, kw_only=True):
    """Where to look, and whom to believe."""

    stores: Mapping[str, Store]  # by the address of the repository, as `address` returns it
    signers: tuple[AnyAttester, ...]
    demands: Demands


def address(uri: str) -> str:
    """Return a repository's address without the spellings that mean the same."""
    return redact_url(uri).removeprefix("git+").rstrip("/").removesuffix(".git")


def open_upstream(pairs: Sequence[str]) -> dict[str, Store]:
    """Open the stores of `URL=PATH` pairs: PATH is a clone, or a store as `--from` takes it.

    Raises:
        InputError: a pair has another form, or nothing is there.
    """
    stores: dict[str, Store] = {}
    for pair in pairs:
        uri, equals, place = pair.rpartition("=")
        if not (uri and equals and place):
            raise InputError(f"{pair!r:.200}", expected="URL=PATH: a repository and its clone here")
        folder = Path(place)
        is_clone = (folder / ".git").exists() or (folder / "HEAD").is_file()
        stores[address(uri)] = open_store(f"git:{place}" if is_clone else place)
    return stores


def walk_deployment(
    deployment: Deployment, beside: Mapping[Sha256, bytes], trust: UpstreamTrust
) -> tuple[UpstreamLink, ...]:
    """Return the links of everything that an attested model took from elsewhere.

    Args:
        deployment: what the verified attestation says.
        beside: evidence that lay beside its bundle.
        trust: where to look, and whom to believe.
    """
    return tuple(_Walk(trust).of_deployment(deployment, beside, 1))


def walk_manifest(manifest: Json, trust: UpstreamTrust) -> tuple[UpstreamLink, ...]:
    """Return the links of everything that a captured tree took from elsewhere.

    Raises:
        RefusedError: the manifest has another form.
    """
    return tuple(_Walk(trust).of_all(read_upstream(manifest), 1))


class _Walk:
    """One walk up: bounded in depth and number, and each digest is looked at once."""

    def __init__(self, trust: UpstreamTrust) -> None:
        self._trust = trust
        self._seen: dict[Sha256, LinkState] = {}
        self._count = 0

    def of_deployment(
        self, deployment: Deployment, beside: Mapping[Sha256, bytes], depth: int
    ) -> Iterator[UpstreamLink]:
        try:
            manifest = read_manifest(deployment, beside)
            items = read_upstream(manifest) if manifest is not None else None
        except AigfError as error:
            yield _link(_itself(deployment), depth, LinkState.REFUSED, str(error))
            return
        if items is None:
            detail = "its lineage manifest stands in the attestation by digest only"
            yield _link(_itself(deployment), depth, LinkState.UNKNOWN, detail)
            return
        yield from self.of_all(items, depth)

    def of_all(self, items: Sequence[Upstream], depth: int) -> Iterator[UpstreamLink]:
        for item in items:
            self._count += 1
            if self._count > MOST_LINKS or depth > MOST_DEPTH:
                limit = f"not followed: {MOST_LINKS} links and {MOST_DEPTH} levels are the most"
                yield _link(item, depth, LinkState.UNKNOWN, limit)
                return
            yield from self._of(item, depth)

    def _of(self, item: Upstream, depth: int) -> Iterator[UpstreamLink]:
        store = self._trust.stores.get(address(item.uri))
        if item.sha256 is None:
            yield _link(item, depth, LinkState.UNKNOWN, "its SHA-256 is not known here")
        elif item.sha256 in self._seen:
            yield _link(item, depth, self._seen[item.sha256], "the same bytes as above")
        elif store is None:
            yield _link(item, depth, LinkState.UNKNOWN, "no clone of that repository was named")
        else:
            yield from self._look_up(item, item.sha256, store, depth)

    def _look_up(
        self, item: Upstream, digest: Sha256, store: Store, depth: int
    ) -> Iterator[UpstreamLink]:
        found = store.find(digest)
        bundles = [s.data for s in found if s.ending == BUNDLE and may_be_deployment(s.data)]
        beside = {sha256(s.data): s.data for s in found if s.ending != BUNDLE}
        demands = _with_evidence(self._trust.demands, beside)
        outcomes = [self._verified(bundle, digest, store.place, demands) for bundle in bundles]
        accepted = next((outcome for outcome in outcomes if outcome.accepted), None)
        state, detail = _judged(item, outcomes, accepted)
        self._seen[digest] = state  # before going on: a circle ends here
        yield _link(item, depth, state, detail)
        if accepted is not None and accepted.deployment is not None:
            yield from self.of_deployment(accepted.deployment, beside, depth + 1)

    def _verified(
        self, bundle: bytes, digest: Sha256, place: str, demands: Demands
    ) -> Verification:
        """Return the outcome under the signer who gets furthest."""
        artifact = Looked(files=_files(bundle, digest), key=digest)
        candidates = Candidates(bundles=(bundle,), beside={}, place=place)
        outcomes = [
            outcome
            for signer in self._trust.signers
            for outcome in verify(artifact, candidates, signer=signer, demands=demands)
        ]
        return max(outcomes, key=lambda outcome: (outcome.accepted, outcome.steps_taken))


def _with_evidence(demands: Demands, beside: Mapping[Sha256, bytes]) -> Demands:
    """Return demands whose revocation lists are asked about what lay beside this attestation."""
    check = demands.revocation
    if check is None:
        return demands
    return replace(demands, revocation=replace(check, beside=beside))


def _link(item: Upstream, depth: int, state: LinkState, detail: str) -> UpstreamLink:
    return UpstreamLink(upstream=item, depth=depth, state=state, detail=detail)


def _itself(deployment: Deployment) -> Upstream:
    """Return a stand-in for what a model took from elsewhere, when that cannot be read."""
    uri = deployment.source.uri or "its repository"
    return Upstream(kind=UpstreamKind.IMPORT, name=f"all that {deployment.model} took", uri=uri)


def _judged(
    item: Upstream, outcomes: Sequence[Verification], accepted: Verification | None
) -> tuple[LinkState, str]:
    if accepted is not None and accepted.signer is not None and accepted.deployment is not None:
        attested = accepted.deployment.source.git_commit
        other = item.git_commit and item.git_commit != attested
        at = (
            f"; attested at commit {attested[:12]}, taken at {item.git_commit[:12]}"
            if other
            else ""
        )
        return LinkState.ATTESTED, f"by {accepted.signer.name}{at}"
    if not outcomes:
        return LinkState.UNATTESTED, "its repository has none about these bytes"
    furthest = max(outcomes, key=lambda outcome: outcome.steps_taken)
    why = furthest.stopped_at.detail if furthest.stopped_at else "not accepted"
    undecided = furthest.exit_code == UndecidedError.exit_code
    return (LinkState.UNKNOWN if undecided else LinkState.REFUSED), why


def _files(bundle: bytes, digest: Sha256) -> tuple[ModelFile, ...]:
    """Return the files that a digest stands for: of a directory, those whose tree digest it is."""
    single = (ModelFile(name="upstream", sha256=digest),)
    try:
        statement = read_statement(parse_bundle(bundle).payload)
        deployment = read_deployment(statement)
    except RefusedError:  # verification says what is wrong with it
        return single
    if deployment.kind is ModelKind.FILE or model_digest(deployment, statement.subjects) != digest:
        return single
    start = f"{deployment.path}/"
    return tuple(
        ModelFile(name=file.name.removeprefix(start), sha256=file.sha256)
        for file in statement.subjects
    )
