"""Compares two demands of the kind `datasets`: fewer places and bytes, and a card, are stricter."""

from collections.abc import Mapping

from aigf_dvc.policy.strictness.change import Comparison, Setting, fields_of
from aigf_dvc.policy.strictness.values import allowed, denied, switched_on


def _values(demand: object) -> Mapping[str, object]:
    """Return the settings as a policy has them: what cards must say beside that they are there."""
    known = dict(fields_of(demand))
    cards = known.pop("cards")
    return known | {
        "data_card": cards is not None,
        "licenses": getattr(cards, "licenses", ()),
        "not_expired": getattr(cards, "not_expired", False),
    }


COMPARISON = Comparison(
    settings={
        "allow": Setting(key="allow", compare=allowed),
        "deny": Setting(key="deny", compare=denied),
        "allow_digests": Setting(key="allow_digests", compare=allowed),
        "deny_digests": Setting(key="deny_digests", compare=denied),
        "data_card": Setting(key="data_card", compare=switched_on),
        "licenses": Setting(key="licenses", compare=allowed),
        "not_expired": Setting(key="not_expired", compare=switched_on),
    },
    values=_values,
)
