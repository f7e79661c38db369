"""The names of licences as a card gives them: one, a list, or `other` with a name of its own."""

OTHER = "other"


def license_names(value: object, own_name: object = None) -> tuple[str, ...]:
    """Return the licences that a card names; none when it says nothing that can be read.

    Args:
        value: the card's `license`.
        own_name: its `license_name`, which stands for `other`.

    See: https://huggingface.co/docs/hub/repositories-licenses
    """
    items = value if isinstance(value, list) else [value]
    names = [item.strip() for item in items if isinstance(item, str) and item.strip()]
    if len(names) < len(items):
        return ()
    own = own_name.strip() if isinstance(own_name, str) else ""
    return tuple(own if name.casefold() == OTHER and own else name for name in names)
