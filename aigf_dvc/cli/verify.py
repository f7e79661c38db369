"""`aigf verify`: the last gate before a model is deployed."""

from typing import Any

import click

from aigf_dvc.cli.ages import age
from aigf_dvc.cli.deep_options import deep_options
from aigf_dvc.cli.digest_values import digests_given
from aigf_dvc.cli.grouped_help import GroupedCommand
from aigf_dvc.cli.image_options import judged_image_options
from aigf_dvc.cli.list_options import list_options
from aigf_dvc.cli.observer_options import observer_options
from aigf_dvc.cli.oms_options import oms_option
from aigf_dvc.cli.options import FILE, format_option
from aigf_dvc.cli.signature_only import signature_only_option
from aigf_dvc.cli.trust_options import trust_options
from aigf_dvc.cli.upstream_options import upstream_options
from aigf_dvc.cli.verify_asked import Asked
from aigf_dvc.cli.verify_headings import HEADINGS
from aigf_dvc.cli.vsa_options import vsa_options


@click.command(name="verify", cls=GroupedCommand, headings=HEADINGS)
@signature_only_option
@click.argument("artifact", type=FILE, required=False)
@click.option("--bundle", type=FILE, metavar="FILE", help="The attestation: a Sigstore bundle.")
@click.option(
    "--from",
    "store",
    metavar="STORE",
    help="Or look it up: `git`, `git:PATH`, a folder, `oci://HOST/REPO`, `s3://...`.",
)
@click.option("--key", type=FILE, metavar="FILE", help="The public key that must have signed.")
@click.option("--identity", metavar="ID", help="Or the identity that must have signed.")
@click.option("--issuer", metavar="URL", help="Who must vouch for the identity.")
@click.option(
    "--trusted-root", type=FILE, metavar="FILE",
    help="The Sigstore instance to trust (TrustedRoot or ClientTrustConfig JSON). With --key: the "
    "signature must stand in one of its transparency logs.",
)  # fmt: skip
@click.option(
    "--require-log", is_flag=True,
    help="That last, where --trusted-root also serves an --observer-identity.",
)  # fmt: skip
@click.option(
    "--certificate-authority", "signers", type=FILE, metavar="FILE",
    help="Or the PKI that issued the signer's certificate: PEM, roots and intermediates.",
)  # fmt: skip
@click.option(
    "--timestamp-authority", "times", type=FILE, metavar="FILE",
    help="Who must have stamped the signature (PEM); for certificates always, for keys on demand.",
)  # fmt: skip
@click.option("--policy", type=FILE, metavar="FILE", help="Judge the evidence again, under this.")
@click.option(
    "--policy-digest", "digests", callback=digests_given, multiple=True, metavar="sha256:HEX",
    help="Accept what passed this policy; repeatable.",
)  # fmt: skip
@click.option("--any-policy", is_flag=True, help="Do not check the policy, and say so.")
@click.option("--environment", default="production", show_default=True, metavar="ENV")
@click.option("--max-age", callback=age, metavar="AGE", help="Refuse older ones: 12h, 30d, 8w.")
@click.option(
    "--min-trust", type=click.Choice(["declared", "observed", "reproduced"]),
    help="The weakest lineage to accept; `declared` by default, `observed` with an observer.",
)  # fmt: skip
@oms_option
@observer_options
@trust_options
@click.option(
    "--upstream", type=click.Choice(["report", "require"]),
    help="Look up the attestations of imported data and base models; require: refuse without.",
)  # fmt: skip
@upstream_options
@deep_options
@vsa_options
@list_options
@click.option(
    "--materialize", type=FILE, metavar="DIR",
    help="Put a copy here when it is accepted: the very bytes that were verified. A new DIR.",
)  # fmt: skip
@judged_image_options
@format_option
def command(**given: Any) -> None:  # noqa: ANN401  # click passes options by name
    """Verify a model file or directory before it is deployed; offline.

    Exit code 0: accepted. 1: refused. 3: cannot decide. Everything but 0 is a no.

    \b
    Examples:
      aigf verify model.pkl --from git --trust ~/trust.yaml
      aigf verify model.pkl --from git --key release.pub --policy-digest sha256:4f1d...
      aigf verify model.pkl --bundle model.sigstore.json --key release.pub --policy deploy.yaml
      aigf verify model/ --bundle b.json --trusted-root root.json \\
          --identity https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main \\
          --issuer https://token.actions.githubusercontent.com --policy deploy.yaml --max-age 30d
      aigf verify model.pkl --bundle b.json --key release.pub --trusted-root root.json \\
          --policy deploy.yaml             signed by the key, and in the instance's log
      aigf verify model.pkl --bundle b.json --policy deploy.yaml --identity ml@corp.example \\
          --certificate-authority corp-ca.pem --timestamp-authority tsa.pem
      aigf verify model.pkl --from git --key release.pub --policy deploy.yaml \\
          --trust ~/trust.yaml             approved and waived by people whom you name
      aigf verify model.pkl --from git --trust ~/trust.yaml --revocations git \\
          --require-revocations --materialize /srv/models/fraud        what is deployed is that
      aigf verify model.pkl --from git --key release.pub --policy deploy.yaml \\
          --observer-key gpu-box.pub       every stage ran on the box, by its own signature
      aigf verify model.pkl --from git --key release.pub --policy deploy.yaml \\
          --upstream require --upstream-repo https://example.com/data.git=../data \\
          --upstream-key data-team.pub
      aigf verify model.pkl --from git --key release.pub --policy deploy.yaml \\
          --deep --repo ../fraud           and is what the attested commit says
      aigf verify model.pkl --from git --key release.pub --policy deploy.yaml \\
          --sign-vsa model.vsa.json --vsa-key judge.key --vsa-verifier-id https://judge.example/v1
      aigf verify --image registry.example.com/acme/scorer@sha256:77ab... \\
          --key release.pub --policy-digest sha256:4f1d...
      aigf verify --image registry.example.com/acme/scorer@sha256:77ab... \\
          --image-layout ./scorer --key release.pub --policy deploy.yaml      without a network
      aigf verify model/ --oms model.sig --key publisher.pub
                                       whose bytes these are, by OpenSSF Model Signing; no verdict
      aigf verify model.pkl --bundle model.pkl.sigstore.json --key release.pub --signature-only

    Without an accepted policy (--policy-digest, --policy or the trust file's) a model is refused.

    With the role `attest` in the trust file nothing else is needed: it says who may attest, by
    which policies and how many must (`aigf trust`). Options beside it may only tighten what it
    says.

    An attestation that rests on approvals, waivers or verdicts of others needs --trust FILE: each
    is verified again, and must be by somebody whom your file names and still be valid today.

    How far the lineage is trusted is the attester's word, unless you name who observes: then only
    stages whose run record one of them signed are observed.

    With --revocations, whatever was revoked is refused; with --releases, every version but the one
    that the environment should run. A list that is missing, stale or older than one seen before
    cannot decide: it is told, and with --require-revocations or --require-releases it ends with
    exit code 3. One that is gone from a place that had it always does (`aigf forget`).

    With --image the model is read out of the layers of a container image, and the attestations are
    those attached to it: the same signer must have signed that this model is in this image.

    With --deep the attested commit is read anew from --repo: its lineage manifest must be the same
    to the byte, and its edges, card, documents, policy, metrics and pinned packages the attested
    ones; run records must be of its runs. Nothing of it is run. Only a URL, and --data that is not
    in a cache, need the network.
    """
    asked = Asked(**given)
    refuse_contradictions(asked)
    # To load what a policy, a store, a trust file or an image needs takes several times as long
    # as to verify a signature.
    if asked.is_plain:
        from aigf_dvc.cli.verify_plainly import verify_plainly

        verify_plainly(asked)
    else:
        from aigf_dvc.cli.verify_fully import verify_fully

        verify_fully(asked)


def refuse_contradictions(asked: Asked) -> None:
    """Refuse options that do not go together.

    Raises:
        click.UsageError: nothing to verify, no place to look, or two of one kind.
    """
    if (asked.artifact is None) is not bool(asked.image):
        raise click.UsageError("Say what to verify: ARTIFACT, or --image REF@sha256:HEX.")
    if asked.bundle is not None and asked.store is not None:
        raise click.UsageError("--bundle or --from, not both.")
    if asked.image and asked.store is not None:
        raise click.UsageError("--from goes with ARTIFACT: an image has its attestations attached.")
    if asked.image and asked.materialize is not None:
        raise click.UsageError("--materialize goes with ARTIFACT, not with --image.")
    if not asked.image and asked.bundle is None and asked.store is None:
        raise click.UsageError("Say where the attestation is: --bundle FILE, or --from STORE.")
