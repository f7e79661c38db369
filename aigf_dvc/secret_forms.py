"""What a secret looks like: the form of a token, the name that it stands under, a harmless value.

Every search is linear: repetitions that a hostile text could make start over are bounded.
"""

import re
from functools import cache, lru_cache

from aigf_dvc.lazy_pattern import lazy_pattern

# Forms as their issuers document them, each with few false alarms on digests and base64.
_FORMS = {
    "private-key": (
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?"
        r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)"
    ),
    "github-token": r"(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    "gitlab-token": r"gl(?:pat|ptt|rt|cbt|dt|soat|agent)-[A-Za-z0-9_-]{20,}",
    "aws-access-key": r"(?<![A-Za-z0-9])A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{16}(?![A-Za-z0-9])",
    "slack-token": r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}",
    "slack-webhook": r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9_/-]{20,}",
    "openai-key": (
        r"(?<![A-Za-z0-9])sk-(?:(?:proj|svcacct|admin|ant|or|lf)-[A-Za-z0-9_-]{20,}|"
        r"[A-Za-z0-9_]{20,}[A-Za-z0-9_-]*)"
    ),
    "stripe-key": r"(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",
    "hugging-face-token": r"(?<![A-Za-z0-9])(?:hf|api_org)_[A-Za-z0-9]{30,}",
    "google-key": r"AIza[0-9A-Za-z_-]{35}|GOCSPX-[0-9A-Za-z_-]{20,}|ya29\.[0-9A-Za-z_-]{20,}",
    "npm-token": r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}",
    "pypi-token": r"(?<![A-Za-z0-9])pypi-[A-Za-z0-9_-]{50,}",
    "docker-token": r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}",
    "databricks-token": r"(?<![A-Za-z0-9])dapi[0-9a-f]{32}(?:-[0-9])?(?![A-Za-z0-9])",
    "vault-token": r"(?<![A-Za-z0-9])hv[sbr]\.[A-Za-z0-9_-]{20,}",
    "sendgrid-key": r"(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,100}\.[A-Za-z0-9_-]{16,}",
    "provider-token": (
        r"(?<![A-Za-z0-9])(?:nvapi-|gsk_|r8_|pplx-|xai-|dop_v1_|glsa_|shpat_|sbp_|pcsk_|"
        r"ATATT3x|AKCp)[A-Za-z0-9_=-]{20,}|AGE-SECRET-KEY-1[0-9A-Z]{20,}"
    ),
    "telegram-token": r"(?<![A-Za-z0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])",
    "jwt": (
        r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,500}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+"
    ),
}  # fmt: skip


@cache  # few texts need it, and to compile it takes longer than all else that a hook does
def token() -> re.Pattern[str]:
    """Return the pattern of all tokens."""
    forms = (f"(?P<{name.replace('-', '_')}>{form})" for name, form in _FORMS.items())
    return re.compile("|".join(forms), re.ASCII)


# The last word of a name under which secrets stand; a name is compared as words joined by `_`.
# Every one of them holds one of the hints below.
_WORDS = (
    r"(?:passwords?|passwd|passphrase|passcode|pwd|secrets?|token|bearer|credentials?|creds?|auth|"
    r"(?:db|user|admin|root|smtp|ftp|http|proxy|ssh|pg|mysql|redis|mongo)_?pass|"
    r"(?:api|access|private|secret|account|storage|signing|encryption|master|shared|subscription|"
    r"consumer|deploy|license|ssh|hmac|aes|functions|service)_?keys?|"
    r"(?:aws|azure|comet|gcp|github|gitlab|google|hf|kaggle|neptune|openai|wandb)_(?:key|pat|secret)|"
    r"(?:password|passwd|api_key)_(?:admin|db|dev|prod|production|root|staging|test|user|[0-9]{1,3})|"
    r"(?:connection|conn)_?str(?:ing)?|webhook_?url|sas)"
)
_SECRET_NAME = (
    rf"(?:\A|_){_WORDS}\Z|(?:password|passwd|passphrase|passwort|secret|apikey|sshpass)\Z"
)
# Words of a language model's alphabet, and counts of them.
_OF_AN_ALPHABET = (
    r"(?:\A|_)(?:pad|eos|bos|unk|mask|cls|sep|sos|eot|eod|boi|eoi|start|end|stop|begin|first|last|"
    r"next|prev|image|audio|video|text|special|additional|prefix|suffix|middle|lang|language|blank|"
    r"word|class|control|trigger|newline|space|system|user|assistant|tool|per|by|each|new|"
    r"separator|single|sub|query|target|source)_token\Z"
)
_HUMP = lazy_pattern(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # dbPassword, APIKey
_SEPARATORS = str.maketrans(".- /:", "_____")
_LONGEST_NAME = 80  # what comes before does not change what a name means

# A value that only points at a secret, or says that there is none.
_HARMLESS = (
    r"(?:|none|null|nil|true|false|yes|no|on|off|default|auto|required|optional|enabled|disabled|"
    r"anonymous|basic|bearer|digest|oauth2?|oidc|sso|saml|ldap|kerberos|iam|mtls|ntlm|jwt|"
    r"api_?key|token|env|environment|keyring|keychain|prompt|interactive|"
    r"application_default|managed_?identity|service_?account|todo|tbd|n/a|"
    r"\W{1,3}|\*+|\.\*\S*|x{3,}|<[\w ./|-]{0,60}>|\[[A-Z_]{1,20}\]|"  # also <pad>, [MASK]
    r"\$\{?[A-Za-z_][\w.:]*\}?|\$\([\w./ ~-]*|`[\w./ ~-]*`?|%[A-Za-z_]\w*%|%\([\w.]+\)s|"
    r"\$?\{\{[^{}]{0,80}\}\}|"
    r"\$env:\w+|env:\w+|vault:[\w/#.-]+|op://[\w/. -]+|"
    r"arn:aws:(?:secretsmanager|ssm):[\w:/.+=@-]+|"
    r"projects/[\w-]+/secrets/[\w/-]+|os\.environ\[|os\.environ\.get\(|os\.getenv\(|"
    r"(?:~|\.{1,2})/[\w./-]*|/run/secrets/[\w./-]*|"
    r"/?(?:[\w.-]+/)*[\w-][\w.-]*\.(?:json|ya?ml|toml|ini|cfg|conf|env|txt|pem|key|crt|py|sh|csv))\Z"
)
_LONGEST_HARMLESS = 120
_MARK = lazy_pattern(r"[\"'\\]{0,4}\[redacted:[a-z0-9-]{1,40}\](?:[\"'\\]{0,4}\Z|[&;#,)\]}])")

# Every rule needs one of these in the text, in any case; to look for them is far cheaper.
_HINTS = (
    "://", "private key", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
    "glptt-", "glrt-", "glcbt-", "gldt-", "glsoat-", "glagent-", "akia", "asia", "abia", "acca",
    "xox", "xapp-", "hooks.slack", "sk-", "k_live", "k_test", "hf_", "api_org_", "aiza", "gocspx",
    "ya29.", "npm_", "pypi-", "dckr_", "dapi", "hvs.", "hvb.", "hvr.", "sg.", "nvapi-", "gsk_",
    "r8_", "pplx-", "xai-", "dop_v1_", "glsa_", "shpat_", "sbp_", "pcsk_", "atatt3x", "akcp",
    "age-secret", ":aa", "eyj",
    "pass", "pwd", "secret", "token", "bearer", "cred", "auth", "key", "connstr", "conn_str",
    "connection", "webhook", "cookie",
    " -u", " -p", " -a", "\t-u", "\t-p", "\n-u", "\n-p", "-user", "login", "sig=",
)  # fmt: skip
_SHORTEST_TOKEN = 15
_SEPARATED = frozenset("=: \t\n")  # what stands between a name and its value


def has_hint(text: str) -> bool:
    """Tell whether a text can hold a secret at all; most do not, and need no closer look."""
    if len(text) < _SHORTEST_TOKEN and _SEPARATED.isdisjoint(text):
        return False
    lower = text.lower()
    return any(map(lower.__contains__, _HINTS))


def token_kind(match: re.Match[str]) -> str:
    """Return the rule that a match of `token` broke."""
    return str(match.lastgroup).replace("_", "-")


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Tell whether a key, option or variable is one that secrets stand under."""
    words = _HUMP.sub("_", name[-_LONGEST_NAME:]).lower().translate(_SEPARATORS)
    return bool(re.search(_SECRET_NAME, words)) and not re.search(_OF_AN_ALPHABET, words)


def is_harmless_value(text: str) -> bool:
    """Tell whether a value under such a name is none: a word, a reference, a path, our own mark."""
    if len(text) > _LONGEST_HARMLESS:
        return False
    return _MARK.match(text) is not None or _harmless().match(text.strip("\"'\\,;)")) is not None


@cache
def _harmless() -> re.Pattern[str]:
    return re.compile(_HARMLESS, re.IGNORECASE)
