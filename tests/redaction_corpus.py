"""Leaks as they are met in pipelines, and harmless things that look like them.

Every secret is a toy, and is put together here, so that no code host takes this file for a leak.
"""

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Place(StrEnum):
    """Where a text stands; a parameter's has the form `name=text`."""

    COMMAND = "command"
    PARAMETER = "parameter"
    URL = "url"
    DOCUMENT = "document"
    VARIABLE = "environment variable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One text, what must be gone from it, and what must stay."""

    name: str
    place: Place
    text: str
    gone: tuple[str, ...]
    stays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmless:
    """One text that holds no secret and must not change."""

    place: Place
    text: str


def toy(prefix: str, length: int) -> str:
    """Return a token that nobody could take for a real one."""
    return prefix + ("T0yToken" * 20)[:length]


PASSWORD = "hunter2" + "Toy"
WORDS = "correct-horse-toy"  # no digits
AWS_SECRET = "wJalr" + "ToyToy/K7MDENG/" + "bPxRfiToyToyEXAMPLEKEY"
HEX = "0123456789abcdef" * 2

GITHUB = toy("ghp" + "_", 36)
TOKENS = {
    "github-token": GITHUB,
    "github-token fine-grained": toy("github" + "_pat_", 60),
    "github-token of an app": toy("ghs" + "_", 36),
    "gitlab-token": toy("gl" + "pat-", 20),
    "gitlab-token of a runner": toy("gl" + "rt-", 20),
    "aws-access-key": "AKIA" + "TOYTOYTOYTOYTOY0",
    "aws-access-key of a session": "ASIA" + "TOYTOYTOYTOYTOY0",
    "slack-token": "xox" + "b-" + "1234567890-toy",
    "openai-key": toy("sk" + "-", 48),
    "openai-key of a project": toy("sk" + "-proj-", 60),
    "openai-key of Anthropic": toy("sk" + "-ant-api03-", 60),
    "stripe-key": toy("sk" + "_live_", 24),
    "hugging-face-token": toy("hf" + "_", 34),
    "google-key": toy("AI" + "za", 35),
    "google-key of an OAuth client": toy("GOC" + "SPX-", 28),
    "npm-token": toy("npm" + "_", 36),
    "pypi-token": toy("pypi" + "-", 60),
    "docker-token": toy("dckr" + "_pat_", 27),
    "databricks-token": "da" + "pi" + HEX,
    "vault-token": toy("hv" + "s.", 24),
    "sendgrid-key": toy("S" + "G.", 22) + toy(".", 43),
    "provider-token of NVIDIA": toy("nv" + "api-", 64),
    "provider-token of Groq": toy("gs" + "k_", 52),
    "provider-token of Replicate": toy("r" + "8_", 37),
    "provider-token of Grafana": toy("gl" + "sa_", 32),
    "telegram-token": "123456789" + ":AA" + ("ToyToyToy" * 4)[:33],
    "jwt": "ey" + "JhbGciOiJub25lIn0." + "ey" + "J0b3kiOiJ0b3kifQ." + "c2lnbmF0dXJl",
    "slack-webhook": "hooks.slack.com" + "/services/" + "T0TOY0TOY/B0TOY0TOY/" + "ToyToyToyToy",
}
BEGIN, END = "-----BEGIN ", "PRIVATE KEY-----"
PEM = f"{BEGIN}EC {END}\nMHcCAQEEIToyToyToyToyToy\n-----END EC {END}"


def _leak(place: Place, name: str, text: str, gone: str | tuple[str, ...], *stays: str) -> Leak:
    return Leak(
        name=name, place=place, text=text, gone=(gone,) if isinstance(gone, str) else gone,
        stays=stays,
    )  # fmt: skip


def _command(name: str, text: str, gone: str | tuple[str, ...], *stays: str) -> Leak:
    return _leak(Place.COMMAND, name, text, gone, *stays)


def _parameter(name: str, text: str, gone: str | tuple[str, ...], *stays: str) -> Leak:
    return _leak(Place.PARAMETER, name, text, gone, *stays)


def _url(name: str, text: str, gone: str | tuple[str, ...], *stays: str) -> Leak:
    return _leak(Place.URL, name, text, gone, *stays)


def _document(name: str, text: str, gone: str | tuple[str, ...], *stays: str) -> Leak:
    return _leak(Place.DOCUMENT, name, text, gone, *stays)


def _variable(name: str, text: str, gone: str | tuple[str, ...], *stays: str) -> Leak:
    return _leak(Place.VARIABLE, name, text, gone, *stays)


LEAKS: tuple[Leak, ...] = (
    *(
        _command(kind, f"python train.py --with {token} --depth 3", token, "train.py", "--depth 3")
        for kind, token in TOKENS.items()
    ),
    # Options and variables of commands.
    _command("option with =", f"train --api-key={WORDS} data.csv", WORDS, "--api-key=", "data.csv"),
    _command(
        "option with a blank", f"train --token {WORDS} data.csv", WORDS, "--token", "data.csv"
    ),
    _command("quoted option", "train --password 'two words' x", "two words", "--password", " x"),
    _command(
        "shell-quoted quote", r"train --password 'it'\''s me' x", ("it", "s me"), "train", " x"
    ),
    _command("double quotes", f'train --db-password="{WORDS} x" y', WORDS, "--db-password=", " y"),
    _command("escaped blank", f"train --password toy\\ {WORDS} x", WORDS, " x"),
    _command("underscores", f"train --hf_token={WORDS} x", WORDS, " x"),
    _command("camel case", f"train --accessToken {WORDS} x", WORDS, " x"),
    _command("Hydra override", f"train +api.secret={WORDS} lr=0.1", WORDS, "lr=0.1"),
    _command("Java property", f"java -Ddb.password={WORDS} -jar x.jar", WORDS, "-jar x.jar"),
    _command("Java property of one word", f"java -Dpassword={WORDS} -jar x.jar", WORDS, "x.jar"),
    _command("variable before", f"WANDB_API_KEY={HEX} python t.py", HEX, "python t.py"),
    _command("export", f"export AWS_SECRET_ACCESS_KEY={AWS_SECRET} && run", AWS_SECRET, "&& run"),
    _command(
        "blanks around =", f"printf 'aws_secret_access_key = {AWS_SECRET}'", AWS_SECRET, "printf"
    ),
    _command("joined name", f"PGPASSWORD={WORDS} psql -h db", WORDS, "psql -h db"),
    _command("docker -e", f"docker run -e MLFLOW_TRACKING_PASSWORD={WORDS} img", WORDS, "img"),
    _command("password that is a sentence", f"TOKEN='{WORDS} {WORDS}' run", WORDS, " run"),
    _command("sh -c", f'sh -c "train --token {WORDS}" && echo "done"', WORDS, '&& echo "done"'),
    _command("JSON argument", f"""train --cfg '{{"password": "{WORDS}"}}'""", WORDS, '{"password"'),
    _command("escaped JSON", f'train --cfg "{{\\"api_key\\": \\"{WORDS}\\"}}"', WORDS, "train"),
    _command(
        "heredoc", f"cat <<EOF\npassword: {PASSWORD}\nuser: jane\nEOF", PASSWORD, "user: jane"
    ),
    _command("netrc", f"echo machine h.org login jane password {WORDS} > x", WORDS, "jane", "> x"),
    _command("curl -u", f"curl -u jane:{WORDS} h.org/data.csv", WORDS, "jane", "h.org/data.csv"),
    _command("curl --user", f"curl -s --user 'jane:{WORDS}' h.org/x", WORDS, "h.org/x"),
    _command("sshpass", f"sshpass -p {WORDS} scp a b:c", WORDS, "scp a b:c"),
    _command("mysql -p", f"mysql -u root -p{WORDS} db", WORDS, "-u root", " db"),
    _command("docker login", f"docker login -u jane -p {WORDS} r.org", WORDS, "jane", "r.org"),
    _command("authorization", f'curl -H "Authorization: Bearer {WORDS}" h.org', WORDS, "h.org"),
    _command("basic", "curl -H 'Authorization: Basic dG95OnRveQ==' h.org", "dG95OnRveQ==", "h.org"),
    _command("bearer alone", f"run --header 'Bearer {HEX}' x", HEX, " x"),
    _command("x-api-key", f"curl -H 'X-Api-Key: {WORDS}' h.org", WORDS, "h.org"),
    _command("private-token", f"curl --header 'PRIVATE-TOKEN: {WORDS}' h.org", WORDS, "h.org"),
    _command("cookie", f"curl -H 'Cookie: session={WORDS}; b=c' h.org", WORDS, "h.org"),
    _command("PEM", f"echo '{PEM}' > key; run", "ToyToy", "; run"),
    _command("PEM without end", f"echo '{BEGIN}OPENSSH {END}\nb3BlbnNzaToyToy", "ToyToy", "echo"),
    _command("PEM on one line", "echo '" + PEM.replace("\n", "\\n") + "' > key", "ToyToy", "> key"),
    _command("PGP", f"echo '{BEGIN}PGP PRIVATE KEY BLOCK-----\nlQOYToyToy", "lQOYToyToy", "echo"),
    _command(
        "connection string",
        f"run --conn 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey={AWS_SECRET};x=y'",
        AWS_SECRET,
        "AccountName=a",
    ),
    _command("after an underscore", f"run TOY_{GITHUB} x", GITHUB, " x"),
    _command("two on one line", f"run --token {WORDS} --secret={PASSWORD}", (WORDS, PASSWORD)),
    _command("after a harmless one", f"run --token $TOKEN --password {WORDS}", WORDS, "$TOKEN"),
    _command("the value is an assignment", f"count token password={WORDS}", WORDS, "count token"),
    _command("default of a reference", "run --token ${TOKEN:-hunter2toy}", "hunter2toy"),
    _command("beside a mark", f"run --token=[redacted:x]{WORDS}", WORDS),
    _command("Python keyword", f"python -c 'login(token=\"{WORDS}\")'", WORDS, "login("),
    _command("Python index", f'python -c \'env["HF_TOKEN"]="{WORDS}"\'', WORDS, "env["),
    _command("aws configure", f"aws configure set aws_secret_access_key {AWS_SECRET}", AWS_SECRET),
    _command("wandb login", f"wandb login {HEX} && run", HEX, "&& run"),
    _command("mlflow parameter", f"mlflow run . -P api_key={WORDS}", WORDS, "mlflow run ."),
    _command("az login", f"az login --service-principal -u app -p {WORDS} -t x", WORDS, "-t x"),
    _command("kubectl literal", f"kubectl create secret x --from-literal=password={WORDS}", WORDS),
    _command("KAGGLE_KEY", f"KAGGLE_KEY={HEX} kaggle datasets download x", HEX, "kaggle datasets"),
    _command("redis-cli -a", f"redis-cli -a {WORDS} ping", WORDS, "ping"),
    _command("lftp", f"lftp -u jane,{WORDS} h.org", WORDS, "h.org"),
    _command("rclone", f"rclone config create s3 s3 secret_access_key {AWS_SECRET}", AWS_SECRET),
    _command("libpq", f"psql 'host=db password={WORDS} sslmode=require'", WORDS, "sslmode=require"),
    # Parameters: name, then value.
    *(
        _parameter(f"{n} as a key", f"{n}={WORDS}", WORDS)
        for n in (
            "password",
            "db_password",
            "dbPassword",
            "APIKey",
            "api-key",
            "train.api_key",
            "secret",
            "client_secret",
            "secret_key",
            "aws_secret_access_key",
            "auth_token",
            "hf.token",
            "auth",
            "accountKey",
            "connection_string",
            "MYSQL_PWD",
            "ssh_passphrase",
            "credentials",
            "SSHPASS",
            "db_pass",
            "webhook_url",
            "subscription-key",
            "smtp creds",
            "api_keys",
            "private_key",
        )
    ),
    _parameter("a token under a harmless key", f"note=see {GITHUB}", GITHUB, "see "),
    _parameter("AWS key under a harmless key", f"id={TOKENS['aws-access-key']}", "TOYTOY"),
    _parameter("a URL under a harmless key", f"uri=postgresql://jane:{WORDS}@db/x", WORDS, "db/x"),
    _parameter("JSON in a parameter", f'extra={{"client_secret": "{WORDS}"}}', WORDS),
    _parameter("wandb_key", f"wandb_key={HEX}", HEX),
    _parameter("kaggle.key", f"kaggle.key={HEX}", HEX),
    _parameter("PASSWORD_DB", f"PASSWORD_DB={WORDS}", WORDS),
    _parameter("a signed query alone", f"suffix=?sv=2024&sig={WORDS}", WORDS, "?sv="),
    _parameter("Sentry's address", f"dsn=https://{HEX}@o1.org/2", HEX, "o1.org/2"),
    _parameter(
        "JDBC", f"uri=jdbc:postgresql://db/x?user=jane&password={WORDS}", WORDS, "user=jane"
    ),
    _parameter("ODBC", f"odbc=Server=y;Uid=jane;Pwd={WORDS};", WORDS, "Uid=jane"),
    _parameter("a PEM block", f"cert={PEM}", "ToyToy"),
    _parameter("a base64 secret that starts with a slash", f"secret=/{AWS_SECRET}", AWS_SECRET),
    # URLs.
    _url(
        "user and password",
        f"https://jane:{WORDS}@h.org/x.csv",
        ("jane", WORDS),
        "https://h.org/x.csv",
    ),
    _url("p@ss", "https://jane:p@ss-toy@h.org/x", ("p@ss", "ss-toy"), "https://h.org/x"),
    _url("p/ss", "https://jane:p/ss-toy@h.org/x", "ss-toy", "h.org/x"),
    _url("p#ss", "postgresql://jane:p#ss-toy@db.org/x", "ss-toy", "db.org/x"),
    _url("token as the user", f"https://{WORDS}@h.org/x", WORDS, "https://h.org/x"),
    _url("oauth2 user", f"git+https://oauth2:{WORDS}@h.org/r.git@v1", WORDS, "h.org/r.git@v1"),
    _url("upper case", f"HTTPS://jane:{WORDS}@h.org", WORDS, "h.org"),
    _url("ssh password", f"ssh://git:{WORDS}@h.org/r.git", WORDS, "ssh://git@h.org/r.git"),
    _url("no user", f"redis://:{WORDS}@cache:6379/0", WORDS, "cache:6379/0"),
    _url("mongodb", f"mongodb+srv://jane:{WORDS}@m.org/db?w=1", WORDS, "m.org/db?w=1"),
    _url("inside another URL", f"https://a.org/get/https://jane:{WORDS}@h.org/x", WORDS, "h.org/x"),
    _url("behind a digit", f"1https://jane:{WORDS}@h.org/x", WORDS, "h.org/x"),
    _url(
        "S3 signature", f"https://b.s3.org/x?X-Amz-Date=1&X-Amz-Signature={HEX}", HEX, "b.s3.org/x"
    ),
    _url("Google signature", f"https://b.org/x?X-Goog-Signature={HEX}&a=1", HEX, "a=1"),
    _url("Azure signature", f"https://a.blob.org/x?sv=2024&sig={WORDS}%3D", WORDS, "a.blob.org/x"),
    _url("CloudFront signature", f"https://d.org/x?Expires=9&Signature={WORDS}", WORDS, "d.org/x"),
    _url("private_token", f"https://h.org/x?ref=main&private_token={WORDS}", WORDS, "ref=main"),
    _url("fragment", f"https://h.org/x#access_token={WORDS}", WORDS, "https://h.org/x"),
    _url("key that is random", f"https://h.org/x?key={HEX}&q=1", HEX, "q=1"),
    _url("token in the path", f"https://h.org/{GITHUB}/x", GITHUB, "h.org"),
    # Documents and cards, as text.
    _document("front matter", f"note: --token={WORDS}\nlicense: mit", WORDS, "license: mit"),
    _document("quoted YAML", f'"password": "{WORDS}"\nlicense: mit', WORDS, "license: mit"),
    _document("prose with a token", f"Call it with {GITHUB}.", GITHUB, "Call it with"),
    _document("Markdown link", f"[data](https://jane:{WORDS}@h.org/x)", WORDS, "[data]("),
    # The environment, as `NAME=value` lines.
    *(
        _variable(f"${n}", f"{n}={WORDS}", WORDS, n)
        for n in (
            "HF_TOKEN",
            "GITHUB_TOKEN",
            "AWS_SESSION_TOKEN",
            "OPENAI_API_KEY",
            "AZURE_CLIENT_SECRET",
            "DB_PASSWORD",
            "RESTIC_PASSWORD",
            "NEPTUNE_API_TOKEN",
            "COMET_API_KEY",
            "REDISCLI_AUTH",
            "AZURE_STORAGE_CONNECTION_STRING",
            "ARTIFACTORY_APIKEY",
        )
    ),
)

SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
BASE64 = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7" * 20

_HARMLESS_COMMANDS = (
    "python train.py --depth 3 --lr 1e-3",
    "python train.py --max-tokens 512 --tokenizer bert",
    "python train.py --token-count=512 --auth-type basic",
    "python train.py --auth none --use-auth=false",
    "python train.py --token $HF_TOKEN",
    "python train.py --token ${HF_TOKEN}",
    "python train.py --token ${oc.env:HF_TOKEN}",
    "python train.py --password-file secret.txt",
    "python train.py --token-file=/run/secrets/hf",
    "python train.py --credentials ~/.aws/credentials",
    "python train.py --credentials keys/service.json",
    "python train.py --api-key <your-key>",
    "python train.py --api-key '***'",
    "python train.py --secret-name prod/db",
    "python train.py --key id --sort-key date --n-keys 3",
    "python train.py --pad-token '<pad>' --eos_token='</s>' --mask_token=[MASK]",
    "python train.py --use-auth-token train.py",
    "python train.py --password-stdin < pw",
    "HF_TOKEN=$(cat ~/.token) python train.py",
    "TOKEN=`cat x` run",
    "export API_KEY=$API_KEY",
    "run --set 'password={{ vault.password }}'",
    "echo ${{ secrets.GITHUB_TOKEN }}",
    "aws secretsmanager get --token arn:aws:secretsmanager:eu-west-1:1:secret:db",
    "op run --api-key op://vault/item/field",
    "python -c 'import os; login(token=os.environ[\"HF_TOKEN\"])'",
    "python -c 'if token == other: pass'",
    "python -m pytest -k 'token or secret' -p no:cacheprovider",
    "docker run -u 1000:1000 -p 8080:80 img",
    "docker run -u $(id -u):$(id -g) img",
    "docker login r.org && mkdir -p data/x",
    "mkdir -p out && rsync -u a:b c",
    "curl -u $USER:$PASS h.org/x",
    "mysql -u root -p db",
    "git clone git@github.com:acme/models.git",
    "git clone ssh://git@github.com/acme/models.git",
    "pip install git+https://github.com/acme/x.git@v1.2",
    "pip install sk-learn sk-learn-extra-estimators-benchmark-suite",
    "pip install pypi-simple npm_config hf_transfer",
    "conda run -n task-sk-something-that-is-rather-long python x.py",
    f"dvc get . x --rev {SHA1}",
    f"docker pull python:3.11@sha256:{SHA256}",
    f"sha256sum -c <<< '{SHA256}  model.bin'",
    "wc -l data/token_counts.csv data/secrets/README.md",
    "count the token of each line, and the key of each row",
    "echo 'the password: ask the owner'",
    "echo 'authentication is basic; the secret is kept'",
    "spark-submit --files abfss://raw@account.dfs.core.windows.net/x",
    "psql postgresql://reader@db.org/x",
    "sh src/cookie_banner.sh && python bearer_bonds.py",
    "python x.py --keys a b c && python -m src.auth.train --data tokens.csv",
    "cut -d, -f2 data/secret_santa.csv; python train.py --passes 3 --bypass-cache",
    "python x.py --key-column id --token-column text --credentials-file=creds.json",
    "python x.py -p 8080 -u jane; ssh -p 22 jane@h.org ls",
    "jq '.token' x.json | grep -v 'token:' | sed -e 's/password=.*/password=/'",
    "papermill a.ipynb b.ipynb -p alpha 0.6 -p l1 0.1",
    "torchrun --nproc_per_node 4 t.py --auth_token_env HF_TOKEN --word-token-ratio=0.4",
)
_HARMLESS_PARAMETERS = (
    "token_count=512", "max_tokens=512", "n_tokens=7", "tokenizer=bert", "num_keys=4",
    "keyboard=qwerty", "author=Jane Doe", "authority=h.org", "secretary=Jane", "key=value",
    "primary_key=id", "sort_key=date", "partition_key=day", "auth=none", "auth=oauth2",
    "auth_method=password", "pad_token=<pad>", "eos_token=</s>", "mask_token=[MASK]",
    "price_per_token=cheap", "special_token=<|endoftext|>", "token=${HF_TOKEN}",
    "password=${oc.env:DB_PASSWORD}", "api_key=<your key>", "api_key=TODO", "secret=vault:db/x#pw",
    "credentials=~/.config/gcloud/creds.json", "private_key_path=/etc/ssl/x.pem",
    "secret_name=prod/db", "password_policy=strict", "passes=3", "compass=north", "bypass=yes",
    "forward_pass=twice", "token_type=word", "credit=high", "tokens=a b c", "accredited=no",
    "md5=d41d8cd98f00b204e9800998ecf8427e.dir", f"commit={SHA1}", f"digest=sha256:{SHA256}",
    "run=123e4567-e89b-12d3-a456-426614174000", "etag=\"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
    f"config={BASE64}", "kernel=sk-rbf", "version=v1.2.3-rc.1+build.5", "layer=hf_model_layers_1",
    "model=npm_classifier_v2", "text=Bearer of good news", "email=jane.doe@example.com",
    "hidden_key_dim=64", "pass_threshold=0.5", "cross_attention_keys=qkv", "separator_token=|",
    "stop_token=###", "auth_type=oauth", "desc=The API key is read from the environment.",
    "uri=s3://my-bucket/keys/secret/x.csv", f"image=r.org/x@sha256:{SHA256}",
    "range=1:2@3", "time=12:30:00", "cron=0 3 * * *", "regex=[A-Z]{16}",
)  # fmt: skip
_HARMLESS_URLS = (
    "https://h.org/x.csv", "https://h.org:8080/@scope/pkg", "https://h.org/x?a=1&b=2#frag",
    "https://h.org/x?key=features", "https://h.org/x?page_token=&next=2", "https://h.org/x?sp=3&se=4",
    "s3://bucket/key/x.csv", "gs://bucket/tokens/x", "ssh://git@h.org/r.git", "sftp://jane@h.org/x",
    "hdfs://alice@namenode:8020/x", "abfss://raw@account.dfs.core.windows.net/x",
    "git+ssh://git@h.org/r.git@v1", "file:///home/jane/x", "https://[::1]:8080/users/@me",
    "http://localhost:${PORT}/users/@me", "https://h.org/x?auth=none", "azure://container/x",
)  # fmt: skip
_HARMLESS_DOCUMENTS = (
    "responsible_owner: jane.doe@example.com\ncontact: mailto:jane@example.com",
    "password: ask the owner", "secret: responsibly-kept", "the key: value of the table",
    "Tokens are counted; auth: none is needed.", "token: model_final", "Bearer of the report",
    f"| {SHA256} | {SHA1} |", "See section 4: secret sharing, key exchange, authentication.",
    '{"$redacted": "secret-name"}', "run --token=[redacted:secret-name] [redacted:jwt]",
)  # fmt: skip
HARMLESS: tuple[Harmless, ...] = tuple(
    Harmless(place=place, text=text)
    for place, texts in (
        (Place.COMMAND, _HARMLESS_COMMANDS),
        (Place.PARAMETER, _HARMLESS_PARAMETERS),
        (Place.URL, _HARMLESS_URLS),
        (Place.DOCUMENT, _HARMLESS_DOCUMENTS),
    )
    for text in texts
)
