"""A pipeline of Kubeflow that deploys a model only when it is governed.

`python pipeline.py` writes pipeline.yaml; it needs aigf-dvc[kfp] and kfp-kubernetes.
"""

from kfp import compiler, dsl, kubernetes

from aigf_dvc.kfp.tasks import check, verify

# Has aigf-dvc[kfp] and git: docs/kubeflow.md. Pinned: what judges is what you have looked at.
GATES = (
    "registry.example.com/acme/gates"
    "@sha256:5f1d0c7a3b9e4826d7c0b1a2f3e4d5c6b7a8990112233445566778899aabbccd"
)
DEPLOYER = "registry.example.com/acme/deployer:1.0"  # has kfp, and what your deployment needs


@dsl.component(base_image=DEPLOYER, install_kfp_package=False)
def deploy(model: dsl.Input[dsl.Model]) -> None:
    """Put your own deployment here."""
    print(f"deploying {model.path}, attested as {model.metadata['statementDigest']}")


@dsl.pipeline(name="deploy-scorer")
def deploy_scorer(commit: str, model: str, bundle: str) -> None:
    """Deploy a model that an earlier pipeline trained and attested."""
    trained = dsl.importer(artifact_uri=model, artifact_class=dsl.Model, reimport=True)
    attestation = dsl.importer(artifact_uri=bundle, artifact_class=dsl.Artifact, reimport=True)

    checked = check(image=GATES, repository="/project", revision=commit, model="scorer")
    kubernetes.mount_pvc(checked, pvc_name="project", mount_path="/project")

    verified = verify(
        image=GATES,
        model=trained.output,
        bundle=attestation.output,
        trust="/etc/aigf/trust.yaml",
    ).after(checked)
    kubernetes.use_config_map_as_volume(
        verified, config_map_name="aigf-trust", mount_path="/etc/aigf"
    )

    # Nothing is deployed by remembering that it was.
    deploy(model=verified.outputs["governed"]).set_caching_options(False)


if __name__ == "__main__":
    compiler.Compiler().compile(deploy_scorer, "pipeline.yaml")
