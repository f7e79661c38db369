"""A model that passed is signed for other programs too: its bytes, and where it cannot hurt."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.attest import attest
from aigf_dvc.actions.attest_oms import refuse_place, sign_model
from aigf_dvc.attestation.oms_reading import read_oms_statement
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.settings import ModelSettings
from tests.actions.test_attest import one, order, stored
from tests.playground import MODEL, Playground

FILE = ModelSettings(
    name="scorer", path="models/model.bin", card="MODEL_CARD.md", metrics={}, documents=()
)
DIRECTORY = replace(FILE, path="models/net")


def test_names_are_relative_to_the_model() -> None:
    files = [ModelFile(name=f"models/net/{name}", sha256=sha256(b"")) for name in ("a", "sub/b")]
    found = read_oms_statement(sign_model(DIRECTORY, files, lambda payload: payload))
    assert (found.name, sorted(found.paths)) == ("net", ["a", "sub/b"])
    single = [ModelFile(name="models/model.bin", sha256=sha256(b"w"))]
    found = read_oms_statement(sign_model(FILE, single, lambda payload: payload))
    assert (found.name, sorted(found.paths)) == ("model.bin", ["."])


def test_a_passing_model_is_signed_twice(playground: Playground) -> None:
    work, given = order(playground)
    found = one(attest(replace(work, oms=playground.root.parent / "m.sig")))
    assert len(given) == 2
    assert found.oms is not None
    payload = b64decode(json.loads(found.oms)["dsseEnvelope"]["payload"])
    (resource,) = read_oms_statement(payload).resources
    assert resource.digest == sha256((playground.root / MODEL).read_bytes())


def test_without_an_order_only_the_attestation_is_signed(playground: Playground) -> None:
    work, given = order(playground)
    assert one(attest(work)).oms is None
    assert len(given) == 1


def test_a_model_that_does_not_pass_is_not_signed(playground: Playground) -> None:
    playground.replace("governance/policy.yaml", "min: 0.8", "min: 0.99")
    playground.commit()
    work, given = order(playground)
    found = one(attest(replace(work, oms=playground.root.parent / "m.sig")))
    assert (found.bundle, found.oms, given) == (None, None, [])


def test_a_signature_inside_the_model_is_refused_before_anything_is_signed(
    playground: Playground,
) -> None:
    work, given = order(playground)
    with pytest.raises(InputError, match="would change the model"):
        attest(replace(work, oms=playground.root / MODEL))
    assert (given, stored(playground)) == ([], [])


def test_where_the_signature_may_stand(tmp_path: Path) -> None:
    (tmp_path / "models/net").mkdir(parents=True)
    (tmp_path / "link").symlink_to("models/net")
    refuse_place(tmp_path / "models/net.sig", tmp_path, [DIRECTORY])
    for inside in ("models/net/m.sig", "models/net/sub/m.sig", "link/m.sig"):
        with pytest.raises(InputError, match="would change the model"):
            refuse_place(tmp_path / inside, tmp_path, [DIRECTORY])
    for several in ([], [FILE, DIRECTORY]):
        with pytest.raises(InputError, match="models"):
            refuse_place(tmp_path / "m.sig", tmp_path, several)
