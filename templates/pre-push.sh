#!/bin/sh
# aigf pre-push hook: judges the pushed commits. `aigf hook uninstall` removes it.
# A hook that stood here before is kept beside it as pre-push.before-aigf, and runs afterwards.
python=@PYTHON@
before="$0.before-aigf"

refuse() {
  echo "aigf: $1" >&2
  echo "  hint: in an environment that has aigf-dvc, run \`aigf hook install\` again;" >&2
  echo "  hint: \`git push --no-verify\` passes this hook by, and CI will see it" >&2
  exit 1
}

[ -x "$python" ] || refuse "push refused: the Python of this hook is gone: $python"

# Both hooks read the list of pushed refs, so it is kept while they run.
refs=$(mktemp) || refuse "push refused: cannot make a temporary file"
trap 'rm -f "$refs"' EXIT
trap 'exit 130' HUP INT TERM
cat >"$refs" || refuse "push refused: cannot write $refs"

"$python" -I -m aigf_dvc hook pre-push "$@" <"$refs"
status=$?
if [ "$status" -ne 0 ]; then
  "$python" -I -c 'import aigf_dvc' 2>/dev/null ||
    refuse "push refused: aigf-dvc is no longer installed for $python"
  exit "$status"
fi

if [ -f "$before" ] && [ -x "$before" ]; then
  "$before" "$@" <"$refs"
fi
