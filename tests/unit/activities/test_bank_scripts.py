"""The stand-in scripts of `bank-service`."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from activities.bank_service.agents import AUTHENTICATOR, FRAUD_DESK, RECEPTIONIST, TELLER
from activities.bank_service.standin import authenticator, fraud_desk, receptionist, teller
from activities.bank_service.standin.found import found_in
from activities.bank_service.standin.incidents import amount_in
from journeyman.agents.prompt import Line
from journeyman.agents.standin.reply import StandinReply
from journeyman.agents.standin.scripts import script_of
from tests.unit.activities.conversations import fits, harmless, lines, messages, request, speech
from workflows.bank_service.contracts import AUTHENTICATE, INFORM_BALANCE, REPORT_FRAUD, UNDERSTAND, Request

ASKED_NAME = "A: Could you give me your full name, please?"
ASKED_ACCOUNT = "A: Could you tell me your account number, please?"
ASKED_PIN = "A: And your PIN as well, please."
ASKED_BIRTH = "A: Could you tell me your date of birth, please?"
ASKED_MAIDEN = "A: What was your mother's maiden name, please?"
ASKED_PET = "A: And what was the name of the pet that you had as a child?"
FRAUD = Request(wish="fraud", details="fraud")


def receives(*texts: str) -> StandinReply:
    return receptionist(request(RECEPTIONIST, UNDERSTAND, lines(*texts)))


def identifies(*texts: str, checks: tuple[tuple[dict[str, JsonValue], JsonValue], ...] = ()) -> StandinReply:
    exchanges = [("verify_identity", args, result) for args, result in checks]
    return authenticator(request(AUTHENTICATOR, AUTHENTICATE, lines(*texts), *exchanges))


def wish_of(reply: StandinReply) -> Any:
    return reply.result["wish"] if isinstance(reply.result, dict) else None


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("I'm John Smith! I need to chack my bank balance.", "balance"),
        ("Can I check my bank balance?", "balance"),
        ("how much money do I have?", "balance"),
        ("tell me my bank balace", "balance"),
        ("Let me know how rich I am", "balance"),
        ("I lost my debit card and somebody took out $300 at an ATM.", "fraud"),
        ("There has been suspicious behavior on my account recently", "fraud"),
        ("500 is missing out of my account", "fraud"),
        ("I want to file a fraud report.", "fraud"),
        ("Could you book me a table at Lucca?", "other"),
        ("Let's start up with some trivia!", "other"),
        ("what will the weather be like on Sunday?", "other"),
    ],
)
def test_the_receptionist_understands_a_wish(text: str, wish: str) -> None:
    reply = receives(f"C: {text}")
    assert wish_of(reply) == wish
    assert (reply.say is not None) == (wish == "other")


def test_a_greeting_is_answered_and_is_no_wish() -> None:
    reply = receives("C: Hello")
    assert reply.result is None
    assert reply.say is not None


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        (["C: blorp"], False),
        (["C: my parrot juggles spoons"], False),
        (["C: it is for Jane Doe, 95381901"], True),
        (["C: my balance please", "A: The balance of your account at Chase is $5.00.", "C: so little!"], True),
        (["C: a table please", "A: That is not something that I do here.", "C: at 6 pm"], True),
        (["C: a table please", "A: That is not something that I do here.", "C: blorp"], False),
    ],
)
def test_the_receptionist_says_when_it_cannot_place_what_is_said(said: list[str], understood: bool) -> None:
    reply = receives("A: How can I help you?", *said)
    assert (reply.understood, reply.result) == (understood, None)


def test_a_wish_that_was_dealt_with_is_done() -> None:
    told = ["C: my balance please", "A: The balance of your account at Chase is $5.00."]
    assert receives(*told).result is None
    assert wish_of(receives(*told, "C: and what is my balance now?")) == "balance"
    filed = ["C: someone stole $5", "A: Your fraud report is filed. Its reference is FR-000001."]
    assert receives(*filed, "C: I cannot believe that somebody stole it").result is None
    assert wish_of(receives(*filed, "C: please file another report")) == "fraud"


def test_two_wishes_in_one_message_are_served_one_after_the_other() -> None:
    both = "C: check my balance please, and I want to file a fraud report"
    assert wish_of(receives(both)) == "balance"
    assert wish_of(receives(both, "A: The balance of your account at Chase is $5.00.")) == "fraud"


def test_a_doubted_balance_leads_to_the_offer_of_a_report() -> None:
    told = ["C: my balance please", "A: The balance of your account at Chase is $5.00.", "C: that can't be right!"]
    offer = receives(*told)
    assert offer.say is not None
    assert "fraud report" in offer.say
    assert wish_of(receives(*told, f"A: {offer.say}", "C: yes please")) == "fraud"
    assert receives(*told, f"A: {offer.say}", "C: no").result is None


@pytest.mark.parametrize("text", ["No, that's all. Thank you!", "bye", "thanks for all your help", "no"])
def test_who_was_served_and_wants_nothing_more_is_let_go(text: str) -> None:
    told = [
        "C: my balance please",
        "A: The balance of your account at Chase is $5.00.",
        "A: Can I help you with anything else?",
    ]
    assert wish_of(receives(*told, f"C: {text}")) == "nothing"


@pytest.mark.parametrize("text", ["no, I want a human please", "no thanks, get me a real person"])
def test_who_asks_for_a_person_wants_something_still(text: str) -> None:
    refused = ["C: my balance please", "A: I am sorry, I could not confirm who you are with what I have."]
    assert receives(*refused, f"C: {text}").result is None


def test_who_may_have_meant_something_else_with_no_is_asked_once() -> None:
    talk = [
        "C: let's play trivia",
        "A: I am sorry, that is not something that I do here. I tell balances.",
        "C: no, thanks",
    ]
    check = receives(*talk)
    assert check.result is None
    assert wish_of(receives(*talk, f"A: {check.say}", "C: no")) == "nothing"


@pytest.mark.parametrize(
    ("texts", "args"),
    [
        (
            ["C: My name is John Smith. Account number is 95381901 and PIN is [pin:sec-1]."],
            {"full_name": "John Smith", "account_number": "95381901", "pin": "[pin:sec-1]"},
        ),
        (
            [
                ASKED_ACCOUNT,
                "C: 9538 1901",
                ASKED_NAME,
                "C: jane doe",
                ASKED_PIN,
                "C: either [pin:sec-1] or [pin:sec-2]",
            ],
            {"full_name": "jane doe", "account_number": "95381901", "pin": "[pin:sec-1]"},
        ),
        (
            [
                "C: Brian White, I don't remember my PIN",
                ASKED_BIRTH,
                "C: 31/06/1996",
                ASKED_MAIDEN,
                "C: It was Cooper.",
                ASKED_PET,
                "C: Nemo!",
            ],
            {
                "full_name": "Brian White",
                "date_of_birth": "31/06/1996",
                "security_answer_1": "Cooper",
                "security_answer_2": "Nemo",
            },
        ),
        (
            [
                ASKED_ACCOUNT,
                "C: 95381901, not sure of my pin but my DOB is 04/04/1990, my mother maiden name is Miller, and my pet was Molly",
                ASKED_NAME,
                "C: It's Jane Doe",
            ],
            {
                "full_name": "Jane Doe",
                "date_of_birth": "04/04/1990",
                "security_answer_1": "Miller",
                "security_answer_2": "Molly",
            },
        ),
        (
            [
                "C: I'm Sarah Brown",
                ASKED_ACCOUNT,
                "C: I forgot",
                ASKED_BIRTH,
                "C: October 3, 1931",
                ASKED_MAIDEN,
                "C: was it Herbert? No no it was Cooper",
                ASKED_PET,
                "C: His name was Poppy. He was a rock.",
            ],
            {
                "full_name": "Sarah Brown",
                "date_of_birth": "October 3, 1931",
                "security_answer_1": "Cooper",
                "security_answer_2": "Poppy",
            },
        ),
    ],
)
def test_the_authenticator_shows_the_bank_a_complete_set_and_no_more(texts: list[str], args: dict[str, str]) -> None:
    assert identifies(*texts).calls == (("verify_identity", args),)


@pytest.mark.parametrize(
    ("texts", "asked"),
    [
        (["C: my balance please"], "full name"),
        (["C: my balance please, I'm John Smith"], "account number"),
        (["C: John Smith, 95381901"], "PIN"),
        (["C: John Smith, 95381901", ASKED_PIN, "C: I forgot it"], "date of birth"),
        (["C: John Smith, I forgot my PIN", ASKED_BIRTH, "C: 1/2/1990"], "maiden name"),
        (["C: John Smith, I forgot my PIN", ASKED_BIRTH, "C: 1/2/1990", ASKED_MAIDEN, "C: Wong"], "pet"),
        (["C: John Smith, I forgot my PIN", ASKED_BIRTH, "C: I don't know it", ASKED_MAIDEN, "C: no idea"], "pet"),
    ],
)
def test_the_authenticator_asks_in_the_order_of_the_bank(texts: list[str], asked: str) -> None:
    reply = identifies(*texts)
    assert reply.say is not None
    assert asked.lower() in reply.say.lower()


@pytest.mark.parametrize(
    ("text", "understood"),
    [("blorp", False), ("I would rather not say", True), ("I forgot it", True), ("1 May 1990", True)],
)
def test_the_authenticator_says_when_an_answer_is_none(text: str, understood: bool) -> None:
    reply = identifies("C: my balance please", ASKED_NAME, "C: Jane Doe", ASKED_ACCOUNT, f"C: {text}")
    assert (reply.say is not None, reply.understood) == (True, understood)


def test_verified_is_the_outcome_only_after_the_bank_said_so() -> None:
    said = ["C: John Smith, 95381901, [pin:sec-1]"]
    args: dict[str, JsonValue] = {"full_name": "John Smith", "account_number": "95381901", "pin": "[pin:sec-1]"}
    verified = identifies(*said, checks=((args, {"verification": "strong", "missing": [], "reason": ""}),))
    assert verified.result == {"outcome": "verified", "missing": []}
    refused: JsonValue = {"verification": "none", "missing": [], "reason": "no_match"}
    again = identifies(*said, checks=((args, refused),))
    assert again.result is None
    assert again.say is not None
    assert "PIN" in again.say


def test_of_several_pins_in_one_line_only_the_first_is_tried() -> None:
    said = ["C: John Smith, 95381901, it is [pin:sec-1] or [pin:sec-2]"]
    args: dict[str, JsonValue] = {"full_name": "John Smith", "account_number": "95381901", "pin": "[pin:sec-1]"}
    refused: JsonValue = {"verification": "none", "missing": [], "reason": "no_match"}
    assert not identifies(*said, checks=((args, refused),)).calls
    anew = identifies(*said, "A: And your PIN as well, please.", "C: [pin:sec-3]", checks=((args, refused),))
    ((_, second),) = anew.calls
    assert second["pin"] == "[pin:sec-3]"


def test_who_cannot_prove_who_they_are_is_not_verified() -> None:
    gone = identifies("C: my balance please", ASKED_NAME, "C: that's all, thanks, bye")
    assert gone.result == {"outcome": "not_verified", "missing": ["full_name", "account_number", "pin"]}
    chat = [text for number in range(5) for text in (f"A: What is your PIN, please? {number}", "C: I love eggs")]
    assert identifies("C: my balance please", *chat).result is not None


def test_the_teller_looks_up_and_then_tells() -> None:
    said = lines("C: my balance please")
    assert teller(request(TELLER, INFORM_BALANCE, said)).calls == (("get_balance", {}),)
    balance: JsonValue = {"balance_minor": 567900, "bank_name": "Chase"}
    told = teller(request(TELLER, INFORM_BALANCE, said, ("get_balance", {}, balance)))
    assert told.result == balance
    assert told.say is not None
    assert "$5,679.00" in told.say
    assert harmless(speech(told, amounts=(567900,)))
    later = [*said, *lines(f"A: {told.say}", "C: and now?")]
    assert teller(request(TELLER, INFORM_BALANCE, later, ("get_balance", {}, balance))).calls


def test_the_teller_hands_over_what_it_is_refused() -> None:
    refused: JsonValue = {"error": "refused by policy (not_verified); do not try it again"}
    reply = teller(request(TELLER, INFORM_BALANCE, lines("C: balance"), ("get_balance", {}, refused)))
    assert reply.hand_over is not None


def test_the_fraud_desk_files_what_was_said_once() -> None:
    said = lines("C: Someone stole $500 from my account!", ASKED_NAME, "C: John Smith")
    filing = fraud_desk(request(FRAUD_DESK, REPORT_FRAUD, said, input=FRAUD))
    args: dict[str, JsonValue] = {"text": "Someone stole $500 from my account!", "amount_minor": 50000}
    assert filing.calls == (("file_fraud_report", args),)
    filed: JsonValue = {"reference": "FR-000001"}
    done = fraud_desk(request(FRAUD_DESK, REPORT_FRAUD, said, ("file_fraud_report", args, filed), input=FRAUD))
    assert done.result == {"reference": "FR-000001", **args}
    assert harmless(speech(done))


def test_the_fraud_desk_asks_what_happened_when_nothing_was_told() -> None:
    said = lines("C: I want to file a fraud report")
    asking = fraud_desk(request(FRAUD_DESK, REPORT_FRAUD, said, input=FRAUD))
    assert asking.say is not None
    told = [*said, *lines(f"A: {asking.say}", "C: transfers of $10 every week")]
    ((_, args),) = fraud_desk(request(FRAUD_DESK, REPORT_FRAUD, told, input=FRAUD)).calls
    assert args == {"text": "I want to file a fraud report transfers of $10 every week", "amount_minor": 1000}


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("Someone stole $500", 50_000),
        ("missing about 600.00 credit", 60_000),
        ("I'm missing 100k from my account", 10_000_000),
        ("Someone stole 5 million dollars!", 500_000_000),
        ("somebody has transferred %500 from my account", 50_000),
        ("I am missing 50,000 credits", 5_000_000),
        ("took $300 and then $40", 30_000),
        ("I should have 5000 credits", None),
        ("transfers on my account", None),
        ("it was on the 22nd of May 2019", None),
    ],
)
def test_the_amount_of_a_report_is_the_largest_that_is_gone(text: str, minor: int | None) -> None:
    assert amount_in(text) == minor


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Katarina Miller with a K!", "Katarina Miller"),
        ("Yes it is Tyler Jones. You can call me Jonesy though.", "Tyler Jones"),
        ("could you reserve a table today at The Porch for Brian White?", "Brian White"),
        ("my name is jane doe", "jane doe"),
        ("Lord Jesus!", None),
        ("Thank You", None),
        ("The Cactus Club is in New York", None),
        ("I need help", None),
    ],
)
def test_a_name_is_found_where_one_is_said(text: str, name: str | None) -> None:
    assert found_in(text).values.get("full_name") == name


AGENTS = [
    (RECEPTIONIST, UNDERSTAND, receptionist, None),
    (AUTHENTICATOR, AUTHENTICATE, authenticator, None),
    (TELLER, INFORM_BALANCE, teller, None),
    (FRAUD_DESK, REPORT_FRAUD, fraud_desk, FRAUD),
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(AGENTS), st.lists(messages, min_size=40, max_size=40))
def test_a_step_ends_whatever_the_customer_types_and_nothing_harmful_is_said(entry: Any, typed: list[str]) -> None:
    agent, step, script, given_input = entry
    transcript: list[Line] = []
    exchanges: list[tuple[str, dict[str, JsonValue], JsonValue]] = []
    results: dict[str, JsonValue] = {
        "verify_identity": {"verification": "none", "missing": [], "reason": "no_match"},
        "get_balance": {"balance_minor": 123456, "bank_name": "Chase"},
        "file_fraud_report": {"reference": "FR-000001"},
    }
    said: set[str] = set()
    for text in typed:
        transcript.append(Line(author_kind="customer", text=text))
        for _ in range(8):
            reply = script(request(agent, step, transcript, *exchanges, input=given_input))
            fits(reply, agent, step)
            assert harmless(speech(reply, amounts=(123456,)))
            if not reply.calls:
                break
            exchanges += [(name, args, results[name]) for name, args in reply.calls]
        assert not reply.calls
        if reply.result is not None or reply.hand_over is not None:
            return
        assert reply.say is not None
        assert reply.say not in said
        said.add(reply.say)
        transcript.append(Line(author_kind="ai", text=reply.say))
    # The receptionist alone may listen for as long as the customer talks of nothing: the policies' turn budget ends that.
    assert agent is RECEPTIONIST


@pytest.mark.parametrize("agent", [RECEPTIONIST, AUTHENTICATOR, TELLER, FRAUD_DESK])
def test_the_stand_in_finds_the_script_of_each_agent(agent: Any) -> None:
    assert script_of(f"stand-in/{agent.standin}") is not None
