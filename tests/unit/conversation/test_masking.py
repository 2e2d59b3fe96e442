"""What customers type, and what is left of it."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from journeyman.conversation.masking import Secret, fill, find_secrets, mask, scrub, scrubbed
from journeyman.errors import InputError

PIN = "Right, and your PIN as well please."
ACCOUNT = "Can you tell me your account number, please?"
BOTH = "Can I get your account number and PIN?"
BIRTH = "Could you provide your date of birth, please?"
PASSWORD = "What is your password?"
CARD = "Could you give me your card number?"


@pytest.mark.parametrize(
    ("text", "asked", "masked", "values"),
    [
        ("1596", PIN, "[pin]", ["1596"]),
        ("0314", PIN, "[pin]", ["0314"]),
        ("My pin is 1596", None, "My pin is [pin]", ["1596"]),
        ("It's either 7402 or 3941", PIN, "It's either [pin] or [pin]", ["7402", "3941"]),
        (
            "Account number is 95381901 and PIN is 1596",
            None,
            "Account number is 95381901 and PIN is [pin]",
            ["1596"],
        ),
        ("pin 1596 account 95381901", None, "pin [pin] account 95381901", ["1596"]),
        ("85731890 and 3941", BOTH, "85731890 and [pin]", ["3941"]),
        ("my account and pin are 95381901 and 1596", None, "my account and pin are 95381901 and [pin]", ["1596"]),
        ("PIN: 1596; acct: 95381901", None, "PIN: [pin]; acct: 95381901", ["1596"]),
        ("I think my PIN is either3941 or 7402", None, "I think my PIN is either[pin] or [pin]", ["3941", "7402"]),
        ("pni is 1596", None, "pni is [pin]", ["1596"]),
        ("1596 is my pin", None, "[pin] is my pin", ["1596"]),
        ("Oh wait... try 7402 or 3941", BIRTH, "Oh wait... try [pin] or [pin]", ["7402", "3941"]),
        ("The PIN is 12345678", None, "The PIN is [pin]", ["12345678"]),
        (
            "My pin is 3100. My birthday is in the year 2000",
            PIN,
            "My pin is [pin]. My birthday is in the year 2000",
            ["3100"],
        ),
    ],
)
def test_a_pin_is_cut_out_and_an_account_number_stays(
    text: str, asked: str | None, masked: str, values: list[str]
) -> None:
    result = mask(text, asked=asked)
    assert result.text == masked
    assert [secret.value for secret in result.secrets] == values


@pytest.mark.parametrize(
    "text",
    [
        "1 5 9 6",
        "1-5-9-6",
        "1.5.9.6",
        "1,596",
        "15:96",
        "15 96",
        "1\n5\n9\n6",
        "1\u200b5\u200b9\u200b6",
        "１５９６",
        "١٥٩٦",
        "①⑤⑨⑥",
        "1️⃣5️⃣9️⃣6️⃣",
        "1̶5̶9̶6̶",
        "𝟙𝟝𝟡𝟞",
        "l596",
        "one five nine six",
        "One. Five. Nine. Six.",
        "1 five 9 six",
        "one, then five, then nine, then six",
        "fifteen ninety-six",
        "it's 1596",
        "   1596   ",
        "«1596»",
    ],
)
def test_a_pin_is_found_in_every_disguise(text: str) -> None:
    assert [secret.value for secret in mask(text, asked=PIN).secrets] == ["1596"]
    assert [secret.value for secret in mask(f"my pin is {text}", asked=None).secrets] == ["1596"]
    assert not any(char.isdigit() for char in mask(text, asked=PIN).text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("oh three one four", "0314"), ("O314", "0314"), ("double five one two", "5512"), ("thirty one hundred", "3100")],
)
def test_spoken_digits_become_the_pin_that_was_meant(text: str, value: str) -> None:
    assert [secret.value for secret in mask(text, asked=PIN).secrets] == [value]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("31/06/1996", PIN),
        ("31/06/1996", BIRTH),
        ("May 8, 1927", BIRTH),
        ("I was born in 1985", BIRTH),
        ("95381901", ACCOUNT),
        ("9931939443153", ACCOUNT),  # passes the check digit by chance; no scheme issues it
        ("9931939443153", None),
        ("351 531 510", ACCOUNT),
        ("$500", PIN),
        ("I'm missing 6000 credits", PIN),
        ("five hundred dollars", PIN),
        ("I should have more than 4334!", PIN),
        ("2000", "How much do you want to transfer?"),
        ("6567", "What are the last four digits of your social security number?"),
        ("DE89 3704 0044 0532 0130 00", ACCOUNT),
        ("7 pm for 4 people", "For what time?"),
        ("Nemo! I watched that movie so many times", "And the name of the pet?"),
        ("I forgot my password", PASSWORD),
        ("my password is not working", None),
        ("one of them", PIN),
        ("I live at 12 Main Street", None),
        ("", PIN),
    ],
)
def test_what_tools_need_stays_readable(text: str, asked: str | None) -> None:
    result = mask(text, asked=asked)
    assert result.text == text
    assert result.secrets == ()


@pytest.mark.parametrize(
    ("text", "asked", "masked"),
    [
        ("4111 1111 1111 1111", None, "[card]"),
        ("4111111111111111", ACCOUNT, "[card]"),
        ("4111-1111-1111-1111 12/27 123", None, "[card] 12/27 [cvv]"),
        ("card 3782 822463 10005 cvc 1234", None, "card [card] cvc [cvv]"),
        ("4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", None, "[card]"),
        ("four one one one one one one one one one one one one one one one", None, "[card]"),
        ("4111 1111 1111 1112", None, "[card]"),  # one digit mistyped
        ("1122354800219686", CARD, "[card]"),
        ("4111\n1111\n1111\n1111", None, "[card]"),
        ("it is 5555555555554444, thanks", None, "it is [card], thanks"),
        ("123", "And the security code on the back?", "[cvv]"),
        ("the three digits on the back are 123", None, "the three digits on the back are [cvv]"),
        ("my account number is 4111 1111 1111 1111", ACCOUNT, "my account number is [card]"),
    ],
)
def test_card_data_is_dropped(text: str, asked: str | None, masked: str) -> None:
    result = mask(text, asked=asked)
    assert result.text == masked
    assert all(secret.value == "" for secret in result.secrets)
    assert result.handled == ()


@pytest.mark.parametrize(
    "number",
    """4242424242424242 4000056655665556 5555555555554444 2223003122003222 5200828282828210 378282246310005 371449635398431
    6011111111111117 6011000990139424 3056930009020004 36227206271667 3566002020360505 6200000000000005 4222222222222
    6759649826438453 4988438843884305 5105105105105100""".split(),  # noqa: SIM905 - as the processors list them
)
def test_the_test_numbers_of_payment_processors_are_cards(number: str) -> None:
    assert mask(f"here: {number}", asked=None).text == "here: [card]"
    assert scrub(f"refused {number}") == "refused [card]"


@pytest.mark.parametrize(
    ("text", "asked", "masked", "value"),
    [
        ("my password is hunter2", None, "my password is [password]", "hunter2"),
        ("hunter2", PASSWORD, "[password]", "hunter2"),
        ("it's correct horse battery", PASSWORD, "it's [password]", "correct horse battery"),
        ("password: S3cret!x and account 95381901", None, "password: [password] and account 95381901", "S3cret!x"),
        ('my password is "open sesame now" thanks', None, 'my password is "[password]" thanks', "open sesame now"),
        ("Tr0ub4dor&3 is my password", None, "[password] is my password", "Tr0ub4dor&3"),
        ("Password? hunter2", None, "Password? [password]", "hunter2"),
    ],
)
def test_a_password_is_cut_out(text: str, asked: str | None, masked: str, value: str) -> None:
    result = mask(text, asked=asked)
    assert result.text == masked
    assert result.secrets == (Secret("password", value, 0),)


def test_handles_are_written_into_their_places() -> None:
    masked = mask("pin 1596, card 4111111111111111, password: hunter2", asked=None)
    assert fill(masked, ["sec-1", "sec-2"]) == "pin [pin:sec-1], card [card], password: [password:sec-2]"
    with pytest.raises(InputError, match="give one for each"):
        fill(masked, ["sec-1"])


@pytest.mark.parametrize(
    "text",
    [
        "[pin:sec-01abc] is mine",
        "use [ PIN ] now",
        "\uff3bpin:sec-1\uff3d",
        "[p\u200bin:sec-1]",
        "[password]",
        "[card]",
    ],
)
def test_a_customer_cannot_type_a_handle(text: str) -> None:
    masked = mask(text, asked=None)
    assert masked.secrets == ()
    assert fill(masked, []) == masked.text
    assert "[" not in masked.text


def test_a_secret_does_not_show_itself_in_a_representation() -> None:
    assert "1596" not in repr(mask("my pin is 1596", asked=None).secrets)


@given(
    digits=st.text("0123456789", min_size=4, max_size=6),
    separator=st.sampled_from(["", " ", "-", ".", "\n", "\u200b", "\u00a0", " - ", "_", "/"]),
    frame=st.sampled_from(["{}", "my pin is {}", "PIN: {}", "the pin {} ok", "hi,\npin={}\nthanks", "it's {}"]),
    zero=st.sampled_from([0x30, 0xFF10, 0x0660, 0x06F0, 0x0966, 0x1D7CE]),
)
def test_no_pin_survives_being_asked_for(digits: str, separator: str, frame: str, zero: int) -> None:
    typed = separator.join(chr(zero + int(digit)) for digit in digits)
    masked = mask(frame.format(typed), asked=PIN)
    assert [secret.value for secret in masked.secrets] == [digits]
    assert not any(char.isdigit() for char in masked.text)


@given(st.text(max_size=200), st.sampled_from([None, PIN, ACCOUNT, BIRTH, PASSWORD, CARD]))
def test_masking_takes_any_text_and_loses_only_secrets(text: str, asked: str | None) -> None:
    masked = mask(text, asked=asked)
    ids = [f"sec-{index}" for index in range(len(masked.handled))]
    filled = fill(masked, ids)
    assert all(identifier in filled for identifier in ids)
    assert [secret.placeholder_index for secret in masked.secrets] == list(range(len(masked.secrets)))
    scrub(text)


@given(st.text("0123456789 -./,:pincard'\n[]", max_size=80))
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    once = scrub(text)
    assert scrub(once) == once


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ('{"PIN": 1596, "AccountNumber": 95381901}', '{"PIN": [pin], "AccountNumber": 95381901}'),
        ('{\\"pin\\": \\"0314\\"}', '{\\"pin\\": \\"[pin]\\"}'),
        ("pin=1596&acct=95381901", "pin=[pin]&acct=95381901"),
        ("pin is 1234", "pin is [pin]"),
        ("card 4111111111111111", "card [card]"),
        ("postgresql://app:s3cr3t@localhost/db", "postgresql://app:[secret]@localhost/db"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer [secret]"),
        ("password=hunter2&x=1", "password=[secret]&x=1"),
        ('"password": "hunter2"', '"password": "[secret]"'),
        ("key sk-abcdefghijklmnopqrstuv", "key [secret]"),
        ("handle [pin:sec-01jd5380] used", "handle [pin:sec-01jd5380] used"),
        ("0.4111111111111111", "0.4111111111111111"),
        ("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
        ("took 1596 ms, tokens: 1200, at 1719000000000000000", "took 1596 ms, tokens: 1200, at 1719000000000000000"),
        ('{"token": "tok_123", "balance": 5679}', '{"token": "tok_123", "balance": 5679}'),
        ("account 9931939443153", "account 9931939443153"),
    ],
)
def test_logs_lose_secrets_and_keep_the_rest(text: str, scrubbed: str) -> None:
    assert scrub(text) == scrubbed


def _encodings(secret: str) -> list[str]:
    payload = json.dumps({"args": {"pin": secret}}).encode()
    return [
        f"value {secret} here",
        " ".join(secret),
        "-".join(secret),
        base64.b64encode(payload).decode(),
        base64.urlsafe_b64encode(b"x" + payload).decode().rstrip("="),
        base64.b64encode(base64.b64encode(b"xy" + payload)).decode(),
        "\\x" + payload.hex(),
        "".join(f"\\u{ord(char):04x}" for char in secret),
        "".join(f"%{ord(char):02x}" for char in secret),
        "".join(f"&#{ord(char)};" for char in secret),
        json.dumps(json.dumps({"pin": secret})),
    ]


@pytest.mark.parametrize("secret", ["1596", "hunter2", "4111111111111111"])
def test_a_known_secret_is_found_in_every_encoding(secret: str) -> None:
    for dump in _encodings(secret):
        assert find_secrets(f"row 7: {dump} end", [secret, "0000", "absent"]) == {secret}, dump


@pytest.mark.parametrize(
    "dump",
    ["15960", "0.1596", "2015-09-06", "12:15:96", "id 01596ab", "a1596", "sha256 9b1596ff", "{'amount': 215963}"],
)
def test_a_pin_inside_of_another_number_is_no_find(dump: str) -> None:
    assert find_secrets(dump, ["1596"]) == frozenset()


def test_every_text_of_a_value_is_scrubbed_and_its_numbers_stay() -> None:
    value: JsonValue = {
        "what_happened": "card 4111 1111 1111 1111, PIN 1596",
        "pin": "1596",
        "handle": "[pin:sec-01jd8abc]",
        "reference": "A-1001",
        "amount_minor": 150000,
        "lines": [{"cvv": "123", "account_number": "95381901"}, None, True, ""],
    }
    kept = scrubbed(value)
    assert kept == {
        "what_happened": "card [card], PIN [pin]",
        "pin": "[pin]",
        "handle": "[pin:sec-01jd8abc]",
        "reference": "A-1001",
        "amount_minor": 150000,
        "lines": [{"cvv": "[cvv]", "account_number": "95381901"}, None, True, ""],
    }
    assert scrubbed(kept) == kept


ALL = "Could I get your full name, account number and PIN please?"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("it's one, five, nine and six", "it's [pin]"),
        ("1, 5, 9 and 6", "[pin]"),
        ("my pin's last two are 96 and first two 15", "my pin's last two are [pin] and first two [pin]"),
        ("the PIN for it, 1596$", "the PIN for it, [pin]$"),
        ("sure, 1-5-9-6 is what I use at the ATM", "sure, [pin] is what I use at the ATM"),
        ("the secret number is 1596", "the secret number is [pin]"),
        ("PIN-1596", "PIN-[pin]"),
        ("my pass is hunter2!", "my pass is [password]"),
        ("my passcode hunter22", "my passcode [password]"),
        ("pass: hunter2!", "pass: [password]"),
        ("pw hunter2!", "pw [password]"),
        ("4111x1111x1111x1111", "[card]"),
    ],
)
def test_a_secret_is_masked_however_it_is_told(text: str, masked: str) -> None:
    assert mask(text, asked=ALL).text == masked


@pytest.mark.parametrize("asked", [None, ALL, ACCOUNT, "Which case is it?", "Can you verify your identity?"])
@pytest.mark.parametrize("text", ["A-1001", "it is A-1001", "my claim is C-2044, thanks", "order A1001 please"])
def test_a_part_of_a_reference_is_no_pin(text: str, asked: str | None) -> None:
    assert mask(text, asked=asked).text == text


def test_the_security_code_told_beside_the_expiry_date_is_masked() -> None:
    text = "expiry 12/26 and the three digits are 123"
    assert mask(text, asked=None).text == "expiry 12/26 and the three digits are [cvv]"
