"""The steps as KFP sees them: it takes these functions, as they stand, into the pipeline.

All else is in the image, so a step does what its image does, by digest.
"""

from kfp import dsl


def aigf_check(
    verdict: dsl.Output[dsl.Artifact],
    repository: dsl.Input[dsl.Artifact] = None,
    repository_path: str = "",
    model: str = "",
    revision: str = "HEAD",
    at: str = "push",
    environment: str = "",
    base: str = "",
    policy: str = "",
    trust: str = "",
    approvals: str = "",
    run: str = "",
) -> None:
    """Hold models of a commit against the policy; fail unless all pass.

    Args:
        verdict: What was found, as `aigf check --format json` tells it.
        repository: A checkout with its git history.
        repository_path: Or where one is mounted.
        model: A model of aigf.yaml; all by default.
        revision: The commit.
        at: The gate that asks, push, attest or deploy.
        environment: What it is for; by default what aigf.yaml says.
        base: Judge by the policy and aigf.yaml of this commit, which a change cannot switch off.
        policy: Where another policy than the project's is mounted.
        trust: Where your trust file is mounted.
        approvals: Where more approvals and waivers are, a file of bundles or a store.
        run: Which run of the pipeline asked.
    """
    from aigf_dvc.kfp.check_step import check_step
    from aigf_dvc.kfp.step import step

    with step():
        told = check_step(
            repository.path if repository else repository_path,
            verdict.path,
            model=model,
            options={
                "--rev": revision,
                "--at": at,
                "--environment": environment,
                "--base": base,
                "--policy": policy,
                "--trust": trust,
                "--approvals": approvals,
            },
        )
    verdict.metadata.update(told, run=run)


def aigf_verify(
    model: dsl.Input[dsl.Artifact],
    governed: dsl.Output[dsl.Model],
    verdict: dsl.Output[dsl.Artifact],
    bundle: dsl.Input[dsl.Artifact] = None,
    bundle_path: str = "",
    store: str = "",
    trust: str = "",
    key: str = "",
    identity: str = "",
    issuer: str = "",
    trusted_root: str = "",
    policy: str = "",
    policy_digest: str = "",
    environment: str = "production",
    max_age: str = "",
    min_trust: str = "",
    approvals: str = "",
    revocations: str = "",
    revocation_key: str = "",
    releases: str = "",
    release_key: str = "",
    state: str = "",
    run: str = "",
) -> None:
    """Verify a model before it is deployed; fail unless it is accepted.

    Args:
        model: The model, a file or a directory.
        governed: The very bytes that were verified; there is none unless they are accepted.
        verdict: What was found, as `aigf verify --format json` tells it.
        bundle: The attestation.
        bundle_path: Or where it is mounted.
        store: Or where to look it up, such as oci://HOST/REPO or s3://BUCKET.
        trust: Where your trust file is mounted.
        key: Where the public key is mounted that must have signed.
        identity: Or the identity that must have signed.
        issuer: Who must vouch for the identity.
        trusted_root: Where the material of the Sigstore instance is mounted.
        policy: Where your policy is mounted, to judge the evidence again.
        policy_digest: Or the policy that it must have passed, sha256:HEX.
        environment: What it is to be deployed to.
        max_age: Refuse attestations that are older, such as 30d.
        min_trust: The weakest lineage to accept, declared, observed or reproduced.
        approvals: Where more approvals and waivers are, a file of bundles or a store.
        revocations: Where a list of what was revoked must be, a file or a store.
        revocation_key: Where the public key is mounted that may sign it, beside the trust file's.
        releases: Where the index must be of which version should run, a file or a store.
        release_key: Where the public key is mounted that may sign it, beside the trust file's.
        state: Where the highest numbers of both are kept, on a volume that lasts.
        run: Which run of the pipeline asked.
    """
    from aigf_dvc.kfp.step import step
    from aigf_dvc.kfp.verify_step import verify_step

    with step():
        told = verify_step(
            model.path,
            governed.path,
            verdict.path,
            options={
                "--bundle": bundle.path if bundle else bundle_path,
                "--from": store,
                "--trust": trust,
                "--key": key,
                "--identity": identity,
                "--issuer": issuer,
                "--trusted-root": trusted_root,
                "--policy": policy,
                "--policy-digest": policy_digest,
                "--environment": environment,
                "--max-age": max_age,
                "--min-trust": min_trust,
                "--approvals": approvals,
                "--revocations": revocations,
                "--revocation-key": revocation_key,
                "--releases": releases,
                "--release-key": release_key,
                "--state": state,
            },
        )
    verdict.metadata.update(told, run=run)
    governed.metadata.update({**model.metadata, **told, "run": run})
