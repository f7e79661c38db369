"""Stage `prepare`: the raw decisions become a training and a test table."""

from pathlib import Path

import pandas as pd
from features import FEATURES, GROUP, LABEL, YES_NO, read_decisions, read_params
from sklearn.model_selection import train_test_split

RAW = Path("data/hmda.csv")
PREPARED = Path("data/prepared")


def clean(raw: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns the model may see, with yes/no as 1/0, and the decision as `approved`."""
    decisions = raw[[*FEATURES]].copy()
    for column in YES_NO:
        decisions[column] = raw[column].map({"no": 0, "yes": 1})
    decisions[LABEL] = raw["deny"].map({"no": 1, "yes": 0})
    return decisions


def main() -> None:
    """Write both tables; each has the same share of every group and decision."""
    params = read_params("prepare")
    decisions = clean(read_decisions(RAW))
    train, test = train_test_split(
        decisions,
        test_size=params["test_share"],
        random_state=params["seed"],
        stratify=decisions[[GROUP, LABEL]],
    )
    PREPARED.mkdir(parents=True, exist_ok=True)
    for name, table in (("train", train), ("test", test)):
        # The same line ends everywhere: DVC compares bytes.
        table.to_csv(PREPARED / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
