"""Checkpoints are C2SP signed notes: the vectors of Go's golang.org/x/mod/sumdb/note, and properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.errors import ConfigurationError, InputError, JourneymanError, LedgerError
from journeyman.ledger.checkpoint import (
    Checkpoint,
    SigningKey,
    VerifierKey,
    open_note,
    open_text,
    sign,
    sign_text,
    split_note,
)

VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

KEY = SigningKey("ledger.example/journeys", bytes(range(32)))
POINT = Checkpoint("ledger.example/journeys", 7, bytes(32), ("at 2026-03-01T09:00:00.000Z",))


def test_the_reference_key_signs_the_reference_note() -> None:
    key = SigningKey.parse(SKEY)
    assert str(key.verifier) == VKEY
    assert key.secret() == SKEY
    assert sign_text(TEXT, key) == TEXT + "\n" + SIGNATURE
    assert open_text(TEXT + "\n" + SIGNATURE, VerifierKey.parse(VKEY)) == TEXT


@pytest.mark.parametrize("position", range(len(VKEY)))
def test_no_mistyped_verifier_key_is_accepted(position: int) -> None:
    for mangled in (
        VKEY[:position],
        VKEY[position + 1 :],
        VKEY[:position] + chr(ord(VKEY[position]) + 1) + VKEY[position + 1 :],
    ):
        with pytest.raises(ConfigurationError):
            VerifierKey.parse(mangled)


@pytest.mark.parametrize(
    "key",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_key_of_another_length_or_algorithm_is_refused(key: str) -> None:
    with pytest.raises(ConfigurationError):
        VerifierKey.parse(key)


def test_a_mistyped_signing_key_is_refused_and_not_shown() -> None:
    for mangled in (SKEY[:-4], SKEY.replace("c74f", "c74e"), SKEY.removeprefix("PRIVATE+"), VKEY):
        with pytest.raises(ConfigurationError) as caught:
            SigningKey.parse(mangled)
        assert "AYEKFALV" not in str(caught.value)
    assert "AYEKFALV" not in repr(SigningKey.parse(SKEY))


@pytest.mark.parametrize(
    "note",
    [
        TEXT,
        TEXT + "\n",
        TEXT + "\n" + SIGNATURE[:-1],
        "\x01" + TEXT + "\n" + SIGNATURE,
        TEXT + "\n" + SIGNATURE.replace("PeterNeumann", "Bad Name"),
        TEXT + "\n" + SIGNATURE + "Unexpected line.\n",
        TEXT + "\n" + SIGNATURE * 101,
        TEXT + "\n" + SIGNATURE.replace("nAM=", "nAN="),
        "\ud800" + TEXT + "\n" + SIGNATURE,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(InputError):
        open_text(note, VerifierKey.parse(VKEY))


def test_other_keys_signatures_are_ignored_but_one_of_ours_must_be_there() -> None:
    cosigned = sign(POINT, KEY) + sign(POINT, SigningKey.generate("witness.example/w1")).rpartition("\n\n")[2]
    assert open_note(cosigned, KEY.verifier) == POINT
    assert len(split_note(cosigned)[1]) == 2
    with pytest.raises(LedgerError, match="not signed by"):
        open_note(cosigned, SigningKey.generate(KEY.name).verifier)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@given(st.integers(0, 2**63), st.binary(min_size=32, max_size=32), st.lists(texts, max_size=3))
def test_a_signed_checkpoint_opens_to_itself(size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(KEY.name, size, root, tuple(extensions))
    assert open_note(sign(checkpoint, KEY), KEY.verifier) == checkpoint


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_note_with_any_byte_changed_does_not_open(position: int, change: int) -> None:
    note = bytearray(sign(POINT, KEY).encode())
    note[position % len(note)] ^= change
    with pytest.raises((JourneymanError, UnicodeDecodeError)):
        open_note(note.decode(), KEY.verifier)


@pytest.mark.parametrize("text", ["", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n", "\n1\nAAAA\n"])
def test_a_note_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Checkpoint.parse(text)


def test_a_line_that_would_break_the_text_is_refused() -> None:
    for line in ("", "two\nlines", "bell\x07"):
        with pytest.raises(InputError):
            Checkpoint("log", 1, bytes(32), (line,)).text()
