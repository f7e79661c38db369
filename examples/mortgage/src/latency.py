"""Stage `latency`: how long one applicant waits for the model."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns

import numpy as np
import pandas as pd
from features import FEATURES, read_decisions, read_params

TEST = Path("data/prepared/test.csv")
MODEL = Path("models/mortgage.pkl")
METRICS = Path("metrics/latency.json")


def milliseconds(predict: Callable[[pd.DataFrame], object], applicant: pd.DataFrame) -> float:
    """Return the wall-clock time of one prediction."""
    start = perf_counter_ns()
    predict(applicant)
    return (perf_counter_ns() - start) / 1e6


def main() -> None:
    """Time single predictions after a warm-up, and write their percentiles."""
    params = read_params("latency")
    applicants = read_decisions(TEST)[[*FEATURES]]
    model = pickle.loads(MODEL.read_bytes())  # noqa: S301 (our own file, checked by DVC)
    total = params["warm_up"] + params["records"]
    times = [
        milliseconds(model.predict, applicants.iloc[[i % len(applicants)]]) for i in range(total)
    ]
    p50, p95 = np.percentile(times[params["warm_up"] :], [50, 95])
    metrics = {
        "p50_latency_ms": round(float(p50), 3),
        "p95_latency_ms": round(float(p95), 3),
        "records": params["records"],
    }
    METRICS.parent.mkdir(parents=True, exist_ok=True)
    METRICS.write_text(json.dumps(metrics, indent=2) + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main()
