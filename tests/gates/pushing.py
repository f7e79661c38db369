"""A project with the hook and a remote to push to, and how its model gets worse."""

import shlex
import subprocess
import sys
from dataclasses import dataclass

from aigf_dvc.digests import md5
from tests.playground import METRICS, Playground, run

FAIR, UNFAIR = '"fairness_score": 0.9', '"fairness_score": 0.1'


@dataclass(frozen=True)
class Pushing:
    """A project with a remote, and the hook in place."""

    place: Playground

    def push(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        outcome = run(["git", "push", *arguments], self.place.root, check=False)
        assert "Traceback" not in outcome.stderr
        return outcome

    def remote_id(self, ref: str = "main") -> str:
        return self.place.git("ls-remote", "origin", ref).partition("\t")[0]


def install_hook(place: Playground) -> None:
    hook = place.root / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m aigf_dvc hook pre-push "$@"\n'
    )
    hook.chmod(0o755)


def spoil(place: Playground) -> None:
    """Make the model unfair, honestly recorded: only the policy can object."""
    before = place.read(METRICS)
    place.replace("src/evaluate.sh", FAIR, UNFAIR)
    place.replace(METRICS, FAIR, UNFAIR)
    _record(place, METRICS, before)
    place.commit("unfair")


def _record(place: Playground, path: str, before: str) -> None:
    place.replace("dvc.lock", md5(before.encode()), md5(place.read(path).encode()))
    old = 'echo \'{"fairness_score": 0.9, "p95_latency_ms": 12.5}\' > metrics.json\n'
    place.replace("dvc.lock", md5(old.encode()), md5(place.read("src/evaluate.sh").encode()))
