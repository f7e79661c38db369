"""Templates are filled in as DVC itself does it: DVC's resolver is asked the same question."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.capture.dvc_oracle import REFUSED, Oracle, again, an_oracle
from tests.capture.shapes import template_corpus as corpus
from tests.capture.shapes.template_corpus import ACCEPTED, FILES
from tests.playground import run


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    with an_oracle(tmp_path_factory.mktemp("oracle")) as oracle:
        yield oracle


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_dvc_takes_is_filled_in_as_dvc_does(oracle: Oracle, name: str) -> None:
    assert oracle.agreed({**FILES, "dvc.yaml": ACCEPTED[name]}) != REFUSED


def test_files_are_found_from_the_folder_of_the_dvc_yaml(oracle: Oracle) -> None:
    text = "vars: [../w/more.json]\nstages: {s: {cmd: 'x ${local} ${j}'}}"
    found = oracle.agreed({**FILES, "sub/dvc.yaml": text}, "sub/dvc.yaml")
    assert found == {"stages": {"s": {"cmd": "x here J"}}}


@pytest.mark.parametrize("name", corpus.REFUSED)
def test_what_dvc_refuses_is_refused(oracle: Oracle, name: str) -> None:
    assert oracle.agreed({**FILES, "dvc.yaml": corpus.REFUSED[name]}) == REFUSED


@pytest.mark.parametrize("boolean", ["store_true", "boolean_optional"])
@pytest.mark.parametrize("listed", ["nargs", "append"])
def test_arguments_are_written_as_dvcs_configuration_says(
    oracle: Oracle, boolean: str, listed: str
) -> None:
    config = oracle.root / ".dvc/config"
    before = config.read_text()
    try:
        run(["dvc", "config", "parsing.bool", boolean], oracle.root)
        run(["dvc", "config", "parsing.list", listed], oracle.root)
        found = again(oracle.root).agreed({**FILES, "dvc.yaml": ACCEPTED["arguments"]})
    finally:
        config.write_text(before)
    command = found["stages"]["s"]["cmd"]
    assert ("--no-off" in command) == (boolean == "boolean_optional")
    assert ("--l 'a b'" in command) == (listed == "append")


NAMES = (
    "a rate flag off nothing text quote train.lr train.layers[0] train.layers[1].size names[1] a.b "
    "train names deep groups.us.epochs item item.a item.b[0] item.b key v v.a own nope a["
)
PLAIN = ["", "x", " ", "-", "\\", "$", "}", "{", "'", "\\${a}", "\n", "\u00e9", "/", "${"]
TEMPLATE = st.sampled_from([*NAMES.split(), " a ", "train .lr", ""]).map("${{{}}}".format)
TEXTS = st.one_of(
    TEMPLATE,
    st.lists(TEMPLATE | st.sampled_from(PLAIN), min_size=1, max_size=4).map("".join),
)
SCALAR = st.sampled_from([1, 0, -2, 1.5, 1e-7, 1e22, True, False, None, "x", "a b", "", "0"])
VALUES = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)
OUT = TEXTS | st.dictionaries(TEXTS, st.just({"cache": False}), min_size=1, max_size=1)
STAGE = st.fixed_dictionaries(
    {"cmd": TEXTS | st.lists(TEXTS, min_size=1, max_size=2)},
    optional={
        "deps": st.lists(TEXTS, max_size=2),
        "outs": st.lists(OUT, max_size=2),
        "meta": st.dictionaries(TEXTS, TEXTS | VALUES, max_size=2),
        "vars": st.lists(
            st.sampled_from([{"own": 5}, "w/more.json:v", "w/more.json", {"item": 1}]), max_size=2
        ),
        "wdir": st.sampled_from(["w", "${dir}", "./w"]),
    },
)
LISTED = st.lists(SCALAR | TEXTS | VALUES, max_size=3)
GIVEN = st.sampled_from(["${names}", "${groups}", "${deep}", "${flags}", "${v}", "${train}", "ab"])
FOREACH = st.dictionaries(st.sampled_from(["k", "l", "n-${a}", "7"]), TEXTS | VALUES, max_size=3)
MATRIX = st.dictionaries(st.sampled_from("abv"), GIVEN | LISTED, min_size=1, max_size=3)
DEFINITION = (
    STAGE
    | st.fixed_dictionaries({"foreach": GIVEN | LISTED | FOREACH, "do": STAGE})
    | st.builds(lambda matrix, stage: {"matrix": matrix, **stage}, MATRIX, STAGE)
)
VARS_FILE = st.sampled_from(
    ["params.yaml", "w/more.json", "w/more.json:v", "v.yaml:own", "params.yaml:a", "absent.yaml"]
)
OWN = st.dictionaries(st.sampled_from(["v", "own", "a", "w", "train"]), VALUES, max_size=1)
DOCUMENTS = st.fixed_dictionaries(
    {"stages": st.dictionaries(st.sampled_from(["s", "t"]), DEFINITION, min_size=1)},
    optional={
        "vars": st.lists(VARS_FILE | OWN, max_size=2),
        "artifacts": st.dictionaries(TEXTS, st.fixed_dictionaries({"path": TEXTS}), max_size=1),
        "metrics": st.lists(TEXTS, max_size=1),
    },
)


@pytest.mark.slow
def test_any_document_is_filled_in_or_refused_as_dvc_does(oracle: Oracle) -> None:
    answers = []

    @settings(
        max_examples=150,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(DOCUMENTS, VALUES)
    def try_one(document: dict[str, object], value: object) -> None:
        files: dict[str, object] = {
            "params.yaml": FILES["params.yaml"] + "dir: w\n",
            "w/more.json": {"v": value, "j": 1},
            "v.yaml": {"own": value},
            "dvc.yaml": document,
        }
        answers.append(oracle.agreed(files))

    try_one()
    taken = [answer for answer in answers if answer != REFUSED]
    assert len(taken) > 25  # or the generator no longer tests much
    assert len(answers) - len(taken) > 25
