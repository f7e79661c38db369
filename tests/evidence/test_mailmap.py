from aigf_dvc.evidence.mailmap import folded, with_aliases

MAILMAP = """\
# Ann <ann@corp> is a comment, and says nothing
Ann <ann@corp> <ann@home>
Ann <ann@home> Nick <ANN@phone>
Bob <bob@corp>   # <mallory@evil>
"""


def test_every_address_that_lines_tie_together_is_one_persons() -> None:
    whole = ("ann@corp", "ann@home", "ann@phone")
    for one in whole:
        assert with_aliases([one.upper()], MAILMAP) == whole


def test_a_mailmap_cannot_take_an_address_away() -> None:
    assert with_aliases(["ann@corp"], "Bob <bob@corp> <ann@corp>") == ("ann@corp", "bob@corp")


def test_who_is_not_in_the_mailmap_stays_alone_and_comments_tie_nobody() -> None:
    assert with_aliases(["Eve@X ", ""], MAILMAP) == ("eve@x",)
    assert with_aliases(["bob@corp"], MAILMAP) == ("bob@corp",)
    assert folded(" Ann@Corp ") == "ann@corp"
