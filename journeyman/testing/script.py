"""A scripted AI agent: the replies that a test wants, in order, through a real endpoint on a socket."""

from collections.abc import Callable, Iterable

from journeyman.agents.standin.reply import StandinReply, hand_over
from journeyman.agents.standin.request import StandinRequest

Answer = StandinReply | Callable[[StandinRequest], StandinReply]


class Script:
    """What one agent will answer, turn by turn. An agent whose script has ended hands over to a person."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[StandinRequest] = []

    def then(self, *answers: Answer) -> "Script":
        """Add answers: replies, or functions that make one from the request."""
        self._answers.extend(answers)
        return self

    @property
    def left(self) -> int:
        """How many answers nobody has asked for yet."""
        return len(self._answers)

    def __call__(self, request: StandinRequest) -> StandinReply:
        self.requests.append(request)
        if not self._answers:
            return hand_over("the script has ended")
        answer = self._answers.pop(0)
        return answer if isinstance(answer, StandinReply) else answer(request)


class Scripts(dict[str, Script]):
    """The scripts of a project's agents, by name."""

    def __init__(self, agents: Iterable[str]) -> None:
        super().__init__({name: Script() for name in agents})

    def __missing__(self, name: str) -> Script:
        raise AssertionError(f"there is no AI agent `{name}` to script; this project has {', '.join(self) or 'none'}")
