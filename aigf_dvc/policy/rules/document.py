"""The rule kind `document`: a governance document that is there, recent and about the model."""

from datetime import date, timedelta
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.evidence.approval import DocumentSignature
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.policy.model import Case, Judgement, Kind
from aigf_dvc.policy.section import Section
from aigf_dvc.policy.verdict import Outcome

# A document written this morning in Auckland bears tomorrow's date in UTC.
_TIME_ZONES = timedelta(days=1)
_SHOWN = 3  # digests in a message


@unique
class Binding(StrEnum):
    """What ties a document to a model."""

    MODEL_NAME = "model-name"
    MODEL_DIGEST = "model-digest"
    DATA_DIGEST = "data-digest"
    NOTHING = "nothing"


class RequiredDocument(Struct, frozen=True, kw_only=True):
    """The type of document that a model needs, and what it must say of itself."""

    document: str
    max_age_days: int | None = None
    bound_to: Binding = Binding.MODEL_NAME
    signed_by_role: str = ""  # empty: nobody need have signed it

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny when no document of the type meets the demands; name the newest one's fault."""
        documents = [d for d in case.evidence.documents if d.type == self.document]
        if not documents:
            return (self._absent(case),)
        newest_first = sorted(documents, key=lambda d: d.date or date.min, reverse=True)
        judgements = [self._judge_one(document, case) for document in newest_first]
        passed = [one for one in judgements if one.outcome is Outcome.PASSED]
        return ((passed or judgements)[0],)

    def _expected(self, case: Case) -> str:
        age = "" if self.max_age_days is None else f", at most {self.max_age_days} days old"
        model = case.evidence.model
        about = {
            Binding.MODEL_NAME: f", about {model}",
            Binding.MODEL_DIGEST: f", about these bytes of {model}",
            Binding.DATA_DIGEST: f", about data that {model} was made from",
            Binding.NOTHING: "",
        }[self.bound_to]
        signed = f", signed by a {self.signed_by_role}" if self.signed_by_role else ""
        return f"a {self.document} document{age}{about}{signed}"

    def _absent(self, case: Case) -> Judgement:
        types = sorted({document.type for document in case.evidence.documents})
        known = f"; there are: {', '.join(types)}" if types else ""
        model = case.evidence.model
        listed = case.evidence.document_places.get(self.document)
        if listed is not None:
            return Judgement(
                outcome=Outcome.DENIED,
                observed=f"there is no {self.document} document: {listed} is not there",
                expected=self._expected(case),
                where=listed,
                remedy="write it, or correct its path in aigf.yaml",
            )
        return Judgement(
            outcome=Outcome.DENIED,
            observed=f"there is no {self.document} document{known}",
            expected=self._expected(case),
            where="aigf.yaml",
            remedy=f"write it, and list it in aigf.yaml: `models: {{{model}: {{documents: "
            f"[{{type: {self.document}, path: FILE}}]}}}}`",
        )

    def _judge_one(self, document: GovernanceDocument, case: Case) -> Judgement:
        observed, remedy = self._fault(document, case)
        signatures = self._signatures(document, case)
        signers = sorted({s.person for s in signatures if not _why_not_now(s, case.today)})
        signed = f", signed by {', '.join(signers)}" if signers else ""
        return Judgement(
            outcome=Outcome.DENIED if observed else Outcome.PASSED,
            observed=observed or _described(document, case.today) + signed,
            expected=self._expected(case),
            where=document.path,
            remedy=remedy,
        )

    def _fault(self, document: GovernanceDocument, case: Case) -> tuple[str, str]:
        """Return what is wrong with a document and what to do, or two empty texts."""
        fault, remedy = self._wrong_date(document, case.today)
        if not fault:
            fault, remedy = self._wrong_subject(document, case)
        if not fault and self.signed_by_role:
            return self._unsigned(document, case)
        return fault, remedy

    def _wrong_subject(self, document: GovernanceDocument, case: Case) -> tuple[str, str]:
        """Return how a document speaks of something else than the model."""
        if self.bound_to is Binding.NOTHING:
            return "", ""
        if self.bound_to is not Binding.MODEL_NAME:
            return self._wrong_digest(document, case)
        model = case.evidence.model
        if not document.models:
            return (
                "it names no model",
                f"add `models: [{model}]` to its front matter, if it speaks of {model}",
            )
        if model not in document.models:
            return (
                f"it speaks of {', '.join(document.models)}",
                f"write one about {model}, or add {model} to `models:` if it covers that, too",
            )
        return "", ""

    def _signatures(self, document: GovernanceDocument, case: Case) -> list[DocumentSignature]:
        """Return who in the role has signed these bytes of the document, and when."""
        return [
            signature
            for signature in case.evidence.signatures
            if signature.role == self.signed_by_role and signature.document == document.sha256
        ]

    def _unsigned(self, document: GovernanceDocument, case: Case) -> tuple[str, str]:
        """Return why no signature under a document counts, and what to do."""
        role = self.signed_by_role
        reasons = [_why_not_now(s, case.today) for s in self._signatures(document, case)]
        if "" in reasons:
            return "", ""
        return (
            reasons[0] if reasons else f"no {role} has signed these bytes",
            f"a {role} reads it and runs `aigf approve --document {document.path} --role {role} "
            "--key FILE --reason TEXT`; judge with `--trust FILE`",
        )

    def _wrong_digest(self, document: GovernanceDocument, case: Case) -> tuple[str, str]:
        """Return how a document's digests are not those of the model or its data."""
        evidence = case.evidence
        if self.bound_to is Binding.MODEL_DIGEST:
            wanted = {evidence.model: evidence.sha256} if evidence.sha256 else {}
        else:
            wanted = dict(evidence.data)
        if not wanted:
            return (
                "the SHA-256 that it should name is not known",
                "`aigf capture` where the bytes are records it in aigf.lock: commit that",
            )
        if set(wanted.values()) & set(document.digests):
            return "", ""
        listed = ", ".join(f"sha256:{digest}" for digest in sorted(set(wanted.values()))[:_SHOWN])
        named = "names no digest" if not document.digests else "names other bytes"
        return (
            f"it {named}",
            f"review it against these bytes, then set `digests: [{listed}]` in its front matter",
        )

    def _wrong_date(self, document: GovernanceDocument, today: date) -> tuple[str, str]:
        if document.date is None:
            if self.max_age_days is None:
                return "", ""
            return "it has no date", "add `date: YYYY-MM-DD` to its front matter"
        if document.date > today + _TIME_ZONES:
            return (
                f"its date {document.date} is in the future",
                "give it the day on which it was written",
            )
        age = (today - document.date).days
        if self.max_age_days is not None and age > self.max_age_days:
            return (
                f"it is {_days(age)} old (dated {document.date})",
                "review it, bring it up to date and give it the new date",
            )
        return "", ""


def _why_not_now(signature: DocumentSignature, today: date) -> str:
    """Return why a signature does not count today, or an empty text."""
    if signature.expires is not None and signature.expires.date() < today:
        return f"the signature of {signature.person} expired on {signature.expires.date()}"
    if signature.issued.date() > today + _TIME_ZONES:
        return f"the signature of {signature.person} is of the future"
    return ""


def _described(document: GovernanceDocument, today: date) -> str:
    if document.date is None:
        return f"{document.type} is there"
    age = max((today - document.date).days, 0)
    return f"{document.type} is {_days(age)} old (dated {document.date})"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _read(section: Section) -> RequiredDocument:
    return RequiredDocument(
        document=section.text("document"),
        max_age_days=section.days("max_age"),
        bound_to=section.choice("bound_to", Binding, Binding.MODEL_NAME),
        signed_by_role=section.text("signed_by_role", default=""),
    )


KIND = Kind(
    name="document",
    read=_read,
    schema={
        "document": {
            "type": "string", "minLength": 1,
            "description": "The type under which aigf.yaml lists it.",
        },
        "max_age": {
            "type": "string", "pattern": "^[1-9][0-9]{0,4}[dw]$",
            "description": "How old it may be, by its own `date`: days or weeks, such as 90d.",
        },
        "bound_to": {
            "enum": list(Binding), "default": Binding.MODEL_NAME.value,
            "description": "What of the model its front matter must name.",
        },
        "signed_by_role": {
            "type": "string", "minLength": 1,
            "description": "The role in which somebody must have signed its exact bytes.",
        },
    },
    required=("document",),
)  # fmt: skip
