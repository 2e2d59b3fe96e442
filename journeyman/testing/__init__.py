"""For authors: scripted AI and people, asserted decisions and handoffs, so that a journey's test reads like its story."""

from journeyman.agents.standin.reply import ask, call, hand_over, result, say
from journeyman.testing.rehearsal import Rehearsal
from journeyman.testing.script import Script

__all__ = ["Rehearsal", "Script", "ask", "call", "hand_over", "result", "say"]
