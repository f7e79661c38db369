"""Which sections of a card are filled in, held against its template."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.evidence.card_markers import without_blocks
from aigf_dvc.evidence.card_problem import CardProblem
from aigf_dvc.evidence.card_template import CardTemplate, WantedSection, names_of, plain_title
from aigf_dvc.evidence.markdown_lines import read_lines
from aigf_dvc.evidence.markdown_sections import Section, read_sections
from aigf_dvc.evidence.model_card import read_body
from aigf_dvc.evidence.placeholders import is_nothing, is_unfinished, why_empty
from aigf_dvc.lazy_pattern import lazy_pattern

_MARK = lazy_pattern(r"[\s>|]*(?:(?:[-*+]|#{1,6}|[0-9]{1,9}[.)])\s+)?(?:\[[ xX]\]\s+)?")
_LONGEST_LABEL = 40
_RULE_CHARACTERS = frozenset("|-: \t=_*")  # of a table's second line, and of rules across the page


class SectionState(Struct, frozen=True, kw_only=True):
    """One section, and why it says nothing."""

    title: str
    line: int  # where it stands, or the first mark of unfinished work; 0: it is missing
    problem: str = ""  # empty: it is filled in
    is_unfinished: bool = False  # it holds a mark of unfinished work
    is_asked_for: bool = True  # by the template; False: the author's own
    is_optional: bool = False


def section_states(
    data: bytes, *, path: str, template: CardTemplate | None
) -> tuple[SectionState, ...]:
    """Return the state of each section that the template asks for, and of those beside it.

    Args:
        data: the bytes of a Markdown card.
        path: its name, for messages.
        template: what is asked for; None: only what is there is looked at.

    Raises:
        InputError: the card is too large, too long or not UTF-8.
    """
    body = read_body(data, path=path)
    text = without_blocks(body.text, first_line=body.first_line)
    found = read_sections(text, first_line=body.first_line)
    sections: dict[str, list[Section]] = {}
    for section in found:
        if section.level > 1:
            sections.setdefault(plain_title(section.title), []).append(section)
    wanted = template.sections if template else ()
    asked = tuple(_asked_for(want, sections) for want in wanted)
    known = frozenset(name for want in wanted for name in names_of(want.title))
    own = (section for name in sections if name not in known for section in sections[name])
    return (*asked, *(replace(_state(section), is_asked_for=False) for section in own))


def section_problems(
    data: bytes, *, path: str, template: CardTemplate | None
) -> Iterator[CardProblem]:
    """Yield a problem for each section that is missing, empty or unfinished.

    Of the author's own sections only marks of unfinished work are told: a heading may stand alone.
    """
    for state in section_states(data, path=path, template=template):
        left_out = state.is_optional and not state.line
        stands_alone = not state.is_asked_for and not state.is_unfinished
        if state.problem and not left_out and not stands_alone:
            may_go = state.is_optional or not state.is_asked_for
            yield CardProblem(
                where=f"{path}:{state.line}" if state.line else path,
                found=f"the section `{state.title}` {state.problem}",
                expected="the author's own words; comments do not count",
                remedy="write it, or delete it" if may_go else "write it",
            )
    body = read_body(data, path=path)
    left_open = read_lines(body.text, first_line=body.first_line).left_open
    if left_open is not None:
        yield CardProblem(
            where=f"{path}:{left_open.line}",
            found=f"{left_open.what} without an end, which swallows all below it",
            expected=f"`{left_open.end}` where it ends",
        )


def _asked_for(want: WantedSection, sections: Mapping[str, Iterable[Section]]) -> SectionState:
    """Return the state of the section of that name; of several, of one that is filled in."""
    states = [
        replace(_state(section, want.lines), title=want.title, is_optional=want.is_optional)
        for name in sorted(names_of(want.title) & sections.keys())
        for section in sections[name]
    ]
    missing = SectionState(
        title=want.title, line=0, problem="is missing", is_optional=want.is_optional
    )
    return next((state for state in states if not state.problem), (states or [missing])[0])


def _state(section: Section, template: frozenset[str] = frozenset()) -> SectionState:
    """Return the state of one section; each part of its text is looked at once."""
    is_answered, word, is_changed = False, "", False
    for line in section.lines:
        is_own = line.text.strip() not in template
        is_changed = is_changed or is_own
        for leaf in _leaves(line.text):
            if is_unfinished(leaf):
                return SectionState(
                    title=section.title,
                    line=line.number,
                    problem=why_empty(leaf),
                    is_unfinished=True,
                )
            is_answered = is_answered or (is_own and not is_nothing(leaf))
            word = word or (leaf if is_own else "")
    problem = "" if is_answered else why_empty(word)
    if section.lines and not is_changed:
        problem = "still says what the template says"
    return SectionState(title=section.title, line=section.line, problem=problem)


def _leaves(text: str) -> Iterator[str]:
    """Yield what a line of Markdown says: its cells, without bullets, and what follows a label."""
    if _RULE_CHARACTERS.issuperset(text):
        return
    for cell in text.split("|") if text.lstrip().startswith("|") else (text,):
        match = _MARK.match(cell)
        plain = cell[match.end() :] if match else cell
        yield plain
        label, colon, answer = plain.partition(":")
        if colon and len(label) <= _LONGEST_LABEL and answer.strip():
            yield answer.strip(" *_")
