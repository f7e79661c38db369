"""What happens before the command runs."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.playground import PACKAGE, TIMEOUT


def test_ctrl_c_while_we_load_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import time; print('loads', flush=True); time.sleep(60)\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "aigf_dvc", "check"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{PACKAGE}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"loads\n"
    time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=TIMEOUT)[1] == b""
    assert process.returncode == -signal.SIGINT


def test_at_the_end_of_a_command_nothing_is_looked_through_for_cycles() -> None:
    program = """
from aigf_dvc.cli.start import collect_seldom
class Cycle:
    def __init__(self):
        self.itself = self
    def __del__(self):
        print("looked through")
collect_seldom()
Cycle()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PACKAGE
    )
    assert done.stdout == ""
