"""A workflow that waits. Apart from what runs it: the sandbox imports this module again, and asyncpg crashes if it is."""

from temporalio import workflow

QUEUE = "waiting"


@workflow.defn(name="waiting")
class Waiting:
    """Waits for one word."""

    def __init__(self) -> None:
        self.word: str | None = None

    @workflow.run
    async def run(self, greeting: str) -> str:
        await workflow.wait_condition(lambda: self.word is not None)
        return f"{greeting} {self.word}"

    @workflow.signal
    def say(self, word: str) -> None:
        self.word = word

    @workflow.query
    def waits(self) -> bool:
        return self.word is None
