"""The rule kind `packages`: what was installed where a model was made, or what a lock file pins."""

from aigf_dvc.canonical import Json
from aigf_dvc.policy.model import Demand, Kind
from aigf_dvc.policy.section import Section

NAME = "packages"
_TEXTS: dict[str, Json] = {
    "type": "array", "items": {"type": "string", "minLength": 1},
    "minItems": 1, "uniqueItems": True,
}  # fmt: skip


def _read(section: Section) -> Demand:
    # It compares versions, and few policies ask for that: every gate would pay for the import.
    from aigf_dvc.policy.required_packages import read_packages  # noqa: PLC0415

    return read_packages(section)


KIND = Kind(
    name=NAME,
    read=_read,
    schema={
        "from": {
            "description": "Which lists are judged: what observed runs could import, what lock "
            "files pin, or both where they are there.",
            "enum": ["run-record", "lock-file", "any"],
            "default": "any",
        },
        "allow": _TEXTS | {"description": "The packages that may be there: `numpy`, `numpy>=2`."},
        "deny": _TEXTS | {"description": "Those that may not: `evil`, `numpy<1.2`."},
        "minimum": {
            "description": "Packages that must be there, and their oldest allowed version.",
            "type": "object",
            "additionalProperties": {"type": "string", "minLength": 1},
            "minProperties": 1,
        },
        "lock_file": {
            "type": "boolean",
            "description": "A lock file pins the packages, and observed runs used what it pins.",
        },
        "advisories": {
            "description": "The path of an OSV export in the repository.",
            "type": "string",
            "minLength": 1,
        },
    },
)
