"""DVC's options for arguments are read from its INI file, and only from there."""

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.template_arguments import ParsingOptions, read_parsing_options

APPEND = ParsingOptions(repeat_lists=True)
BOTH = ParsingOptions(repeat_lists=True, false_as_no=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ParsingOptions()),
        ("[core]\n    list = append\n", ParsingOptions()),
        ("[parsing]\n    bool = store_true\n    list = nargs\n", ParsingOptions()),
        ("[parsing]\n# a remark\n\n    list = append  # why\n[core]\n  x = 1\n", APPEND),
        ("['remote \"parsing\"']\n  url = x\n[ 'Parsing' ]\nLIST = \"Append\"\n", APPEND),
        ("[parsing]\r\nbool = boolean_optional\r\nlist = append\r\n", BOTH),
        ("[parsing]\nlist = append\n[[parsing]]\nx = 1\n", APPEND),
        ("[" * 100_000, ParsingOptions()),
    ],
)
def test_the_section_parsing_is_read(text: str, expected: ParsingOptions) -> None:
    assert read_parsing_options(text.encode()) == expected


@pytest.mark.parametrize("line", ["bool = maybe", "list = a, b", "surprise = 1", "list", "\udcff"])
def test_an_option_that_dvc_does_not_know_is_refused(line: str) -> None:
    data = f"[parsing]\n{line}\n".encode(errors="surrogateescape")
    with pytest.raises(UndecidedError, match=r"\[parsing\]") as error:
        read_parsing_options(data)
    assert error.value.where == ".dvc/config"
