"""The rule kind `approvals`: people who signed that this very model may be deployed."""

from msgspec import Struct

from aigf_dvc.evidence.approval import Approval
from aigf_dvc.evidence.mailmap import folded
from aigf_dvc.policy.consent import why_unfit
from aigf_dvc.policy.model import Case, Judgement, Kind
from aigf_dvc.policy.section import Section
from aigf_dvc.policy.verdict import Gate, Outcome

_MOST_PEOPLE = 20
_SHOWN = 3


class RequiredApprovals(Struct, frozen=True, kw_only=True):
    """How many people must have signed, in which role, and how long ago at most."""

    role: str
    count: int = 1
    not_author: bool = True
    max_age_days: int | None = None

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny when fewer different people have signed an approval that counts."""
        faults: dict[str, str] = {}  # by bundle
        people: dict[str, str] = {}  # who counts, with when they signed
        for approval in case.evidence.approvals:
            if approval.role != self.role:
                continue
            fault = self._fault(approval, case)
            if fault:
                faults[approval.where] = f"that of {approval.person} does not count: {fault}"
            else:
                people.setdefault(approval.person, str(approval.issued.date()))
        enough = len(people) >= self.count
        signed = ", ".join(f"{name} ({day})" for name, day in sorted(people.items()))
        return (
            Judgement(
                outcome=Outcome.PASSED if enough else Outcome.DENIED,
                observed=f"approved by {signed}" if enough else self._too_few(signed, faults),
                expected=self._expected(),
                where="" if enough else case.evidence.model,
                remedy="" if enough else self._remedy(case),
            ),
        )

    def _expected(self) -> str:
        who = f"{self.count} different people" if self.count > 1 else "a person"
        author = ", who wrote nothing of it" if self.not_author else ""
        age = f", at most {self.max_age_days} days ago" if self.max_age_days is not None else ""
        return f"approved by {who} as {self.role}{author}{age}"

    def _too_few(self, signed: str, faults: dict[str, str]) -> str:
        counted = f"only {signed} approved it as {self.role}" if signed else ""
        reasons = list(faults.values())
        more = f"; and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
        said = [counted or f"nobody approved it as {self.role}", *reasons[:_SHOWN]]
        return "; ".join(said) + more

    def _remedy(self, case: Case) -> str:
        return (
            f"a {self.role} runs `aigf approve {case.evidence.model} --role {self.role} --key FILE "
            "--reason TEXT` on this commit; name them in the trust file, and judge with "
            "`--trust FILE`: without it no approval counts"
        )

    def _fault(self, approval: Approval, case: Case) -> str:
        """Return why an approval does not count, or an empty text."""
        if self.role not in approval.roles:
            return f"{self.role} is not a role of theirs"
        unfit = why_unfit(approval, case)
        if unfit:
            return unfit
        age = (case.today - approval.issued.date()).days
        if self.max_age_days is not None and age > self.max_age_days:
            return f"it is {age} days old"
        return self._conflict(approval, case) if self.not_author else ""

    def _conflict(self, approval: Approval, case: Case) -> str:
        """Return why it cannot be said that the approver is no author."""
        commit = case.evidence.commit
        if commit is None or not commit.authors:
            return "who wrote what the model is made of is not known here, as in a shallow clone"
        if not approval.emails:
            return "the trust file has no `emails` for them, by which to tell that they wrote none"
        own = set(map(folded, approval.emails)) & set(map(folded, commit.authors))
        return f"they wrote a part of it ({', '.join(sorted(own))})" if own else ""


def _read(section: Section) -> RequiredApprovals:
    count = section.number("count") if section.has("count") else None
    whole = int(count) if count is not None and count == int(count) else None
    if count is not None and (whole is None or not 1 <= whole <= _MOST_PEOPLE):
        section.refuse("count", f"`count` is {count}", f"a whole number from 1 to {_MOST_PEOPLE}")
        whole = None
    return RequiredApprovals(
        role=section.text("role"),
        count=1 if whole is None else whole,
        not_author=section.flag("not_author", default=True),
        max_age_days=section.days("max_age"),
    )


KIND = Kind(
    name="approvals",
    read=_read,
    at=(Gate.ATTEST, Gate.DEPLOY),
    schema={
        "role": {
            "type": "string", "minLength": 1,
            "description": "The role in which they must sign; the trust file says who has it.",
        },
        "count": {
            "type": "integer", "minimum": 1, "maximum": _MOST_PEOPLE, "default": 1,
            "description": "How many different people must have signed.",
        },
        "not_author": {
            "type": "boolean", "default": True,
            "description": "Whether they must have written nothing that the model is made of.",
        },
        "max_age": {
            "type": "string", "pattern": "^[1-9][0-9]{0,4}[dw]$",
            "description": "How long ago they may have signed: days or weeks, such as 30d.",
        },
    },
    required=("role",),
)  # fmt: skip
