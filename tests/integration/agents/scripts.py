"""Scripts of the stand-in model for the tests of this package."""

from journeyman.agents.standin import StandinReply, StandinRequest, call, result, say


def balance(request: StandinRequest) -> StandinReply:
    """Looks up the balance, then tells it."""
    found = request.result_of("get_balance")
    if found is None:
        return call("get_balance", account="12345678", pin="[pin:sec-1]", labels=["b", "a"], kind="current")
    return result(found, say="There it is.", probability=620).but(confidence=990, intent="balance")


def stubborn(request: StandinRequest) -> StandinReply:
    """Never fits, unless told what was wrong."""
    if any("field `balance_cents`" in note for note in request.notes):
        return result({"balance_cents": 5})
    return result({"balance_cents": "much"})


def hopeless(request: StandinRequest) -> StandinReply:
    """Never fits."""
    return result({"balance_cents": "much"})


def unknown_tool(request: StandinRequest) -> StandinReply:
    """Calls a tool that there is not, unless told so."""
    if any("there is no tool `transfer_money`" in note for note in request.notes):
        return say("I cannot do that.")
    return call("transfer_money", amount=1)


def wrong_arguments(request: StandinRequest) -> StandinReply:
    """Calls a tool wrongly, unless told so."""
    if any("field `account`" in note for note in request.notes):
        return call("get_balance", account="12345678")
    return call("get_balance", account="mine")


def broken(request: StandinRequest) -> StandinReply:
    """Has a bug."""
    raise KeyError("bug")


def crowd(request: StandinRequest) -> StandinReply:
    """Asks for more at once than anyone could look at."""
    reply = call("get_balance", account="12345678")
    for _ in range(3):
        reply = reply.and_call("get_balance", account="12345678")
    return reply
