"""Stage `evaluate`: how right the model is, and how evenly it approves."""

import json
import pickle
from pathlib import Path

from fairlearn.metrics import (
    MetricFrame,
    count,
    demographic_parity_ratio,
    equal_opportunity_ratio,
    selection_rate,
)
from features import FEATURES, GROUP, LABEL, read_decisions
from sklearn.metrics import accuracy_score, roc_auc_score

TEST = Path("data/prepared/test.csv")
MODEL = Path("models/mortgage.pkl")
METRICS = Path("metrics/evaluation.json")

GROUP_NAMES = {0: "white", 1: "african_american"}


def main() -> None:
    """Write the metrics of the test table."""
    decisions = read_decisions(TEST)
    model = pickle.loads(MODEL.read_bytes())  # noqa: S301 (our own file, checked by DVC)
    labels, group = decisions[LABEL], decisions[GROUP]
    approved = model.predict(decisions[[*FEATURES]])
    likelihood = model.predict_proba(decisions[[*FEATURES]])[:, 1]

    by_group = MetricFrame(
        metrics={"applicants": count, "approval_rate": selection_rate, "accuracy": accuracy_score},
        y_true=labels,
        y_pred=approved,
        sensitive_features=group,
    ).by_group
    metrics = {
        "accuracy": round(accuracy_score(labels, approved), 6),
        "accuracy_of_approving_all": round(float(labels.mean()), 6),
        "roc_auc": round(roc_auc_score(labels, likelihood), 6),
        # Lowest approval rate of a group over the highest: 1 is even.
        "fairness_score": round(
            demographic_parity_ratio(labels, approved, sensitive_features=group), 6
        ),
        # The same, among the applicants whom the lenders approved.
        "equal_opportunity_ratio": round(
            equal_opportunity_ratio(labels, approved, sensitive_features=group), 6
        ),
        "groups": {
            name: {
                "applicants": int(by_group.loc[code, "applicants"]),
                "approved": int(approved[group == code].sum()),
                "approval_rate": round(by_group.loc[code, "approval_rate"], 6),
                "accuracy": round(by_group.loc[code, "accuracy"], 6),
            }
            for code, name in GROUP_NAMES.items()
        },
        # The counts behind the approval rates: a policy can ask whether they are enough to tell.
        "approvals_by_group": {
            name: {
                "positives": int(approved[group == code].sum()),
                "samples": int(by_group.loc[code, "applicants"]),
            }
            for code, name in GROUP_NAMES.items()
        },
    }
    METRICS.parent.mkdir(parents=True, exist_ok=True)
    METRICS.write_text(json.dumps(metrics, indent=2) + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main()
