"""`aigf hook pre-receive`: what git calls on a server before it accepts a push."""

import sys

import click

from aigf_dvc.cli.push_gate import judge_received


@click.command(name="pre-receive")
def command() -> None:
    """Judge what is pushed to this repository; called by git with the refs on standard input.

    The same judgement as `aigf hook pre-push`, where nobody can pass it by: `git push --no-verify`,
    `dvc exp push` and `gto` reach it too. What is protected, and the policy, are those of this
    repository's main branch (HEAD) before the push. One refused ref refuses the whole push; what
    cannot be judged is refused. The pusher sees why.

    A tag that promotes a model needs its attestation here before: `aigf push`, then push the tag.

    \b
    Example, as the file hooks/pre-receive of a bare repository (made executable):
      #!/bin/sh
      exec /opt/aigf/bin/python -I -m aigf_dvc hook pre-receive
    """
    sys.exit(judge_received())
