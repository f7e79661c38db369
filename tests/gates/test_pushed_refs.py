"""What git says is pushed: one line a ref, of one form."""

import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.gates.pushed_refs import read_pushed_refs

ID = "a" * 40


@pytest.mark.parametrize(
    "line", ["one two three", "a b c d e", "", f"a {ID} b {ID} c", f"a {ID} b c", f"{ID} b {ID}"]
)
def test_a_line_of_another_form_is_refused(line: str) -> None:
    with pytest.raises(InputError, match="expected `local-ref id remote-ref id`"):
        read_pushed_refs(f"{line}\n".encode())


def test_a_source_with_blanks_and_names_of_any_bytes_are_read() -> None:
    (ref,) = read_pushed_refs(f"HEAD^{{/fix it}} {ID} refs/heads/a\u2028b {ID}\n".encode())
    assert (ref.local_ref, ref.remote_ref) == ("HEAD^{/fix it}", "refs/heads/a\u2028b")
    (odd,) = read_pushed_refs(b"x %b refs/heads/br\xe9 %b\n" % (ID.encode(), ID.encode()))
    assert odd.short == "br\udce9"
    assert read_pushed_refs(b"") == ()
