"""Under which headings `aigf verify --help` lists its options: the most used first."""

HEADINGS = {
    "Which attestation": ("--bundle", "--from"),
    "Who must have signed": (
        "--trust", "--key", "--identity", "--issuer", "--trusted-root", "--require-log",
        "--certificate-authority", "--timestamp-authority",
    ),
    "Which policy": ("--policy", "--policy-digest", "--any-policy"),
    "What else is demanded": ("--environment", "--max-age", "--min-trust", "--signature-only"),
    "What comes of it": ("--format", "--materialize"),
    "Approvals, and who saw the stages run": (
        "--approvals", "--observer-key", "--observer-identity", "--observer-issuer",
    ),
    "Revocations and releases": (
        "--revocations", "--revocation-key", "--require-revocations", "--override-revocation",
        "--releases", "--release-key", "--require-releases", "--override-release", "--state",
    ),
    "Container images": ("--image", "--image-layout", "--platform", "--image-model"),
    "The lineage, walked again": ("--deep", "--repo", "--data", "--remote"),
    "What came from elsewhere": ("--upstream", "--upstream-repo", "--upstream-key"),
    "OpenSSF Model Signing": ("--oms",),
    "A summary that you sign": (
        "--sign-vsa", "--vsa-verifier-id", "--vsa-key", "--vsa-certificate",
        "--vsa-timestamp-url", "--vsa-keyless", "--vsa-trust-config", "--vsa-identity-token",
        "--vsa-yes-publish", "--vsa-resource-uri", "--vsa-policy-uri",
    ),
}  # fmt: skip
