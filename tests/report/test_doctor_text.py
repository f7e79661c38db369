from aigf_dvc.report.doctor_text import Health, Line, doctor_as_json, doctor_text

LINES = (
    Line(health=Health.OK, subject="git", text="2.39.5"),
    Line(health=Health.WARNING, subject="hook", text="a\x1b[31m", fix="do\x1bthis"),
    Line(health=Health.PROBLEM, subject="policy", text="word " * 30, fix="mend it", looked=False),
    Line(health=Health.PROBLEM, subject="keys", text="one", fix="away with it"),
)


def test_each_thing_has_a_line_and_each_fix_stands_below() -> None:
    lines = doctor_text(LINES, color=False, width=60).splitlines()
    assert lines[0] == "ok      git              2.39.5"
    assert lines[1].startswith("warning hook ")
    assert lines[2].strip() == "fix: do\\u001bthis"
    assert lines[-1] == "1 ok, 1 warning, 2 problems; 1 could not be looked at"
    assert max(map(len, lines)) <= 60


def test_a_path_is_never_broken() -> None:
    path = "/a/long/way/" * 9
    line = Line(health=Health.PROBLEM, subject="key", text="bad", fix=f"chmod 600 {path}")
    assert path in doctor_text([line], color=False, width=60)


def test_nothing_that_others_wrote_steers_the_terminal() -> None:
    assert "\x1b" not in doctor_text(LINES, color=False, width=80)
    assert "\x1b[31mproblem\x1b[0m" in doctor_text(LINES, color=True, width=80)
    assert "\x1b" not in str(doctor_as_json(LINES))


def test_machines_get_every_field() -> None:
    lines = doctor_as_json(LINES)["lines"]
    assert isinstance(lines, list)
    assert lines[2] == {
        "health": "problem", "subject": "policy", "text": "word " * 30, "fix": "mend it",
        "looked": False,
    }  # fmt: skip
