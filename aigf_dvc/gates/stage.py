"""The gate inside a pipeline: the stage `governance`, whose command is `aigf check`."""

from collections.abc import Mapping


def in_experiment(environment: Mapping[str, str]) -> bool:
    """Tell whether DVC runs this as a stage of an experiment, which must not be lost by a no.

    Source: `dvc exp run` sets DVC_EXP_NAME for its stages, and `dvc repro` does not.
    """
    return bool(environment.get("DVC_STAGE")) and bool(environment.get("DVC_EXP_NAME"))


def in_stage(environment: Mapping[str, str]) -> bool:
    """Tell whether DVC runs this as a stage, which judges the files that the stages just made."""
    return bool(environment.get("DVC_STAGE"))
