"""Messages about Postgres say where it is and never who we are."""

import pytest

from journeyman.store.database import location


@pytest.mark.parametrize(
    ("dsn", "shown"),
    [
        ("postgresql://app:secret@db.example:6432/journeyman", "`db.example:6432/journeyman`"),
        ("postgresql://app@/journeyman?host=%2Frun%2Fpg&port=5432", "`/run/pg/journeyman`"),
        ("postgresql:///journeyman", "`localhost/journeyman`"),
        ("postgresql://app:se[cret@db/journeyman", "the configured address"),
    ],
)
def test_a_place_is_shown_without_user_and_password(dsn: str, shown: str) -> None:
    assert location(dsn) == shown
