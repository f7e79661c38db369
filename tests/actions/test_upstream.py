"""What came from elsewhere is attested there, or it is said why not; one walk always ends."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.upstream import (
    MOST_DEPTH,
    MOST_LINKS,
    UpstreamTrust,
    address,
    open_upstream,
    walk_manifest,
)
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import ModelKind, evidence_item
from aigf_dvc.attestation.lists.at_hand import MadeFrom, RevocationCheck
from aigf_dvc.attestation.lists.made_from import made_from
from aigf_dvc.attestation.lists.revocations import Kind, Target
from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.attestation.upstream import LinkState, UpstreamLink
from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import Sha256, sha256, tree_digest
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, Stored
from tests.attestation.builders import COMMIT, ISSUED, a_deployment
from tests.attestation.list_builders import a_list, an_entry, at_hand
from tests.playground import MODEL, Playground, copy
from tests.signing.by_key import sign_statement

PRIVATE = load_private_key(generate_key(None)[0], None, where="key")
OTHER = load_private_key(generate_key(None)[0], None, where="key")
URL = "https://example.com/data"


def an_import(name: str, digest: Sha256 | None, uri: str = URL) -> dict[str, Json]:
    known: dict[str, Json] = {"gitCommit": COMMIT}
    if digest is not None:
        known["sha256"] = digest
    return {"kind": "import", "name": name, "uri": uri, "digest": known}


def a_manifest(*upstream: Json) -> dict[str, Json]:
    return {"upstream": list(upstream)}


def attested(store: FolderStore, data: bytes, *upstream: Json, key: object = PRIVATE) -> Sha256:
    """Attest a file, with what it took from elsewhere, and return its SHA-256."""
    manifest = evidence_item("lineage.json", "application/json", dumps(a_manifest(*upstream)))
    files = (ModelFile(name="models/fraud.pkl", sha256=sha256(data)),)
    payload = build_statement(a_deployment(lineage=manifest), files)
    bundle = sign_statement(payload, key)  # type: ignore[arg-type]
    store.add((Stored(model=files[0].sha256, ending=BUNDLE, data=bundle),))
    return files[0].sha256


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def walked(
    store: FolderStore,
    *upstream: Json,
    revocation: RevocationCheck | None = None,
    required: bool = False,
) -> tuple[UpstreamLink, ...]:
    trust = UpstreamTrust(
        stores={URL: store},
        signers=(KeySigner(public_key=PRIVATE.public_key()),),
        demands=Demands(
            at=ISSUED, any_policy=True, revocation=revocation, revocation_required=required
        ),
    )
    (Path(store.place)).mkdir(exist_ok=True)
    return walk_manifest(a_manifest(*upstream), trust)


def states(links: tuple[UpstreamLink, ...]) -> list[tuple[int, str, LinkState]]:
    return [(link.depth, link.upstream.name, link.state) for link in links]


def test_the_upstream_of_an_upstream_is_looked_up_too(store: FolderStore) -> None:
    first = attested(store, b"1")
    second = attested(store, b"2", an_import("one", first))
    links = walked(store, an_import("two", second, uri=f"{URL}.git/"))
    assert states(links) == [(1, "two", LinkState.ATTESTED), (2, "one", LinkState.ATTESTED)]
    assert links[0].detail.startswith("by sha256:")


def test_what_nobody_attested_and_what_is_not_here_are_two_things(store: FolderStore) -> None:
    links = walked(
        store,
        an_import("unattested", sha256(b"x")),
        an_import("never seen", None),
        an_import("elsewhere", sha256(b"y"), uri="https://example.com/other"),
    )
    assert [state for _, _, state in states(links)] == [
        LinkState.UNATTESTED, LinkState.UNKNOWN, LinkState.UNKNOWN,
    ]  # fmt: skip


def test_the_signature_of_somebody_else_is_not_believed_and_not_followed(
    store: FolderStore,
) -> None:
    first = attested(store, b"1")
    foreign = attested(store, b"2", an_import("one", first), key=OTHER)
    assert states(walked(store, an_import("two", foreign))) == [(1, "two", LinkState.REFUSED)]


def test_what_was_revoked_upstream_is_refused(store: FolderStore) -> None:
    digest = attested(store, b"1")
    link = an_import("one", digest)
    harmless = RevocationCheck(
        lists=at_hand(a_list()), made_from=lambda _, __: MadeFrom(), signers=lambda _, __: ()
    )
    assert states(walked(store, link, revocation=harmless)) == [(1, "one", LinkState.ATTESTED)]
    entry = an_entry(Target(kind=Kind.MODEL, sha256=digest))
    revoked = replace(harmless, lists=at_hand(a_list(entry)))
    (found,) = walked(store, link, revocation=revoked)
    assert found.state is LinkState.REFUSED
    assert "it is wrong (defect" in found.detail


def test_what_an_upstream_was_made_from_is_looked_for_in_its_own_evidence(
    store: FolderStore,
) -> None:
    manifest = dumps(a_manifest())
    item = evidence_item("lineage.json", "application/json", b"x" * 100_000)
    files = (ModelFile(name="models/fraud.pkl", sha256=sha256(b"1")),)
    beside = replace(item, sha256=sha256(manifest), content=None)
    payload = build_statement(a_deployment(lineage=beside), files)
    store.add(
        (Stored(model=files[0].sha256, ending=BUNDLE, data=sign_statement(payload, PRIVATE)),)
    )
    check = RevocationCheck(
        lists=at_hand(a_list()),
        made_from=made_from,
        signers=lambda _, __: (),
    )
    link = an_import("one", files[0].sha256)
    (found,) = walked(store, link, revocation=check, required=True)
    assert (found.state, "not at hand" in found.detail) == (LinkState.UNKNOWN, True)
    store.add((Stored(model=files[0].sha256, ending=EVIDENCE, data=manifest),))
    (found,) = walked(store, link, revocation=check, required=True)
    assert found.state is LinkState.ATTESTED


def test_an_attestation_about_other_bytes_is_refused(store: FolderStore) -> None:
    digest = attested(store, b"1")
    (bundle,) = (item.data for item in store.find(digest))
    store.add((Stored(model=sha256(b"2"), ending=BUNDLE, data=bundle),))
    assert states(walked(store, an_import("x", sha256(b"2")))) == [(1, "x", LinkState.REFUSED)]


def test_a_tampered_attestation_is_refused(store: FolderStore) -> None:
    digest = attested(store, b"1")
    (item,) = store.find(digest)
    envelope = json.loads(item.data)
    signature = envelope["dsseEnvelope"]["signatures"][0]["sig"]
    envelope["dsseEnvelope"]["signatures"][0]["sig"] = signature[:-8] + "AAAA" + signature[-4:]
    broken = FolderStore(Path(store.place).parent / "broken")
    broken.add((replace(item, data=json.dumps(envelope).encode()),))
    assert broken.find(digest)
    assert states(walked(broken, an_import("x", digest))) == [(1, "x", LinkState.REFUSED)]


def test_a_directory_is_known_by_the_tree_digest_of_its_files(store: FolderStore) -> None:
    names = ((b"a", sha256(b"1")), (b"sub/b", sha256(b"2")))
    files = [ModelFile(name=f"models/net/{n.decode()}", sha256=d) for n, d in names]
    manifest = evidence_item("lineage.json", "application/json", dumps(a_manifest()))
    deployment = a_deployment(kind=ModelKind.DIRECTORY, path="models/net", lineage=manifest)
    bundle = sign_statement(build_statement(deployment, files), PRIVATE)
    digest = tree_digest(names)
    store.add((Stored(model=digest, ending=BUNDLE, data=bundle),))
    assert states(walked(store, an_import("net", digest))) == [(1, "net", LinkState.ATTESTED)]
    other = tree_digest(names[:1])
    store.add((Stored(model=other, ending=BUNDLE, data=bundle),))
    assert states(walked(store, an_import("net", other))) == [(1, "net", LinkState.REFUSED)]


def test_a_circle_ends(store: FolderStore) -> None:
    one, two = sha256(b"1"), sha256(b"2")
    attested(store, b"1", an_import("two", two))
    attested(store, b"2", an_import("one", one))
    links = walked(store, an_import("one", one))
    assert states(links) == [
        (1, "one", LinkState.ATTESTED),
        (2, "two", LinkState.ATTESTED),
        (3, "one", LinkState.ATTESTED),
    ]
    assert links[2].detail == "the same bytes as above"


def test_a_walk_too_deep_or_too_long_is_not_taken_for_a_yes(store: FolderStore) -> None:
    digest = attested(store, b"0")
    for step in range(1, MOST_DEPTH + 2):
        digest = attested(store, str(step).encode(), an_import(f"{step}", digest))
    links = walked(store, an_import("last", digest))
    assert [link.state for link in links] == [LinkState.ATTESTED] * MOST_DEPTH + [LinkState.UNKNOWN]
    many = walked(store, *(an_import(str(n), digest) for n in range(MOST_LINKS + 50)))
    assert len(many) <= MOST_LINKS + 1
    assert many[-1].state is LinkState.UNKNOWN


def test_a_pair_of_another_form_is_refused(tmp_path: Path) -> None:
    for pair in ("x", "=x", "x="):
        with pytest.raises(InputError):
            open_upstream([pair])
    assert list(open_upstream([f"{URL}.git={tmp_path}"])) == [URL]
    assert address("git+https://u:p" + "@h.org/r.git/") == "https://h.org/r"


@dataclass(frozen=True, slots=True)
class Two:
    """A project that imported a model of another one; each has attested with a key of its own."""

    here: Playground
    there: Playground
    keys: Path

    @property
    def entry(self) -> dict[str, Any]:
        (entry,) = json.loads(self.here.manifest("HEAD"))["upstream"]
        return dict(entry)

    @property
    def clone(self) -> tuple[str, str]:
        return "--upstream-repo", f"{self.entry['uri']}={self.there.root}"

    @property
    def trusted(self) -> tuple[str, str]:
        return "--upstream-key", str(self.keys / "there.pub")

    def verify(self, *options: str) -> tuple[int, str]:
        outcome = self.here.aigf(
            "verify", MODEL, "--from", "git", "--key", str(self.keys / "here.pub"), "--any-policy",
            *options,
        )  # fmt: skip
        return outcome.returncode, " ".join(outcome.stdout.split())


@pytest.fixture
def two(template: Path, tmp_path: Path, playground: Playground) -> Two:
    found = Two(here=playground, there=copy(template, tmp_path / "there"), keys=tmp_path)
    for name, project in (("there", found.there), ("here", found.here)):
        private, public = generate_key(None)
        (tmp_path / f"{name}.key").write_bytes(private)
        (tmp_path / f"{name}.pub").write_bytes(public)
        if name == "here":
            project.dvc("import", "--quiet", str(found.there.root), MODEL, "-o", "base.bin")
            project.commit()
            assert project.aigf("capture").returncode == 0
            project.commit()
        assert project.aigf("attest", "--key", str(tmp_path / f"{name}.key")).returncode == 0
    return found


@pytest.mark.slow
def test_an_import_is_named_with_its_commit_and_the_digest_of_its_bytes(two: Two) -> None:
    assert (two.entry["kind"], two.entry["name"], two.entry["path"]) == (
        "import",
        "base.bin",
        MODEL,
    )
    assert two.entry["digest"] == {
        "gitCommit": two.there.git("rev-parse", "HEAD"),
        "sha256": sha256((two.there.root / MODEL).read_bytes()),
    }


@pytest.mark.slow
def test_imported_data_is_verified_with_the_attestation_of_its_own_repository(two: Two) -> None:
    assert two.verify()[0] == 0
    code, said = two.verify("--upstream", "require", *two.clone, *two.trusted)
    assert (code, "attested: by sha256:" in said) == (0, True), said
    outcome = two.here.aigf(
        "capture", "--rev", "HEAD", *two.clone, *two.trusted, "--format", "json"
    )
    (link,) = json.loads(outcome.stdout)["upstreamAttestations"]
    assert link["state"] == "attested"


@pytest.mark.slow
def test_upstream_that_is_demanded_and_not_proven_is_a_no(two: Two) -> None:
    code, said = two.verify("--upstream", "require", *two.clone)  # believes the model's own key
    assert (code, "refused" in said) == (1, True), said
    code, said = two.verify("--upstream", "require", *two.trusted)  # no clone was named
    assert (code, "not at hand" in said) == (3, True), said
    code, said = two.verify("--upstream", "report", *two.trusted)
    assert (code, "not at hand" in said, "UPSTREAM NOT DEMANDED" in said) == (0, True, True), said
    two.there.git("update-ref", "-d", "refs/aigf/attestations")
    code, said = two.verify("--upstream", "require", *two.clone, *two.trusted)
    assert (code, "no attestation" in said) == (1, True), said
