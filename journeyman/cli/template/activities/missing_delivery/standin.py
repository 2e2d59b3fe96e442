"""How the stand-in model plays the tracer while no model endpoint is configured: a pure function of the request.

Without a script the stand-in would ask for what the output model needs, field by field. With a real model nobody reads this.
"""

import re

from journeyman.agents.standin import StandinReply, StandinRequest, call, hand_over, result, say
from workflows.missing_delivery.contracts import Trace

_ORDER = re.compile(r"\bSO-\d{6}\b", re.IGNORECASE)
_ASKS = 3


def tracer(request: StandinRequest) -> StandinReply:
    """Ask for the order number, look it up, tell."""
    looked_up = request.outcome("find_delivery")
    if looked_up is not None and isinstance(looked_up.result, dict):
        trace = Trace.model_validate({**looked_up.args, **looked_up.result})
        told = f"It is at {trace.place}." if trace.found else "The carrier cannot find it. A colleague looks at it now."
        return result(trace, say=told)
    numbers = [match[0] for line in request.said for match in _ORDER.finditer(line)]
    if numbers:
        return call("find_delivery", order_number=numbers[-1])
    asked = sum(line.author_kind == "ai" for line in request.lines)
    if asked == _ASKS:
        return hand_over("missing_information", "The customer gives no order number.", open=("the order number",))
    return say(
        "Which order is it? The number begins with SO." if asked == 0 else "It looks like SO-204816. What is yours?"
    )
