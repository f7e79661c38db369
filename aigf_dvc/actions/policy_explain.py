"""Explain the kinds of rule, from the pages that travel with the package."""

from aigf_dvc import shipped
from aigf_dvc.close_names import close_names
from aigf_dvc.errors import InputError
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.report.help_page import HelpPage, read_help_page

FOLDER = "policies"
COMMON = ("policy", "rule")  # the pages about what every policy and every rule has


def page_names() -> tuple[str, ...]:
    """Return what there is a page about: each kind of rule, and what they have in common."""
    return (*KINDS, *COMMON)


def page_markdown(name: str) -> str:
    """Return a page as it was written.

    Raises:
        InputError: there is no such page; the hint has a near name.
    """
    names = page_names()
    if name not in names:
        near = close_names(name, names)
        raise InputError(
            f"no kind of rule named {name!r}",
            expected=f"one of {', '.join(names)}",
            hint=f"did you mean `{near[0]}`?" if near else "`aigf policy explain` lists them",
        )
    return shipped.text(FOLDER, f"kinds/{name}.md")


def page(name: str) -> HelpPage:
    """Return a page, taken apart.

    Raises:
        InputError: there is no such page.
    """
    return read_help_page(page_markdown(name))


def purposes() -> dict[str, str]:
    """Return what each page is about, in one sentence."""
    return {name: page(name).purpose for name in page_names()}
