"""For authors: scripted AI and people, skipped time, asserted decisions and handoffs, so that a journey's test reads like
its story. `journeyman.testing.fixtures` is the pytest plugin."""

from journeyman.agents.standin.reply import ask, call, hand_over, result, say
from journeyman.testing.rehearsal import Rehearsal
from journeyman.testing.script import Script
from journeyman.testing.skipped import SkippedTime, upcoming

__all__ = ["Rehearsal", "Script", "SkippedTime", "ask", "call", "hand_over", "result", "say", "upcoming"]
