"""`aigf instance fetch`: get the trust material of a Sigstore instance of one's own."""

from pathlib import Path

import click

from aigf_dvc.cli.options import FILE, talk, writable


@click.group(name="instance")
def command() -> None:
    """Get the trust material of a Sigstore instance of your own."""


@command.command(name="fetch")
@click.option("--tuf-url", required=True, metavar="URL", help="The instance's TUF repository.")
@click.option(
    "--tuf-root", type=FILE, metavar="FILE",
    help="Its root.json to begin with; needed the first time on this machine.",
)  # fmt: skip
@click.option(
    "--output", type=FILE, required=True, callback=writable, metavar="FILE", help="Write it here."
)
def fetch(tuf_url: str, tuf_root: Path | None, output: Path) -> None:
    """Fetch whom an instance trusts and where it signs, by The Update Framework (TUF).

    The file serves as --trust-config where you sign and as --trusted-root where you verify, which
    then needs no network. Fetch it again when the instance changes its keys.

    root.json comes from those who run the instance, by a way that you trust: who takes the first
    one from the network trusts whoever answers.

    \b
    Examples:
      aigf instance fetch --tuf-url https://tuf.corp.example --tuf-root root.json \\
          --output corp-sigstore.json
      aigf verify model.pkl --from git --trusted-root corp-sigstore.json --any-policy \\
          --identity ml@corp.example --issuer https://login.corp.example
    """
    from aigf_dvc.actions.instance_fetch import fetch_instance  # loads sigstore

    fetch_instance(tuf_url, root=tuf_root, output=output)
    talk(f"wrote {output}")
