"""Data keys and master keys, without a database."""

import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from journeyman.customers.keys import DataKey, Keyring, load_master_key, new_master_key
from journeyman.errors import ConfigurationError, InputError

RAW = bytes(range(32))


def key(subject: str = "cust-1") -> DataKey:
    return DataKey(subject, AESGCM(RAW), index_key=RAW)


@given(st.binary())
def test_what_is_sealed_opens_to_the_same(plain: bytes) -> None:
    assert key().decrypt(key().encrypt(plain)) == plain


@given(st.binary(max_size=64), st.data())
def test_a_sealed_value_with_any_bit_changed_is_refused(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(key().encrypt(plain))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(InputError):
        key().decrypt(bytes(sealed))


@given(st.binary(max_size=64), st.data())
def test_a_sealed_value_cut_short_is_refused(plain: bytes, data: st.DataObject) -> None:
    sealed = key().encrypt(plain)
    with pytest.raises(InputError):
        key().decrypt(sealed[: data.draw(st.integers(0, len(sealed) - 1))])


def test_a_value_sealed_for_one_subject_does_not_open_for_another() -> None:
    with pytest.raises(InputError, match="`cust-2` was altered or belongs to another subject"):
        key("cust-2").decrypt(key("cust-1").encrypt(b"hello"))


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert key().encrypt(b"hello") != key().encrypt(b"hello")


def test_a_key_does_not_show_itself() -> None:
    assert repr(RAW) not in repr(key())


def test_a_new_master_key_loads() -> None:
    assert len(load_master_key(new_master_key() + "\n")) == 32


def test_a_master_key_loads_without_its_padding() -> None:
    text = base64.urlsafe_b64encode(RAW).decode().rstrip("=")
    assert load_master_key(text) == RAW


_SHORT = base64.urlsafe_b64encode(bytes(range(31))).decode()


@pytest.mark.parametrize("text", ["", "short", "ä" * 43, "!" * 44, _SHORT])
def test_a_wrong_master_key_tells_how_to_make_one_and_is_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match="make one with: python -c") as caught:
        load_master_key(text)
    assert not text or text not in str(caught.value)


def test_a_keyring_refuses_a_master_key_of_another_length() -> None:
    with pytest.raises(ConfigurationError, match="has 16 bytes and needs 32"):
        Keyring(RAW, previous=[RAW[:16]])
