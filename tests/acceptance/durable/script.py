"""What the runner answers: a function of what it is shown and nothing else, so that a turn may be asked for twice."""

import re

from journeyman.agents.standin.reply import StandinReply
from journeyman.agents.standin.request import StandinRequest
from journeyman.testing import call, hand_over, result, say

QUESTION = "Which box is it, and what is its PIN?"
THANKS = "Thank you, I have it."
SORRY = "I am sorry, this one stays closed."

_PIN = re.compile(r"\[pin:[^\]]+\]")


def runner(request: StandinRequest) -> StandinReply:
    """The runner's turn."""
    match request.step:
        case "Talk":
            asked = any(line.author_kind == "ai" for line in request.lines)
            return result({"text": "box 7"}, say=THANKS) if asked and request.latest else say(QUESTION)
        case "Fetch":
            if request.outcomes:
                return result({"text": "fetched"})
            pin = _PIN.search(" ".join(request.said))
            return call("deliver", box="7").and_call("open_box", pin=pin[0] if pin else "none")
        case "Think":
            return result({"text": "thought"})
        case "Judge":
            return result({"outcome": "refuse"}, say=SORRY)
        case "Pay for it":
            return result({"text": "paid"}) if request.outcomes else call("pay", amount_minor=500)
        case "Stamp it":
            return result({"text": "stamped"}) if request.outcomes else call("stamp", box="7")
    return hand_over(f"nobody told me what to do about {request.step}")


SCRIPTED = {"stand-in/errands:runner": runner}
"""The stand-in's scripts, by model name."""
