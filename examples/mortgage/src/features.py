"""What every stage agrees on: the columns of a decision, and how files are read."""

from pathlib import Path
from typing import Any

import pandas as pd
import yaml

LABEL = "approved"
GROUP = "afam"

NUMBERS = ("pirat", "hirat", "lvrat", "unemp")
CODES = ("chist", "mhist")  # 1 is the cleanest credit history; used as numbers all the same
YES_NO = ("phist", "selfemp", "condomin", "hschool", GROUP)

# Left out on purpose: `insurance` (mortgage insurance was refused) is another firm's decision about
# the same loan and gives the answer away; `single` is marital status, which a lender may not use.
# Nor may it use race: GROUP is an input only to show a bias and its repair. See MODEL_CARD.md.
FEATURES = (*NUMBERS, *CODES, *YES_NO)


def read_decisions(path: Path) -> pd.DataFrame:
    """Read a table of decisions, with every number exactly as it is written."""
    return pd.read_csv(path, float_precision="round_trip")


def read_params(stage: str) -> dict[str, Any]:  # Any: numbers and strings, as YAML has them
    """Return the section of `params.yaml` that belongs to one stage."""
    section: dict[str, Any] = yaml.safe_load(Path("params.yaml").read_text("utf-8"))[stage]
    return section
