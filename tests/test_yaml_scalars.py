"""What a plain scalar means; `test_strict_yaml.py` holds the rules against DVC's own reader."""

import pytest

from aigf_dvc import yaml_scalars


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("true", yaml_scalars.BOOLEAN),
        ("yes", yaml_scalars.TEXT),
        ("~", yaml_scalars.NOTHING),
        ("", yaml_scalars.NOTHING),
        ("<<", yaml_scalars.MERGE),
        ("1e-05", yaml_scalars.FLOAT),
        (".nan", yaml_scalars.FLOAT),
        ("017", yaml_scalars.INTEGER),
        ("12:30:00", yaml_scalars.TEXT),
        ("d41d8cd98f00b204e9800998ecf8427e", yaml_scalars.TEXT),
    ],
)
def test_a_plain_scalar_has_the_tag_of_yaml_1_2(text: str, tag: str) -> None:
    assert [yaml_scalars.tag_of(text) for _ in range(2)] == [tag, tag]  # the second is remembered


@pytest.mark.parametrize(
    ("text", "value"),
    [("-12", -12), ("1_000", 1000), ("017", 17), ("0o17", 15), ("0b11", 3), ("-0x1F", -31)],
)
def test_an_integer_is_read_in_its_base(text: str, value: int) -> None:
    assert yaml_scalars.integer(text) == value


@pytest.mark.parametrize("text", ["0o8", "1" * 4001, "0x" + "f" * 4000])
def test_what_is_no_number_or_too_long_is_no_integer(text: str) -> None:
    with pytest.raises(ValueError, match=r"digits|invalid literal"):
        yaml_scalars.integer(text)


@pytest.mark.parametrize(
    ("text", "value"), [("1e-05", "1e-05"), ("1_0.5", "10.5"), ("-.INF", "-inf"), (".NaN", "nan")]
)
def test_a_number_with_a_fraction_is_read(text: str, value: str) -> None:
    assert repr(yaml_scalars.decimal(text)) == value
