"""A property that is made once."""

from aigf_dvc.once import once


class Asked:
    """Counts how often its value is made."""

    made = 0

    @once
    def value(self) -> int:
        """The value."""
        self.made += 1
        return self.made


def test_it_is_made_when_first_asked_for_and_kept() -> None:
    asked, another = Asked(), Asked()
    assert asked.made == 0
    assert [asked.value, asked.value, asked.made] == [1, 1, 1]
    assert [another.made, another.value] == [0, 1]


def test_it_is_told_about_as_a_property_is() -> None:
    assert Asked.value.__doc__ == "The value."
