"""How arguments are read."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journeyman.cli.options import read_json, read_moment, read_text
from journeyman.errors import InputError
from journeyman.tasks.roster import read

NOW = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)


def test_json_is_read_from_text_file_and_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "input.json"
    file.write_text('{"a": 1}')
    monkeypatch.setattr("sys.stdin", io.StringIO('{"a": 2}'))
    assert read_json('{"a": 0}', "input") == {"a": 0}
    assert read_json(f"@{file}", "input") == {"a": 1}
    assert read_json("@-", "input") == {"a": 2}


def test_text_that_is_no_json_names_the_field_and_the_place() -> None:
    with pytest.raises(InputError, match=r"`input` is no JSON: .*line 1 column 2") as caught:
        read_json("{", "input")
    assert caught.value.field == "input"


def test_a_file_that_is_missing_is_named() -> None:
    with pytest.raises(InputError, match=r"`nowhere\.txt` cannot be read") as caught:
        read_text("@nowhere.txt", "text")
    assert caught.value.field == "text"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", NOW + timedelta(hours=2)),
        ("1h 30m", NOW + timedelta(minutes=90)),
        ("2026-06-01T14:00+02:00", datetime(2026, 6, 1, 12, 0, tzinfo=UTC)),
        ("2026-06-01T14:00", datetime(2026, 6, 1, 14, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_absolute_or_a_duration_from_now(text: str, moment: datetime) -> None:
    assert read_moment(text, "until", NOW) == moment


def test_what_is_no_moment_says_how_to_write_one() -> None:
    with pytest.raises(InputError, match="`tomorrow` is no moment; write") as caught:
        read_moment("tomorrow", "until", NOW)
    assert caught.value.field == "until"


@pytest.mark.parametrize(
    ("name", "text"), [("a.yaml", "teams: [x]"), ("a.json", '{"teams": ["x"]}'), ("a.toml", 'teams = ["x"]')]
)
def test_a_roster_is_yaml_json_or_toml(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert read(tmp_path / name) == {"teams": ["x"]}


@pytest.mark.parametrize(("text", "problem"), [("a: [", "does not parse"), ("- a", "is no roster")])
def test_a_roster_that_is_none_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(InputError, match=problem):
        read(tmp_path / "r.yaml")
