"""model_signing, the program of reference of OpenSSF Model Signing, in an environment of its own.

It comes from the package registry into the cache of `programs.py`, once for all test processes.
"""

import json
import subprocess
from pathlib import Path

from tests.driver import Driver
from tests.independent.own_python import own_python
from tests.independent.programs import HERE


def model_signing_python() -> Path:
    """Return the Python that can import it.

    Raises:
        ProgramUnavailable: it could not be installed.
    """
    return own_python("model_signing", HERE / "model-signing.txt")


class ModelSigning(Driver):
    """The running program."""

    def __init__(self, python: Path) -> None:
        script = HERE / "model_signing_driver.py"
        super().__init__(python, script, errors=subprocess.DEVNULL)

    def sign(self, model: Path, signature: Path, **how: object) -> None:
        """Sign a model; it must succeed."""
        error = self._ask(do="sign", model=model, signature=signature, **how)
        assert error is None, error

    def refusal(self, model: Path, signature: Path, **how: object) -> str | None:
        """Verify a model; return why it was refused, or None."""
        return self._ask(do="verify", model=model, signature=signature, **how)

    def _ask(self, **told: object) -> str | None:
        answer: dict[str, str | None] = json.loads(self.answer(**told))
        return answer["error"]
