"""What a retry helps against is said in one place."""

from journeyman import errors


def test_what_is_not_retryable_fails_an_activity_for_good() -> None:
    final = set(errors.never_retried())
    assert {"InputError", "NotFoundError", "ConflictError", "DeniedError", "LedgerError", "ErasedError"} <= final
    waited_for = {
        "UnavailableError",
        "DatabaseUnavailableError",
        "PolicyError",
        "ConfigurationError",
        "DefinitionError",
    }
    assert final & waited_for == set()
