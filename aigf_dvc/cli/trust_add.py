"""`aigf trust add`: add somebody, or a key or identity of theirs, to a trust file."""

from datetime import date
from pathlib import Path

import click

from aigf_dvc.actions.trust_add import add_to_trust, key_entry, period_entry
from aigf_dvc.attestation.trust_edit import PEOPLE, SERVICES, NewSigner
from aigf_dvc.cli.authority_options import AuthorityOptions, authority_options
from aigf_dvc.cli.options import FILE, talk
from aigf_dvc.lazy_pattern import lazy_pattern

_DAY = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def _day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """Read a day such as 2026-12-24."""
    if value is None:
        return None
    try:
        if _DAY.match(value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # such as 2026-02-30
    raise click.BadParameter(f"{value!r} is not a day such as 2026-12-24.")


@click.command(name="add")
@click.argument("path", type=FILE, metavar="FILE")
@click.argument("name")
@click.option("--service", is_flag=True, help="NAME is a machine, not a person.")
@click.option("--key", type=FILE, metavar="FILE", help="A public key of theirs.")
@click.option("--identity", metavar="ID", help="Or an identity: as a certificate names it.")
@click.option(
    "--identity-pattern", metavar="PATTERN",
    help="Or a pattern of it: `*` stands for characters other than / and @.",
)  # fmt: skip
@click.option(
    "--certificate", metavar="ID", help="Or an identity that a certificate of your own PKI names."
)
@click.option("--issuer", metavar="URL", help="Who vouches for the identity.")
@click.option("--source-repository", metavar="URL", help="Only from this repository (or pattern).")
@click.option("--source-ref", metavar="REF", help="Only from this ref (or pattern).")
@click.option("--runner-environment", metavar="NAME", help="Only from such runners: github-hosted.")
@authority_options
@click.option(
    "--role", "roles", multiple=True, metavar="ROLE", help="What they may do; repeatable."
)
@click.option("--email", "emails", multiple=True, metavar="MAIL", help="How git knows a person.")
@click.option(
    "--environment", "environments", multiple=True, metavar="ENV",
    help="What they may attest for; all by default.",
)  # fmt: skip
@click.option("--valid-from", callback=_day, metavar="DAY", help="The first day of the key.")
@click.option("--valid-until", callback=_day, metavar="DAY", help="Its last day.")
def command(
    path: Path,
    name: str,
    service: bool,
    key: Path | None,
    identity: str | None,
    identity_pattern: str | None,
    certificate: str | None,
    issuer: str | None,
    source_repository: str | None,
    source_ref: str | None,
    runner_environment: str | None,
    authority: AuthorityOptions,
    roles: tuple[str, ...],
    emails: tuple[str, ...],
    environments: tuple[str, ...],
    valid_from: date | None,
    valid_until: date | None,
) -> None:
    """Add NAME to the trust file FILE, or a key, an identity or a role to a NAME that is there.

    With --certificate-authority or --timestamp-authority the --authority is added, too: pinned to
    the bytes of the PEM files, which stay where they are.

    Comments and order stay. The file is written only when it is valid afterwards; what it says
    in one line is left to you.

    Roles: attest, observe, reproduce and revoke are for people and services; waive, release and
    all names of your own are for people.

    \b
    Examples:
      aigf trust add trust.yaml release --service --key release.pub --role attest
      aigf trust add trust.yaml release --service --key release-2027.pub --valid-from 2027-01-01
      aigf trust add trust.yaml 'Dana Risk' --key dana.pub --email dana@corp.example --role waive
      aigf trust add trust.yaml 'Dana Risk' --role revoke         who is there: one role more
      aigf trust add trust.yaml ci --service --role attest \\
          --identity https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main \\
          --issuer https://token.actions.githubusercontent.com --runner-environment github-hosted
      aigf trust add trust.yaml release --service --role attest --certificate ml@corp.example \\
          --authority corp --certificate-authority corp-ca.pem --timestamp-authority tsa.pem
      aigf trust add trust.yaml box --service --key box.pub --role observe --authority corp
    """
    means = [one for one in (key, identity, identity_pattern, certificate) if one is not None]
    if len(means) > 1 or not (means or roles):
        raise click.UsageError(
            "Give one of --key, --identity, --identity-pattern and --certificate, or --role alone."
        )
    said = {
        "identity": identity,
        "identity_pattern": identity_pattern,
        "issuer": issuer,
        "source_repository": source_repository,
        "source_ref": source_ref,
        "runner_environment": runner_environment,
    }
    named = {field: value for field, value in said.items() if value is not None}
    if (identity or identity_pattern) and issuer is None:
        raise click.UsageError("An identity needs --issuer too: anyone can vouch for a name.")
    if named and (key is not None or certificate is not None):
        raise click.UsageError(
            "--issuer, --source-... and --runner-environment go with an identity."
        )
    if service and emails:
        raise click.UsageError("--email is for people: git knows no services.")
    authority.demand_sense(identity=bool(named), certificate=certificate is not None)
    period = period_entry(valid_from, valid_until)
    if not means and (named or period or authority.name is not None):
        raise click.UsageError("What else is said of a key or an identity goes with one.")
    vouched = {"authority": authority.name} if authority.name is not None else {}
    own_key = key_entry(key, valid_from=valid_from, valid_until=valid_until) if key else None
    new = NewSigner(
        name=name,
        group=SERVICES if service else PEOPLE,
        key={**own_key, **vouched} if own_key is not None else None,
        identity={**named, **period} if named else None,
        certificate={"identity": certificate, **vouched, **period} if certificate else None,
        authority=authority.new(path),
        emails=emails,
        environments=environments,
        roles=roles,
    )
    remarks = add_to_trust(path, new)
    talk(f"added {name} to {path}")
    for remark in remarks:
        talk(f"{remark.level}: {remark.where}: {remark.text}")
