"""A scripted AI agent: the replies that a test wants, in order, through a real endpoint on a socket."""

from collections.abc import Callable

from journeyman.agents.standin.reply import StandinReply, hand_over
from journeyman.agents.standin.request import StandinRequest

Answer = StandinReply | Callable[[StandinRequest], StandinReply]


class Script:
    """What one agent will answer, turn by turn. An agent whose script has ended hands over to a person."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[StandinRequest] = []

    def then(self, *answers: Answer) -> "Script":
        """Add answers."""
        self._answers.extend(answers)
        return self

    def __call__(self, request: StandinRequest) -> StandinReply:
        self.requests.append(request)
        if not self._answers:
            return hand_over("the script has ended")
        answer = self._answers.pop(0)
        return answer if isinstance(answer, StandinReply) else answer(request)
