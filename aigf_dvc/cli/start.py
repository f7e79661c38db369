"""Where the program starts: before anything else is imported."""

import atexit
import gc
import sys
from typing import NoReturn

# A command lives for a moment and makes hardly a cycle. Python's own 700 would cost it a sixth of
# its time on a large pipeline, and part of its start-up, to free less than a mebibyte.
_OBJECTS_PER_COLLECTION = 100_000


def collect_seldom() -> None:
    """Let Python look for cycles less often, as every command does, and not at its end."""
    gc.set_threshold(_OBJECTS_PER_COLLECTION)
    # The memory goes back anyway. To look through all modules for cycles once more would take a
    # sixth of a small verification.
    atexit.register(gc.freeze)


def main() -> NoReturn:
    """Run the command `aigf`."""
    collect_seldom()
    if sys.argv[1:3] == ["hook", "pre-push"] and not any(a.startswith("-") for a in sys.argv[3:]):
        from aigf_dvc.cli.push_gate import main as push_gate

        push_gate(sys.argv[3:])
    if sys.argv[1:] == ["hook", "pre-receive"]:
        from aigf_dvc.cli.push_gate import main_received

        main_received()
    import signal

    interrupted = signal.getsignal(signal.SIGINT)
    if interrupted is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # while we load, there is nothing to tell
    from aigf_dvc.cli.main import main as run

    signal.signal(signal.SIGINT, interrupted)
    run()
