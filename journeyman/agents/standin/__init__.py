"""The stand-in model: a deterministic stand-in that speaks the OpenAI protocol on loopback.

It exists so that a newcomer sees the whole system before having a key, and so that tests can have every failure of an
endpoint on demand. It says what it is in every response. A project scripts it with pure functions

    def script(request: StandinRequest) -> StandinReply

named by `AIAgent(standin="module:script")`; without one it fills the slots of the step's output model.
"""

from journeyman.agents.standin.reply import StandinReply, ask, call, hand_over, result, say
from journeyman.agents.standin.request import StandinRequest

__all__ = ["StandinReply", "StandinRequest", "ask", "call", "hand_over", "result", "say"]
