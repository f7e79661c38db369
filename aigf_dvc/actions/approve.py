"""Approve a model, waive a rule for it, or sign a document: prepare what a person then signs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

from msgspec import Struct

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.signed_runs import find_signed_here
from aigf_dvc.attestation.approval_statement import Decision, ModelTerms, Said, approval_statement
from aigf_dvc.attestation.trust import WAIVE
from aigf_dvc.attestation.trust_reading import is_role
from aigf_dvc.capture.asked_evidence import with_asked
from aigf_dvc.capture.attested_model import ModelData, hash_model, model_files, refuse_dirty
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.deployment import AttestedTree, read_attested_tree
from aigf_dvc.capture.model_evidence import gather
from aigf_dvc.capture.policy import folder_policy
from aigf_dvc.capture.policy_metrics import with_policy_metrics
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.reproductions import trust_under
from aigf_dvc.capture.run_records import CountedRecords
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.rules.approvals import RequiredApprovals
from aigf_dvc.policy.rules.document import RequiredDocument
from aigf_dvc.policy.verdict import Gate, Verdict
from aigf_dvc.redaction import refuse_secrets
from aigf_dvc.settings import ModelSettings
from aigf_dvc.signing.signature import Signer
from aigf_dvc.stores.layout import BUNDLE, Stored


class Request(Struct, frozen=True, kw_only=True):
    """What somebody wants to sign."""

    project: Project
    at: datetime  # UTC, whole seconds
    reason: str
    role: str = ""  # empty: a waiver, signed as one who may waive
    model: str | None = None  # None: the only one
    document: str | None = None  # its path, to sign a document instead
    rules: tuple[str, ...] = ()  # to waive; empty: an approval
    until: date | None = None  # the last day on which it counts
    revision: str | None = None  # None: HEAD, and the working tree must be the same
    environment: str | None = None  # None: the one that aigf.yaml names
    policy: Path | None = None  # None: the one that aigf.yaml names
    progress: Progress | None = None


class Prepared(Struct, frozen=True, kw_only=True):
    """What is about to be signed, and what its signer should see first."""

    said: Said
    payload: bytes
    key: Sha256  # under which a store keeps it
    commit: str
    policy: Policy | None = None  # None: a document
    verdict: Verdict | None = None  # what the policy says today, without any consent


def prepare(request: Request) -> Prepared:
    """Read the commit and the model's bytes, and return the statement to sign.

    Raises:
        RefusedError: the working tree is not the commit, or the model's bytes are others.
        InputError: no such model, document, rule or role, or a waiver that could never count.
        UndecidedError: something cannot be read.
    """
    _demand_words(request)
    with GitObjects(request.project.repository) as objects:
        revision = request.revision or "HEAD"
        tree = read_attested_tree(request.project, objects, revision=revision)
        if request.revision is None:
            refuse_dirty(request.project, objects)
        prepared = _model(request, tree) if request.document is None else _document(request, tree)
    refuse_secrets(prepared.payload.decode(), where="what is to be signed")
    return prepared


def roles_asked(policy: Policy) -> tuple[str, ...]:
    """Return the roles in which the rules of a policy want people to sign."""
    demands = [rule.demand for rule in policy.rules]
    named = [demand.role for demand in demands if isinstance(demand, RequiredApprovals)]
    named += [d.signed_by_role for d in demands if isinstance(d, RequiredDocument)]
    return tuple(dict.fromkeys(filter(None, named)))


def sign(prepared: Prepared, signer: Signer) -> Stored:
    """Sign what was prepared, and return the bundle as a store keeps it."""
    return Stored(model=prepared.key, ending=BUNDLE, data=signer(prepared.payload))


def _demand_words(request: Request) -> None:
    if not request.reason.strip():
        raise InputError("no reason", where="--reason", expected="why, in a sentence")
    if not is_role(_role(request)):
        raise InputError(
            f"the role {request.role!r:.100}", where="--role",
            expected="lower-case letters, digits, _ and -, such as model-validator",
        )  # fmt: skip
    if request.until is not None and request.until < request.at.date():
        raise InputError(f"{request.until} is over", where="--until", expected="a day to come")


def _role(request: Request) -> str:
    return request.role or (WAIVE if request.rules else "")


def _said(
    request: Request, decision: Decision, files: tuple[ModelFile, ...], terms: ModelTerms | None
) -> Said:
    last = request.until
    return Said(
        decision=decision,
        role=_role(request),
        files=files,
        reason=request.reason.strip(),
        issued=request.at,
        expires=datetime.combine(last, time(23, 59, 59), UTC) if last is not None else None,
        terms=terms,
        rules=request.rules,
    )


def _document(request: Request, tree: AttestedTree) -> Prepared:
    path = request.document or ""
    data = tree.snapshot.read(path)
    if data is None:
        raise InputError(
            "not in the commit", where=path, expected="a document that is committed, by its path "
            "from the project's folder",
        )  # fmt: skip
    digest = sha256(data)
    said = _said(request, Decision.SIGN, (ModelFile(name=path, sha256=digest),), None)
    return Prepared(said=said, payload=approval_statement(said), key=digest, commit=tree.commit)


def _model(request: Request, tree: AttestedTree) -> Prepared:
    model = _chosen(request, tree)
    policy = tree.policy
    if request.policy is not None:
        policy = folder_policy(read_file(request.policy), request.policy)
    for problem in _never_counts(request, policy):
        raise problem
    environment = request.environment or tree.settings.environment
    hashed = hash_model(tree, model, progress=request.progress)
    files = model_files(model, hashed)
    comparison = Consistency(tree.snapshot, tree.pipeline, ModelData(model.path, hashed))
    evidence = _evidence(request, model, comparison, policy)
    terms = ModelTerms(
        model=model.name,
        environment=environment,
        policy=policy.sha256,
        tree=tree.snapshot.tree_digest(),
    )
    decision = Decision.WAIVE if request.rules else Decision.APPROVE
    said = _said(request, decision, files, terms)
    return Prepared(
        said=said,
        payload=approval_statement(said),
        key=hashed.sha256,
        commit=tree.commit,
        policy=policy,
        verdict=evaluate(
            policy,
            evidence,
            at=Gate.ATTEST,
            today=request.at.date(),
            environment=environment,
        ),
    )


def _evidence(
    request: Request, model: ModelSettings, comparison: Consistency, policy: Policy
) -> ModelEvidence:
    """Gather what the policy is held against today; nobody's consent is looked for."""
    project, runs = request.project, CountedRecords(find_signed_here)
    wanted = with_policy_metrics(model, policy)
    trust = trust_under(policy, runs)
    evidence = gather(wanted, comparison, root=project.root, trust=trust)
    return with_asked(
        evidence, comparison, policy, project=project, at=Gate.ATTEST, records=runs.counted
    )


def _chosen(request: Request, tree: AttestedTree) -> ModelSettings:
    if request.model is not None:
        return tree.settings.model(request.model)
    models = tree.settings.models
    if len(models) == 1:
        return models[0]
    names = ", ".join(model.name for model in models)
    raise InputError("no MODEL", where="aigf approve", expected=f"one of {names}")


def _never_counts(request: Request, policy: Policy) -> Iterator[InputError]:
    """Yield why the policy would ignore a waiver: better said before it is signed."""
    if not request.rules:
        return
    rules = {rule.id: rule for rule in policy.rules}
    terms = policy.waivers
    for name in request.rules:
        if name not in rules:
            yield InputError(
                f"no rule `{name}`", where=policy.path, expected=f"one of {', '.join(rules)}"
            )
        elif not rules[name].waivable:
            yield InputError(f"the rule {name} cannot be waived", where=policy.places[name])
    if terms.roles and _role(request) not in terms.roles:
        yield InputError(
            f"a waiver signed as {_role(request)}", where=policy.path,
            expected=f"--role {' or '.join(terms.roles)}",
        )  # fmt: skip
    if request.until is None:
        yield InputError("a waiver without an end", where="--until", expected="its last day")
    elif (request.until - request.at.date()).days > terms.max_days:
        yield InputError(
            f"a waiver until {request.until}", where="--until",
            expected=f"at most {terms.max_days} days from today",
        )  # fmt: skip
