"""`aigf verify --trust FILE` alone: who may attest, what is demanded, and by how many."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aigf_dvc.actions.verify import may_be_deployment
from aigf_dvc.attestation.reproduction_statement import REPRODUCTION
from aigf_dvc.attestation.statement import predicate_type
from aigf_dvc.cli.main import aigf
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError
from aigf_dvc.signing.bundle import join_bundles, parse_bundle
from aigf_dvc.signing.private_keys import generate_key
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, Stored
from aigf_dvc.stores.open import open_store
from tests.playground import MODEL, Playground, copy, environment, run

POLICY = "governance/policy.yaml"

pytestmark = pytest.mark.slow


def said(p: Playground, *arguments: str, code: int = 0) -> str:
    done = p.aigf(*arguments)
    text = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == code, text
    return text


def beside(p: Playground, name: str) -> Path:
    return p.root.parent / name


@pytest.fixture(scope="module")
def finished(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that a box ran and two machines attested, and the keys of all who might sign."""
    folder = tmp_path_factory.mktemp("trusted")
    p = copy(template, folder / "project")
    for name in ("release", "audit", "eve", "box"):
        private, public = generate_key(None)
        beside(p, f"{name}.key").write_bytes(private)
        beside(p, f"{name}.pub").write_bytes(public)
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(template.parent.parent / "governed-project-home").items():
            patch.setenv(key, value)
        box = ("--sign", "--key", str(beside(p, "box.key")))
        said(p, "repro", "--force", *box)
        p.commit("observed")
        said(p, "repro", "--clean", "HEAD", *box)
        for name in ("release", "audit"):
            said(p, "attest", "--key", str(beside(p, f"{name}.key")),
                 "--observer-key", str(beside(p, "box.pub")))  # fmt: skip
    return folder


@pytest.fixture
def judged(finished: Path, tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # it is set up
    """A copy of that project."""
    shutil.copytree(finished, tmp_path / "trusted", symlinks=True)
    return Playground(tmp_path / "trusted/project")


def trust(p: Playground, *more: str, name: str = "trust.yaml", folder: Path | None = None) -> str:
    digest = sha256((p.root / POLICY).read_bytes())
    lines = [
        "schema: https://aigf-dvc.readthedocs.io/trust/v1",
        "id: judge",
        "services:",
        "  release: {keys: [{file: release.pub}]}",
        "  audit: {keys: [{file: audit.pub}]}",
        "roles: {attest: [release, audit]}",
        f"demands: {{policies: ['sha256:{digest}']}}",
        *more,
    ]
    path = (folder or p.root.parent) / name
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def verify(p: Playground, file: str, *more: str, code: int = 0) -> str:
    """Run `aigf verify` in this process: a Python of its own takes half of the time."""
    return judge(p, "verify", str(p.root / MODEL), "--from", f"git:{p.root}", "--trust", file,
                 *more, code=code)  # fmt: skip


def judge(_p: Playground, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(aigf, arguments)
    error = done.exception if isinstance(done.exception, AigfError) else None
    text = " ".join(f"{done.output} {error or ''}".split())
    assert (error.exit_code if error else done.exit_code) == code, text
    return text


def edited(p: Playground, old: str, new: str) -> str:
    file = Path(trust(p))
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return str(file)


def test_the_trust_file_alone_is_enough(judged: Playground) -> None:
    text = verify(judged, trust(judged))
    assert "ACCEPTED: scorer for production" in text
    assert "trust.yaml:" in text


def test_thresholds_count_owners_in_text_and_json(judged: Playground) -> None:
    two = edited(judged, "policies:", "thresholds: {attest: 2}, policies:")
    assert "ACCEPTED: attested by 2 of 2 owners: " in verify(judged, two)
    document: Any = json.loads(
        judged.aigf("verify", MODEL, "--from", "git", "--trust", two, "--format", "json").stdout
    )
    assert document["accepted"]
    assert document["attesters"]["demanded"] == 2
    assert sorted(document["attesters"]["found"]) == ["audit", "release"]
    lines = {item["signer"]["trustLine"] for item in document["verifications"]}
    assert len(lines) == 2
    file = Path(two)
    other = (judged.root.parent / "eve.pub").read_bytes()
    beside(judged, "audit.pub").write_bytes(other)
    text = verify(judged, str(file), code=1)
    assert "REFUSED: attested by 1 of 2 owners: release" in text
    assert "COUNTS: scorer for production" in text
    assert "ACCEPTED" not in text


def test_a_key_beside_the_file_must_hold_too(judged: Playground) -> None:
    file = trust(judged)
    release = ("--key", str(beside(judged, "release.pub")))
    assert "ACCEPTED" in verify(judged, file, *release)
    assert "REFUSED" in verify(judged, file, "--key", str(beside(judged, "eve.pub")), code=1)


def test_nothing_may_loosen_what_the_file_says(judged: Playground) -> None:
    assert "--any-policy would loosen" in verify(judged, trust(judged), "--any-policy", code=2)
    other = f"sha256:{sha256(b'another')}"
    assert "is not an accepted one" in verify(
        judged, trust(judged), "--policy-digest", other, code=1
    )


def test_a_file_that_lets_nobody_attest_needs_a_key(judged: Playground) -> None:
    file = edited(judged, "roles: {attest: [release, audit]}", "roles: {revoke: [release]}")
    assert "--trust FILE with the role `attest`" in verify(judged, file, code=2)
    assert "ACCEPTED" in verify(judged, file, "--key", str(beside(judged, "release.pub")))


def test_an_expired_or_unreadable_file_is_no_yes(judged: Playground) -> None:
    assert "expired on 2026-01-31" in verify(judged, trust(judged, "expires: 2026-01-31"), code=2)
    beside(judged, "audit.pub").unlink()
    assert "audit.pub" in verify(judged, trust(judged), code=2)


def test_a_trust_file_of_the_judged_repository_is_refused(judged: Playground) -> None:
    inside = judged.root / "governance"
    for name in ("release.pub", "audit.pub"):
        (inside / name).write_bytes(beside(judged, name).read_bytes())
    own = trust(judged, folder=inside)
    text = verify(judged, own, code=2)
    assert "inside the repository that it judges" in text
    link = beside(judged, "link.yaml")
    link.symlink_to(own)
    assert "inside the repository" in verify(judged, str(link), code=2)
    copy_of_model = beside(judged, "m.bin")
    copy_of_model.write_bytes((judged.root / MODEL).read_bytes())
    elsewhere = ("verify", str(copy_of_model), "--from", f"git:{judged.root}", "--trust", own)
    assert "inside the repository" in judge(judged, *elsewhere, code=2)
    assert "chooses whom you trust" in said(
        judged, "attest", "--key", str(beside(judged, "release.key")), "--trust", own
    )


def test_a_judges_own_repository_may_hold_the_trust_file_and_the_model(
    judged: Playground, tmp_path: Path
) -> None:
    ops = tmp_path / "ops"
    ops.mkdir()
    judged.git("init", "--quiet", str(ops))
    for name in ("release.pub", "audit.pub"):
        (ops / name).write_bytes(beside(judged, name).read_bytes())
    (ops / "model.bin").write_bytes((judged.root / MODEL).read_bytes())
    text = said(
        judged, "verify", str(ops / "model.bin"), "--from", f"git:{judged.root}",
        "--trust", trust(judged, folder=ops),
    )  # fmt: skip
    assert "ACCEPTED" in text


def test_the_role_observe_says_whose_runs_are_observed(judged: Playground) -> None:
    file = Path(trust(judged))
    plain = file.read_text()
    for by, found, code in (("box", "observed by box (", 0), ("audit", "lets observe", 1)):
        file.write_text(
            plain.replace("services:\n", "services:\n  box: {keys: [{file: box.pub}]}\n").replace(
                "audit]}", f"audit], observe: [{by}]}}"
            )
        )
        assert found in verify(judged, str(file), code=code)
    twice = ("--observer-key", str(beside(judged, "box.pub")))
    assert "cannot add to a trust file" in verify(judged, str(file), *twice, code=2)


def test_the_role_reproduce_says_whose_clean_runs_count(judged: Playground) -> None:
    file = Path(trust(judged))
    plain = file.read_text().replace("policies:", "min_trust: reproduced, policies:")
    box = plain.replace("services:\n", "services:\n  box: {keys: [{file: box.pub}]}\n")
    for roles, found, code in (
        ("observe: [box], reproduce: [box]", "the lineage is reproduced by box (", 0),
        ("reproduce: [box]", "the lineage is reproduced by box (", 0),
        ("observe: [box]", "the lineage is observed by box (", 1),
        ("observe: [box], reproduce: [audit]", "nobody whom the trust file lets reproduce", 1),
    ):
        file.write_text(box.replace("audit]}", f"audit], {roles}}}"))
        assert found in verify(judged, str(file), code=code)
    stolen = ("--signer", str(beside(judged, "box.pub")), "--reason", "stolen", "--yes")
    said(judged, "revoke", *stolen, "--key", str(beside(judged, "eve.key")))
    place, key = f"git:{judged.root}", str(beside(judged, "eve.pub"))
    listed = ("--revocations", place, "--revocation-key", key)
    file.write_text(box.replace("audit]}", "audit], reproduce: [box]}"))
    assert "is revoked: stolen" in verify(judged, str(file), *listed, code=1)


def test_a_clean_run_counts_from_a_file_beside_or_with_the_attestation(
    judged: Playground, tmp_path: Path
) -> None:
    file = Path(trust(judged))
    text = file.read_text().replace("policies:", "min_trust: reproduced, policies:")
    text = text.replace("services:\n", "services:\n  box: {keys: [{file: box.pub}]}\n")
    file.write_text(text.replace("audit]}", "audit], reproduce: [box]}"))
    stored = [one for one in open_store(f"git:{judged.root}").all() if isinstance(one, Stored)]
    bundles = [one.data for one in stored if one.ending == BUNDLE]
    runs = [one for one in bundles if predicate_type(parse_bundle(one).payload) == REPRODUCTION]
    attested = [one for one in bundles if may_be_deployment(one)]
    beside(judged, "attested.json").write_bytes(join_bundles(attested[:1]))
    beside(judged, "runs.json").write_bytes(join_bundles(runs))
    beside(judged, "both.json").write_bytes(join_bundles([attested[0], *runs]))
    for one in stored:  # evidence that is too long for the bundle
        FolderStore(tmp_path / "runs").add((one,) if one.data in runs else ())
    asked = ("verify", str(judged.root / MODEL), "--trust", str(file), "--bundle")
    alone = (*asked, str(beside(judged, "attested.json")))
    nobody = "nobody whom the trust file lets reproduce"
    assert nobody in judge(judged, *alone, code=1)
    for more in (beside(judged, "runs.json"), tmp_path / "runs"):
        said = judge(judged, *alone, "--approvals", str(more))
        assert "the lineage is reproduced by box (" in said
    judge(judged, *asked, str(beside(judged, "both.json")))


def test_judging_with_keys_loads_no_sigstore(judged: Playground) -> None:
    probe = (
        "import json, runpy, sys\n"
        "try:\n    runpy.run_module('aigf_dvc', run_name='__main__', alter_sys=True)\n"
        "except SystemExit as end:\n"
        "    print(json.dumps([end.code, 'sigstore' in sys.modules]))\n"
    )

    done = run(
        [sys.executable, "-c", probe, "verify", MODEL, "--from", "git", "--trust", trust(judged)],
        judged.root,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, False]
