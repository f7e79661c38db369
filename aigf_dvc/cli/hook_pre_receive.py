"""`aigf hook pre-receive`: what git calls on a server before it accepts a push."""

import sys
from pathlib import Path

import click

from aigf_dvc.cli.options import FILE
from aigf_dvc.cli.push_gate import judge_received
from aigf_dvc.clock import now


@click.command(name="pre-receive")
@click.option(
    "--trust", type=FILE, metavar="FILE",
    help="Your trust file: who must have attested what a tag promotes.",
)  # fmt: skip
def command(trust: Path | None) -> None:
    """Judge what is pushed to this repository; called by git with the refs on standard input.

    The same judgement as `aigf hook pre-push`, where nobody can pass it by: `git push --no-verify`,
    `dvc exp push` and `gto` reach it too. What is protected, and the policy, are those of this
    repository's main branch (HEAD) before the push. One refused ref refuses the whole push; what
    cannot be judged is refused. The pusher sees why.

    A tag that promotes a model needs its attestation here before: `aigf push`, then push the tag.
    With --trust it must be signed by those whom that file lets attest, and by as many as it
    demands; without it nobody looks at the signature, and that is said.

    \b
    Example, as the file hooks/pre-receive of a bare repository (made executable):
      #!/bin/sh
      exec /opt/aigf/bin/python -I -m aigf_dvc hook pre-receive --trust /etc/aigf/trust.yaml
    """
    if trust is None:
        sys.exit(judge_received())
    from aigf_dvc.actions.promotion_attesters import open_attesters

    sys.exit(judge_received(open_attesters(trust, now())))
