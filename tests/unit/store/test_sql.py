"""Named blocks of SQL."""

import pytest

from journeyman.errors import ConfigurationError
from journeyman.store import sql


def test_a_file_is_split_into_its_named_blocks() -> None:
    statements = sql.parse("queues", "-- Waiting.\n\n-- name: one\nselect 1\n\n-- name: two\n-- why\nselect 2\n")
    assert dict(statements) == {"one": "select 1", "two": "-- why\nselect 2"}


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"no statement `three` in store/sql/queues\.sql; it has: one, two"):
        sql.parse("queues", "-- name: two\nselect 2\n-- name: one\nselect 1")["three"]


def test_a_name_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"queues\.sql:3: `one` is there twice"):
        sql.parse("queues", "-- name: one\nselect 1\n-- name: one\nselect 2")


def test_a_statement_without_a_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"queues\.sql:2: a statement before"):
        sql.parse("queues", "-- Waiting.\nselect 1\n")


def test_an_unknown_noun_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match=r"no store/sql/llamas\.sql"):
        sql.load("llamas")


def test_every_shipped_file_has_named_blocks() -> None:
    assert {"keys", "migrate"} <= set(sql.nouns())
    for noun in sql.nouns():
        assert all(sql.load(noun).values()), noun


def test_parts_count_their_own_parameters_and_are_joined_to_one_statement() -> None:
    parts = [("a as (select $1, $2)", ("x", "y")), ("b as (select $1) -- of a", ("z",)), ("c as (select)", ())]
    statement, arguments = sql.joined(parts, "select from c")
    assert " ".join(statement.split()) == (
        "with a as (select $1, $2) , b as (select $3) -- of a , c as (select) select from c"
    )
    assert "\n, c" in statement  # or it would belong to the comment
    assert arguments == ["x", "y", "z"]
