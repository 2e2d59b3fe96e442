"""What an AI agent's sentence does, whatever it says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.conversation.speech import UNREAD, Speech, assess, promises
from tests.unit.conversation.sentences import BAD_LINKS, HARMLESS, HUMAN_CLAIMS, NOT_HUMAN_CLAIMS, TRAITORS

LISTED = frozenset(("bank.example/help", "https://pay.example/l", "help@bank.example", "tel:+44 20 7946 0999"))


def _assess(text: str, *verified: int, language: str = "en") -> Speech:
    return assess(text, verified_amounts=frozenset(verified), allowed_links=LISTED, language=language)


@pytest.mark.parametrize(("text", "commitment"), TRAITORS)
def test_a_commitment_is_caught(text: str, commitment: str) -> None:
    assert (commitment or UNREAD) in _assess(text).commitments


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_service_promises_nothing(text: str) -> None:
    assert promises(text) == ()


def test_what_was_promised_is_told_sentence_by_sentence() -> None:
    told = "Hello! We will refund you 40 euros. Shall I call you? I can't promise it sooner. We will call you back by Friday."
    assert promises(told) == ("We will refund you 40 euros.", "We will call you back by Friday.")


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_service_is_let_through(text: str) -> None:
    said = _assess(text)
    assert said == Speech(asks=said.asks)


@pytest.mark.parametrize("text", HUMAN_CLAIMS)
def test_a_pretended_human_is_caught(text: str) -> None:
    assert _assess(text).claims_human


@pytest.mark.parametrize("text", NOT_HUMAN_CLAIMS)
def test_speaking_of_people_is_no_pretence(text: str) -> None:
    assert not _assess(text).claims_human


@pytest.mark.parametrize("text", BAD_LINKS)
def test_an_unlisted_link_is_caught(text: str) -> None:
    assert _assess(text).links_unlisted


@pytest.mark.parametrize(
    "text",
    [
        "See https://bank.example/help/cards.",
        "See https://bank.example/help/2026000417.",
        "bank.example/help",
        "Pay at https://pay.example/l/01jd8",
        "Write to help@bank.example",
        "Thanks.We will see",
        "e.g. this one",
        "version 1.2.3 of 12.50",
        "Call us on +44 20 7946 0999.",
        "In an emergency, call 112.",
        "The flight on 2024-05-24 leaves at 10:30, the next one at 12:45.",
        "That is $1,234,567.00 in all.",
        "Claim A-1001 of 2026",
    ],
)
def test_a_listed_link_or_none_is_let_through(text: str) -> None:
    assert not _assess(text).links_unlisted


def test_a_token_in_a_listed_link_that_a_tool_has_given_is_no_amount() -> None:
    link = "https://pay.example/l/tok_0JvIQLLlR4ugxyIh8m4cAD7K"
    told = f"Please pay $300.00 here: {link}"

    def unverified(text: str, *given: str) -> bool:
        said = assess(text, verified_amounts={30_000}, allowed_links=LISTED, verified_numbers=given)
        return said.amounts_unverified

    assert not unverified(told, link)
    assert unverified(told)  # made up
    assert unverified(told.replace("pay.example", "pay.evil"), link.replace("pay.example", "pay.evil"))
    assert unverified(f"{told} and get $500.00", link)
    assert unverified(f"{told}5000USD", link)


def test_a_number_that_a_tool_has_given_may_be_told() -> None:
    text = "The number of your report is 2026-000417, for account DE89 3704 0044 0532 0130 00."
    told = ("R-2026000417", "DE89370400440532013000")
    assert not assess(text, verified_amounts=(), allowed_links=(), verified_numbers=told).links_unlisted
    assert assess(text, verified_amounts=(), allowed_links=(), verified_numbers=told[:1]).links_unlisted


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("$1,234.50", 123450),
        ("1234 dollars", 123400),
        ("EUR 12", 1200),
        ("five hundred dollars", 50000),
        ("five hundred and twenty dollars", 52000),
        ("1.234,50 EUR", 123450),
        ("12,50 €", 1250),
        ("€1.234", 123400),
        ("$5k", 500000),
        ("5 grand", 500000),
        ("$1.5 million", 150000000),
        ("a hundred bucks", 10000),
        ("USD1,234", 123400),
        ("1'234.50 CHF", 123450),
        ("EUR 1 234.50", 123450),
        ("50 cents", 50),
        ("50p", 50),
        ("twelve dollars and fifty cents", 1250),
        ("Your current balance is 5679 in credit.", 567900),
        ("The excess is 250", 25000),
        ("We owe you two hundred", 20000),
        ("JPY 500", 500),
        ("KWD 1.234", 1234),
        ("You'll have 500 by Friday.", 50000),
        ("＄５００", 50000),
        ("$ 5 0 0", 50000),
        ("5\u200b00 dollars", 50000),
        ("5OO dollars", 50000),
        ("TRY 500", 50000),
        ("try 500 today", 50000),
        ("14 TRY", 1400),
        ("14 lira", 1400),
        ("₺14", 1400),
        ("50p more", 50),
        ("a fee of 50 p. More follows", 50),
    ],
)
def test_an_amount_counts_however_it_is_written(text: str, minor: int) -> None:
    assert not _assess(text, minor).amounts_unverified
    assert _assess(text, minor + 1).amounts_unverified
    assert _assess(text).amounts_unverified


@pytest.mark.parametrize(
    "text",
    [
        "a few hundred dollars",
        "half a million dollars",
        "two point five million dollars",
        "$100-200",
        "hundreds of euros",
    ],
)
def test_an_amount_that_is_not_exact_is_never_verified(text: str) -> None:
    assert _assess(text, 10000, 50000000, 100).amounts_unverified


@pytest.mark.parametrize(
    "text",
    [
        "7 pm for 4 people",
        "at 9 p.m.",
        "9 P.M. tomorrow",
        "call us at 9 p m",
        "between 9 and 10 p.m.",
        "we can try 9 pm",
        "let us try 9am",
        "at 10 a.m., or try 9 p.m.",
        "please try 10:30",
        "I will try 3 times",
        "within 5 days",
        "room 12",
        "20 degrees",
        "5 questions",
        "account 95381901",
        "pay 2 invoices",
    ],
)
def test_other_numbers_are_no_amounts(text: str) -> None:
    assert not _assess(text).amounts_unverified


@given(st.integers(0, 10**9), st.sampled_from(["${}", "{} EUR", "USD {}", "pay {} dollars", "your refund of €{}"]))
def test_an_amount_is_verified_by_exactly_itself(minor: int, frame: str) -> None:
    text = frame.format(f"{minor // 100:,}.{minor % 100:02}")
    assert not _assess(text, minor).amounts_unverified
    assert _assess(text, minor + 1, *{minor * 100, minor // 100} - {minor}).amounts_unverified


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Right, and your PIN as well please.", {"pin"}),
        ("Account number and pin", {"account_number", "pin"}),
        ("Can I get your full name, account number and PIN please?", {"name", "account_number", "pin"}),
        ("What is the CVV on the back?", {"cvv"}),
        ("Please type your card number.", {"card"}),
        ("What's your password?", {"password"}),
        ("Could you provide your date of birth, please?", {"date_of_birth"}),
        ("What was your mother's maiden name?", {"security_answer"}),
        ("Could you provide a detailed fraud report now, please?", {"fraud_details"}),
        ("Could you tell me your P\u200bI\u200bN?", {"pin"}),
        ("Give me the sixteen digits on the front of your credit card.", {"card"}),
        ("Type the sixteen numbers on the front of your Visa.", {"card"}),
        ("What's the code you use at the cash machine?", {"pin"}),
        ("We will never ask for your PIN.", set()),
        ("Please never share your PIN with anyone.", set()),
        ("You can reset your password in the app.", set()),
        ("Your report has been submitted.", set()),
    ],
)
def test_what_is_asked_for_is_seen(text: str, asked: set[str]) -> None:
    assert _assess(text).asks == asked


@pytest.mark.parametrize(
    ("text", "revealed"),
    [
        ("Your PIN is 1596.", {"pin"}),
        ("The card 4111 1111 1111 1111 was used.", {"card"}),
        ("The CVV is 123", {"cvv"}),
        ("Your password is hunter2.", {"password"}),
        ("I used [pin:sec-01jd8abc] for that.", {"handle"}),
        ("Your account number is 95381901.", set()),
        ("Your PIN is wrong.", set()),
    ],
)
def test_a_secret_in_clear_is_seen(text: str, revealed: set[str]) -> None:
    assert _assess(text).reveals == revealed


@pytest.mark.parametrize(
    ("text", "language"), [("Hello, how can I help?", "de"), ("Добрый день, вы получите деньги", "en")]
)
def test_a_language_that_the_rules_do_not_read_is_a_commitment(text: str, language: str) -> None:
    assert UNREAD in _assess(text, language=language).commitments


@given(st.text(max_size=300))
def test_any_text_can_be_assessed(text: str) -> None:
    assert _assess(text) == _assess(text)
