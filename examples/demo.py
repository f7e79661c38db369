"""The example's story, told for real: denied, mended, signed, verified, tampered with, refused.

`./dev demo` runs it. Every command is run as it is shown, and its exit code and words are checked:
the first surprise ends the story with exit code 1. All of it happens in one scratch folder.
"""

import argparse
import io
import json
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT / "examples"))  # `python -I` leaves the script's folder out
from demo_scene import Scene, SurpriseError, Teller  # noqa: E402

PROJECT = CHECKOUT / "examples" / "mortgage"
MODEL = "models/mortgage.pkl"
POLICY = "governance/policy.yaml"
METRICS = "metrics/evaluation.json"
INTERRUPTED = 130
DVC_FAILED = 255


def set_up(scene: Scene) -> None:
    """Make the project a git and DVC repository with remotes on disk."""
    scene.teller.chapter(
        "A project as teams have it",
        """examples/mortgage predicts mortgage decisions: data, a DVC pipeline, a model card. It
        becomes a git and DVC repository, with remotes that are folders beside it, and a model that
        was trained before anybody thought of governance.""",
    )
    shutil.copytree(PROJECT, scene.team, ignore=shutil.ignore_patterns("__pycache__", ".venv"))
    scene.run("git init --quiet --bare --initial-branch=main remote.git", cwd=scene.folder)
    for command in (
        "git init --quiet --initial-branch=main",
        "git config user.name Demo",
        "git config user.email demo@example.com",
        "git remote add origin ../remote.git",
        "dvc init --quiet",
        "dvc config core.check_update false",
        "dvc config core.autostage true",
        "dvc remote add --quiet --default storage ../dvc-storage",
        "dvc add --quiet data/hmda.csv",
        "dvc repro --quiet",
        "git add --all",
        "git commit --quiet --message 'Train the plain model'",
        "git push --quiet origin main",
    ):
        scene.run(command, cwd=scene.team)


def govern(scene: Scene) -> None:
    """Let `aigf init` find the model, the metrics and the card."""
    scene.teller.chapter(
        "One command sets up governance",
        """It reads the pipeline and adds what is missing: a policy (fairness at least 0.8, answers
        within 500 ms, a filled-in model card, lineage without a gap), a last stage that holds
        the model against it, and the pre-push hook. It ends with how the model stands.""",
    )
    scene.run("aigf init", cwd=scene.team, says="aigf.yaml")
    scene.run("grep fairness_score aigf.yaml", cwd=scene.team, says="fairness_score")
    scene.run("git add --all", cwd=scene.team)
    scene.run("git commit --quiet --message 'Set up governance'", cwd=scene.team)


def train_unfairly(scene: Scene) -> None:
    """Train the model as it comes; the policy denies it."""
    scene.teller.chapter(
        "The model is trained under observation, and denied",
        """`aigf repro` is `dvc repro` with a witness: it observes what each stage reads and makes.
        (`--force`, because DVC has run them all before, without a witness.) The last stage asks the
        policy, and DVC stops there.""",
    )
    scene.run("aigf repro --force", cwd=scene.team, code=DVC_FAILED, says="is denied")


def cheat(scene: Scene) -> None:
    """Edit the metric by hand; the push is refused."""
    path = scene.team / METRICS
    metrics = json.loads(path.read_text())
    found = metrics["fairness_score"]
    scene.teller.chapter(
        "A short cut does not get through",
        f"""Somebody in a hurry opens {METRICS}, turns the fairness score of {found:.3f} into
        0.9, commits and pushes. The hook judges the commit, not the promise.""",
    )
    path.write_text(json.dumps(metrics | {"fairness_score": 0.9}, indent=2) + "\n")
    scene.run("git commit --quiet --all --message 'Raise the fairness'", cwd=scene.team)
    scene.run("git push origin main", cwd=scene.team, code=1, says="REFUSED")
    scene.teller.say("So the commit is taken back. The model has to change, not the number.")
    scene.run("git reset --quiet --hard HEAD~1", cwd=scene.team)


def mend(scene: Scene) -> None:
    """Turn the mitigation on; the model passes."""
    scene.teller.chapter(
        "The model is mended, and passes",
        """The training script knows a remedy: reweighing gives the examples of each group and
        decision the weight they would have if group and decision were independent. One word in
        params.yaml turns it on.""",
    )
    path = scene.team / "params.yaml"
    text = path.read_text()
    path.write_text(text.replace("mitigation: none", "mitigation: reweighing", 1))
    scene.run("git diff --unified=0 params.yaml", cwd=scene.team, says="+  mitigation: reweighing")
    scene.run("aigf repro", cwd=scene.team, says="has passed")


def push(scene: Scene) -> None:
    """Commit and push; the hook lets it through."""
    scene.teller.chapter(
        "The push goes through",
        """`aigf capture` writes aigf.lock: DVC knows data by MD5, so the SHA-256 of every file is
        kept beside it, for machines that do not have the data. With it in the commit, the hook can
        judge from git alone.""",
    )
    scene.run("aigf capture --output ../manifest.json", cwd=scene.team, says="manifest sha256:")
    scene.run("git add --all", cwd=scene.team)
    scene.run("git commit --quiet --message 'Train a fair model'", cwd=scene.team)
    scene.run("dvc push", cwd=scene.team)
    scene.run("git push origin main", cwd=scene.team, says="main at")


def attest(scene: Scene) -> None:
    """Sign what passed, and publish it."""
    scene.teller.chapter(
        "What passed is signed",
        """`aigf attest` judges the commit once more, and signs one statement that binds the model's
        SHA-256 to its data, code, parameters, metrics, card and verdict. The key lies outside the
        repository (a throw-away one; keep yours with a passphrase, or use `--keyless` in CI).""",
    )
    scene.run("aigf key generate ../release.key --no-passphrase", cwd=scene.team)
    scene.run(
        "aigf attest --key ../release.key --output ../mortgage.sigstore.json",
        cwd=scene.team,
        says="signed for production",
    )
    scene.run("aigf push", cwd=scene.team)


def deploy(scene: Scene) -> str:
    """Verify the model elsewhere, before it is deployed; return the command that did."""
    scene.teller.chapter(
        "The deployer believes nothing, and checks",
        """Another clone fetches the attestation from git and the model from the DVC remote. The
        deployer knows two things of their own: the public key, and the digest of the policy they
        have agreed to. Everything else is checked, offline.""",
    )
    scene.run("git clone --quiet remote.git deployer", cwd=scene.folder)
    scene.run("aigf pull", cwd=scene.deployer)
    scene.run(f"dvc pull {MODEL}", cwd=scene.deployer)
    sha256 = "sha256sum" if shutil.which("sha256sum") else "shasum -a 256"
    digest = scene.run(f"{sha256} {POLICY}", cwd=scene.deployer).split()[0]
    command = (
        f"aigf verify {MODEL} --from git --key ../release.pub \\\n"
        f"    --min-trust observed \\\n    --policy-digest sha256:{digest}"
    )
    scene.run(command, cwd=scene.deployer, says="ACCEPTED")
    return command


def tamper(scene: Scene, command: str) -> None:
    """Flip one bit of the model; it is refused."""
    path = scene.deployer / MODEL
    data = bytearray(path.read_bytes())
    place = len(data) // 2
    data[place] ^= 1
    scene.teller.chapter(
        "One byte is changed, and the model is refused",
        f"""The model has {len(data):,} bytes. On the deployer's disk, byte {place} becomes
        0x{data[place]:02x} instead of 0x{data[place] ^ 1:02x}; nothing else changes. The store
        finds attestations by the model's digest, so it has none for these bytes; the attestation of
        the good model, given as a file, does not fit them either.""",
    )
    path.unlink()  # DVC may have linked it to its cache
    path.write_bytes(data)
    scene.run(command, cwd=scene.deployer, code=1, says="REFUSED")
    command = command.replace("--from git", "--bundle ../mortgage.sigstore.json")
    scene.run(command, cwd=scene.deployer, code=1, says="REFUSED at step 5")


def end(scene: Scene, seconds: float) -> None:
    """Say what was shown, where it lies, and what to type next."""
    teller = scene.teller
    teller.chapter(
        "What you have seen",
        """An unfair model did not pass, an edited number did not get pushed, and only the model
        that was mended was signed.""",
    )
    teller.say(
        """The deployer accepted exactly those bytes, with their data, code, parameters and verdict,
        from a signer and under a policy of their own choice."""
    )
    teller.say("One changed byte was enough to be refused.")
    teller.say(f"Everything lies in {scene.folder} (delete it when you are done):")
    for name, what in (
        ("mortgage/", "the team's repository: aigf.yaml, aigf.lock, governance/, dvc.yaml"),
        ("deployer/", "the deployer's clone, with the model that was tampered with"),
        ("mortgage.sigstore.json", "the attestation: an in-toto statement in a Sigstore bundle"),
        ("manifest.json", "the lineage manifest: the same bytes on every machine"),
        ("release.key, .pub", "the signing key and its public key"),
    ):
        teller.output(f"{name:<24}{what}")
    teller.say("To look further, type:")
    tools = shlex.quote(os.pathsep.join(scene.environment["PATH"].split(os.pathsep)[:2]))
    for command in (
        f'export PATH={tools}:"$PATH"',
        f"cd {shlex.quote(str(scene.team))}",
        "aigf check                           # hold the model against the policy again",
        "aigf capture --check                 # every input and output of every stage",
        "aigf show ../mortgage.sigstore.json  # all that was signed",
    ):
        teller.to_copy(command)
    teller.say(f"Told in {seconds:.0f} seconds.")


def tell(scene: Scene) -> None:
    """Tell the story from its beginning to its end."""
    began = time.monotonic()
    scene.teller.title(
        "aigf-dvc: an unfair model, and how far it gets",
        f"""Real data, real git, DVC and signatures, all in {scene.folder}. Every command below is
        run as you see it, and the story ends at once if one does not do what is told.""",
    )
    set_up(scene)
    govern(scene)
    train_unfairly(scene)
    cheat(scene)
    mend(scene)
    push(scene)
    attest(scene)
    command = deploy(scene)
    tamper(scene, command)
    end(scene, time.monotonic() - began)


def private_environment(folder: Path, example_bin: Path, tools_bin: Path) -> dict[str, str]:
    """Return what the commands see: nothing of the person's git, DVC and Python settings."""
    dropped = ("AIGF_", "DVC_", "GIT_", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    state = folder / ".state"
    return kept | {
        # The stages call `python`, which has to be the example's.
        "PATH": os.pathsep.join(
            (str(example_bin), str(tools_bin), os.environ.get("PATH", os.defpath))
        ),
        "DVC_NO_ANALYTICS": "1",
        "DVC_GLOBAL_CONFIG_DIR": str(state / "dvc-global"),
        "DVC_SYSTEM_CONFIG_DIR": str(state / "dvc-system"),
        "DVC_SITE_CACHE_DIR": str(state / "dvc-cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PAGER": "cat",
    }


def missing(options: argparse.Namespace) -> Iterator[str]:
    """Yield what the story needs and does not find."""
    if shutil.which("git") is None:
        yield "git is not on PATH: install it"
    for program in (options.tools_bin / "aigf", options.tools_bin / "dvc"):
        if not program.exists():
            yield f"{program} is missing: `./dev demo` installs it, or say --tools-bin"
    if not (options.example_bin / "python").exists():
        yield f"{options.example_bin}/python is missing: `./dev demo` installs it, or --example-bin"
    folder = options.folder
    if folder is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        yield f"{folder} is not an empty folder: name a new one"


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="./dev demo", description=str(__doc__).split("\n")[0])
    add = parser.add_argument
    add("--folder", type=Path, help="play here (new or empty); a fresh temporary one by default")
    add("--plain", action="store_true", help="no colours, on a terminal too")
    add("--tools-bin", type=Path, default=CHECKOUT / ".venv/bin", help="where aigf and dvc are")
    add(
        "--example-bin", type=Path, default=CHECKOUT / ".venv-example/bin",
        help="where the python of the pipeline is",
    )  # fmt: skip
    return parser.parse_args()


def main() -> int:
    """Tell the story; return 0 when every step came out as told."""
    options = read_options()
    problems = list(missing(options))
    if problems:
        print("demo: " + "\ndemo: ".join(problems), file=sys.stderr)
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✔ is no reason to stop
    plain = options.plain or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    folder = options.folder or Path(tempfile.mkdtemp(prefix="aigf-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    scene = Scene(
        folder=folder,
        teller=Teller(color=sys.stdout.isatty() and not plain),
        environment=private_environment(
            folder, options.example_bin.absolute(), options.tools_bin.absolute()
        ),
    )
    try:
        tell(scene)
    except SurpriseError as surprise:
        print(f"\ndemo: this is not how the story goes: {surprise}", file=sys.stderr)
        print(f"demo: what is there so far is in {folder}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\ndemo: interrupted; what is there so far is in {folder}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader has gone, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
