"""Stage `train`: a logistic regression that learns what the lenders decided."""

import pickle
from pathlib import Path

import pandas as pd
from features import FEATURES, GROUP, LABEL, read_decisions, read_params
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier

TRAIN = Path("data/prepared/train.csv")
MODEL = Path("models/mortgage.pkl")


def reweighing(decisions: pd.DataFrame) -> pd.Series:
    """Return one weight per row that makes group and decision independent.

    The weight is P(group) * P(decision) / P(group, decision): above 1 for rows that are rarer than
    they would be if group and decision had nothing to do with each other.

    Source: F. Kamiran and T. Calders, Data preprocessing techniques for classification without
    discrimination, Knowledge and Information Systems 33 (2012), "Reweighing".
    https://doi.org/10.1007/s10115-011-0463-8
    """
    of_group = decisions.groupby(GROUP)[LABEL].transform("size")
    of_label = decisions.groupby(LABEL)[LABEL].transform("size")
    of_both = decisions.groupby([GROUP, LABEL])[LABEL].transform("size")
    return of_group * of_label / (of_both * len(decisions))


def no_weights(decisions: pd.DataFrame) -> pd.Series:
    """Return the weight 1 for every row."""
    return pd.Series(1.0, index=decisions.index)


MITIGATIONS = {"none": no_weights, "reweighing": reweighing}


def main() -> None:
    """Fit on the training table and write the model, threshold included."""
    params = read_params("train")
    if params["mitigation"] not in MITIGATIONS:
        raise SystemExit(
            f"params.yaml: train.mitigation is {params['mitigation']!r}, "
            f"expected one of {', '.join(MITIGATIONS)}"
        )
    decisions = read_decisions(TRAIN)
    weights = MITIGATIONS[params["mitigation"]](decisions)
    inputs, labels = decisions[[*FEATURES]], decisions[LABEL]

    approval = LogisticRegression(C=params["C"], solver="newton-cholesky")
    approval.fit(inputs, labels, sample_weight=weights)
    # Processors differ in the last digits; without those, each of them makes the same file.
    approval.coef_ = approval.coef_.round(6)
    approval.intercept_ = approval.intercept_.round(6)

    # The threshold is part of the decision, so it is part of the file that is deployed.
    model = FixedThresholdClassifier(FrozenEstimator(approval), threshold=params["threshold"])
    model.fit(inputs, labels)

    MODEL.parent.mkdir(parents=True, exist_ok=True)
    # A fixed protocol: the same run gives the same bytes, and so the same digest.
    MODEL.write_bytes(pickle.dumps(model, protocol=5))


if __name__ == "__main__":
    main()
