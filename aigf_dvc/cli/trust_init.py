"""`aigf trust init`: start a trust file."""

from pathlib import Path

import click

from aigf_dvc.actions.trust_init import start_trust
from aigf_dvc.cli.digest_values import digests_given
from aigf_dvc.cli.options import FILE, talk
from aigf_dvc.clock import now
from aigf_dvc.digests import Sha256


@click.command(name="init")
@click.argument("path", type=FILE, required=False, default=Path("trust.yaml"), metavar="[FILE]")
@click.option("--id", "name", metavar="NAME", help="What you call it; by default after the file.")
@click.option(
    "--policy-digest", "policies", callback=digests_given, multiple=True, metavar="sha256:HEX",
    help="A policy that you accept, by the digest of its file; repeatable.",
)  # fmt: skip
@click.option(
    "--inside-repository", is_flag=True,
    help="Write it even into a governed repository, whose writers could then change it.",
)  # fmt: skip
def command(
    path: Path, name: str | None, policies: tuple[Sha256, ...], inside_repository: bool
) -> None:
    """Write a small trust file with comments to FILE (trust.yaml), for you to fill.

    It trusts nobody yet, and expires in a year. Nothing is overwritten. Keep it where you judge:
    whoever may push to a repository must not choose who judges it.

    Without a --policy-digest here (or `policies:` in the file), each `aigf verify` must name one.

    \b
    Examples:
      aigf trust init ~/trust.yaml --policy-digest sha256:4f1d...      `sha256sum policy.yaml`
      aigf trust init deploy/trust.yaml --id acme-production
    """
    start_trust(
        path, name=name or path.stem, today=now().date(), policies=policies,
        inside=inside_repository,
    )  # fmt: skip
    talk(
        f"wrote {path}; `aigf trust add {path} NAME --key PUB --role attest` names the first signer"
    )
