"""Who is the same person in git: all the addresses that a mailmap says are one person's.

git itself maps an address to the proper one. A judge asks more: whoever may edit the mailmap must
not be able to hide behind it. So a line only ever adds addresses to those of an author.

See: https://git-scm.com/docs/gitmailmap
"""

from collections.abc import Iterable

from aigf_dvc.lazy_pattern import lazy_pattern

_ADDRESS = lazy_pattern(r"<([^<>\s]+)>")


def with_aliases(emails: Iterable[str], mailmap: str) -> tuple[str, ...]:
    """Return the addresses, and all that the mailmap ties to one of them; folded and sorted.

    Names in the mailmap are not looked at: two people who share an address are one author.
    """
    known = {folded(email) for email in emails}
    lines = [
        {folded(found) for found in _ADDRESS.findall(line.partition("#")[0])}
        for line in mailmap.splitlines()
    ]
    grown = True
    while grown:
        before = len(known)
        for line in lines:
            if line & known:
                known |= line
        grown = len(known) > before
    return tuple(sorted(known - {""}))


def folded(email: str) -> str:
    """Return an address as it is compared: nobody tells two people apart by capital letters."""
    return email.strip().casefold()
