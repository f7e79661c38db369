from aigf_dvc.evidence.markdown_sections import Section, read_sections


def titles(text: str) -> list[tuple[str, int, int]]:
    return [(found.title, found.level, found.line) for found in read_sections(text)]


def text_of(section: Section) -> list[str]:
    return [line.text for line in section.lines]


def test_headings_of_both_kinds_are_found_with_level_and_line() -> None:
    text = "# A\n\nB b\n===\nC\n---\n  ## D ##\n####### no\n#no\n    # no\n"
    assert titles(text) == [("A", 1, 1), ("B b", 1, 3), ("C", 2, 5), ("D", 2, 7)]


def test_a_rule_across_the_page_or_below_a_table_is_no_heading() -> None:
    assert titles("## A\ntext\n\n---\n| a |\n---\n- b\n---\n") == [("A", 2, 1)]


def test_headings_in_code_and_comments_are_none() -> None:
    assert titles("```\n# A\n```\n<!--\n# B\n-->\n<!-- # C -->\n# D\n") == [("D", 1, 8)]


def test_a_section_has_what_stands_below_its_subsections_but_not_below_its_peers() -> None:
    first, below, peer = read_sections("## A\n<!-- c -->\n\na\n### B\nb\n## C\nc\n")
    assert text_of(first) == ["a", "b"]
    assert text_of(below) == ["b"]
    assert text_of(peer) == ["c"]


def test_the_underlined_title_is_no_text_of_the_section_before() -> None:
    first, second = read_sections("## A\na\n\nTitle\n---\nb\n")
    assert (text_of(first), text_of(second)) == (["a"], ["b"])
