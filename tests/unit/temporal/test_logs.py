"""What a worker's log tells of failures."""

import io
import logging
from collections.abc import Iterator

import pytest

from journeyman.errors import InputError
from journeyman.temporal.logs import WithoutWords

SECRET = "Ada-Lovelace"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a handler with the filter writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(WithoutWords())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def fail() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        raise InputError(f"`{SECRET}` is wrong") from error


def test_the_sdk_logs_the_kind_and_place_of_a_failure_and_not_its_words(written: io.StringIO) -> None:
    logger = logging.getLogger("temporalio.activity")
    try:
        fail()
    except InputError:
        logger.warning("Completing activity as failed (%s)", {"workflow_id": "jrn-1"}, exc_info=True)
    logger.warning(f"Completing as failure during heartbeat with error of type {ValueError}: {SECRET}")
    told = written.getvalue()
    assert SECRET not in told
    assert "Completing activity as failed ({'workflow_id': 'jrn-1'}): InputError at test_logs.py:" in told
    assert ", of ValueError at test_logs.py:" in told
    assert "of type <class 'ValueError'>\n" in told


def test_our_own_log_tells_all_of_it(written: io.StringIO) -> None:
    try:
        fail()
    except InputError:
        logging.getLogger("journeyman.test").exception("a sweep failed")
    assert "is wrong" in written.getvalue()
