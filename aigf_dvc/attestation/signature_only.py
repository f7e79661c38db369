"""A signature about an artifact, and nothing else: no verdict, no policy, no lineage.

See: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.statement import MAX_BYTES, STATEMENT
from aigf_dvc.attestation.verification import SignerFacts, Step, StepName, StepOutcome
from aigf_dvc.digests import Sha2
from aigf_dvc.errors import RefusedError
from aigf_dvc.lazy_pattern import lazy_pattern

NOTICE = (
    "Only the signature and the digest were checked: no verdict, no policy, no lineage. "
    "This does not say that the artifact may be deployed."
)
_STATEMENTS = (STATEMENT, "https://in-toto.io/Statement/v0.1")
_STEPS = (StepName.BUNDLE, StepName.SIGNATURE, StepName.STATEMENT, StepName.SUBJECT)
_HEXADECIMAL = lazy_pattern(r"[0-9a-f]+\Z")


class SignatureCheck(Struct, frozen=True, kw_only=True):
    """What came of checking a signature and nothing else."""

    steps: tuple[Step, ...]
    signer: SignerFacts | None = None  # None: the signature was not verified
    predicate_type: str | None = None  # None: bare bytes were signed, or it is not known

    @property
    def verified(self) -> bool:
        """Tell whether every step passed; nothing checked is never a yes."""
        passed = tuple(step.name for step in self.steps if step.outcome is StepOutcome.PASSED)
        return passed == _STEPS

    @property
    def exit_code(self) -> int:
        """Return 0 for verified, 3 for undecided, else 1."""
        if any(step.outcome is StepOutcome.UNDECIDED for step in self.steps):
            return 3
        return 0 if self.verified else 1


def passed_step(name: StepName, detail: str) -> Step:
    """Return a step that found what is demanded."""
    return Step(name=name, outcome=StepOutcome.PASSED, detail=detail)


def failed_step(name: StepName, error: RefusedError) -> Step:
    """Return a step that refuses."""
    return Step(name=name, outcome=StepOutcome.FAILED, detail=error.told)


def check_statement(
    payload: bytes,
    digests: Mapping[Sha2, bytes],
    *,
    before: tuple[Step, ...],
    signer: SignerFacts,
) -> SignatureCheck:
    """Hold a signed statement of any type against an artifact.

    Args:
        payload: the bytes that the signature was verified over.
        digests: of the artifact, recomputed.
        before: the steps taken so far.
        signer: what the signature proves.
    """
    try:
        kind, subjects = _read(payload)
    except RefusedError as error:
        steps = (*before, failed_step(StepName.STATEMENT, error))
        return SignatureCheck(steps=steps, signer=signer)
    steps = (*before, passed_step(StepName.STATEMENT, f"says {kind!r:.200}: not looked into"))
    try:
        steps += (passed_step(StepName.SUBJECT, _matching(subjects, digests)),)
    except RefusedError as error:
        steps += (failed_step(StepName.SUBJECT, error),)
    return SignatureCheck(steps=steps, signer=signer, predicate_type=kind)


def check_blob(
    algorithm: Sha2,
    digest: bytes,
    digests: Mapping[Sha2, bytes],
    *,
    before: tuple[Step, ...],
    signer: SignerFacts,
) -> SignatureCheck:
    """Hold the digest of bare bytes that were signed against an artifact."""
    steps = (*before, passed_step(StepName.STATEMENT, "none: the bare bytes were signed"))
    if digests[algorithm] == digest:
        last = passed_step(StepName.SUBJECT, f"the artifact is {algorithm}:{digest.hex()}")
    else:
        last = failed_step(StepName.SUBJECT, _other(algorithm, digests, digest.hex()))
    return SignatureCheck(steps=(*steps, last), signer=signer)


def _read(payload: bytes) -> tuple[str, tuple[Mapping[str, str], ...]]:
    """Return the type of a statement's predicate, and the digests of each of its subjects."""
    fields = Fields.read(payload, "statement", max_bytes=MAX_BYTES)
    if fields.text("_type") not in _STATEMENTS:
        raise RefusedError(
            f"_type is {fields.text('_type')!r:.100}", where="statement", expected=STATEMENT
        )
    subjects = tuple(_digests(item.mapping("digest")) for item in fields.objects("subject"))
    if not subjects:
        raise RefusedError("no subject", where="statement.subject", expected="one at least")
    return fields.text("predicateType"), subjects


def _digests(digest: Fields) -> Mapping[str, str]:
    found = {name: digest.text(name) for name in digest.values}
    if not found:
        raise RefusedError("no digest", where=digest.where, expected="one at least")
    for algorithm in Sha2:
        value = found.get(algorithm)
        if value is not None and not (
            _HEXADECIMAL.match(value) and len(value) == 2 * algorithm.size_bytes
        ):
            raise RefusedError(
                f"{value!r:.140}", where=digest.at(algorithm),
                expected=f"{2 * algorithm.size_bytes} lower-case hexadecimal digits",
            )  # fmt: skip
    return found


def _matching(subjects: Sequence[Mapping[str, str]], digests: Mapping[Sha2, bytes]) -> str:
    """Return the words for the subject that is the artifact, by every digest that is known here."""
    for subject in subjects:
        same = [name for name in Sha2 if subject.get(name) == digests[name].hex()]
        other = [name for name in Sha2 if name in subject and name not in same]
        if same and other:
            raise RefusedError(
                f"a subject with the artifact's {same[0]} and another {other[0]}",
                where="statement.subject",
            )
        if same:
            return f"the artifact is {same[0]}:{digests[same[0]].hex()}"
    named = next((subject[Sha2.SHA256] for subject in subjects if Sha2.SHA256 in subject), None)
    raise _other(Sha2.SHA256, digests, named or "other artifacts")


def _other(algorithm: Sha2, digests: Mapping[Sha2, bytes], named: str) -> RefusedError:
    return RefusedError(
        f"the artifact has the {algorithm} {digests[algorithm].hex()}, signed was {named}"
    )
