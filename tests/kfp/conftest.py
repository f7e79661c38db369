"""KFP, running once for all tests of a process."""

from collections.abc import Iterator

import pytest

from tests.kfp.environment import Kfp


@pytest.fixture(scope="session")
def kfp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kfp]:
    with Kfp(tmp_path_factory.mktemp("kfp")) as running:
        yield running
