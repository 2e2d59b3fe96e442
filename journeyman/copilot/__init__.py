"""The copilot: what helps a person with a task, where policy lets an AI agent `assist`; and what to do next, by rules.

What became of a suggestion is part of the person's own work: see `journeyman.tasks.suggestions`.
"""

from journeyman.copilot.asking import Asked, Unavailable, Written, available, begin, stream, suggest
from journeyman.copilot.deciding import Copilot
from journeyman.copilot.guidance import Guidance, guide, last_words

__all__ = [
    "Asked",
    "Copilot",
    "Guidance",
    "Unavailable",
    "Written",
    "available",
    "begin",
    "guide",
    "last_words",
    "stream",
    "suggest",
]
