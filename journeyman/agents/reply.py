"""One reply of an AI agent: one model call. An answer that does not fit is repaired by the reply of one further turn."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from journeyman.agents.arguments import plain_arguments
from journeyman.agents.completion import CallText, Completion, Usage
from journeyman.agents.endpoint import Endpoint
from journeyman.agents.envelope import Envelope, parse_envelope, response_format
from journeyman.agents.probability import token_probability
from journeyman.agents.prompt import Prompt, Turn, Unfit, estimate, prompt
from journeyman.conversation.masking import scrub, scrubbed
from journeyman.errors import InputError, ModelError, ModelMalformedError

_SHOWN = 4000
"""Characters of a wrong answer that the repair turn shows again."""

MOST_CALLS = 3
"""Tool calls in one reply. More do not fit: each of them would be decided before any of them has told anything."""


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """A tool call that the model asks for, validated. Nothing has been permitted."""

    id: str
    tool: str
    args: dict[str, JsonValue]
    """In the one plain form that is hashed, permitted and executed; secrets are cut out."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a turn came to: an envelope, or tool calls, an answer that does not fit, or a failure. It is never an exception."""

    envelope: Envelope | None = None
    tool_calls: tuple[ToolRequest, ...] = ()
    failure: ModelError | None = None
    unfit: Unfit | None = None
    usage: Usage = field(default_factory=Usage)
    """As the endpoint has counted; as estimated where it says nothing, so that the budget of tokens holds there too."""
    calls: int = 0
    """Model calls that were answered: none or one."""
    model: str = ""
    """As the endpoint names it."""
    prompt_hash: str = ""
    left_out: int = 0
    """Lines of the conversation that the model was not shown."""
    token_probability: int | None = None
    """Per mille, measured over the values of the result."""
    text: str = ""
    """The answer as it came."""

    @property
    def claimed_confidence(self) -> int | None:
        """The model's own word, per mille."""
        return self.envelope.confidence if self.envelope else None

    @property
    def wordless(self) -> bool:
        """A result, and nothing that the customer is to read with it."""
        return self.envelope is not None and self.envelope.result is not None and not self.envelope.say


@asynccontextmanager
async def asking(endpoint: Endpoint, turn: Turn) -> AsyncIterator[asyncio.Task[Reply]]:
    """Make the model's request ready while the block runs. It leaves once the block has ended well, and never if it has not."""
    released = asyncio.Event()
    asked = asyncio.create_task(reply(endpoint, turn, released=released))
    try:
        yield asked
    except BaseException:
        asked.cancel()
        raise
    released.set()


async def reply(
    endpoint: Endpoint,
    turn: Turn,
    *,
    timeout: float | None = None,  # noqa: ASYNC109 - per call
    released: asyncio.Event | None = None,
) -> Reply:
    """Asks the model for its turn, by one call. `timeout` is in seconds. With `released`, nothing leaves before that is set.

    A failure of the model or its endpoint is in `failure`: it becomes a fact, and policy decides the route. An answer that does
    not fit is in `unfit`: a turn that is given it asks for another; from that one it is a failure.
    """
    outcome = Reply(model=endpoint.model_for(turn.agent))
    try:
        shown = prompt(turn)
        outcome = replace(outcome, prompt_hash=shown.hash, left_out=shown.left_out)
        completion = await endpoint.complete(
            shown.messages,
            tools=[tool.offered for tool in turn.offered],
            schema=response_format(turn.output),
            max_tokens=turn.agent.max_tokens,
            timeout=timeout,
            model=endpoint.model_for(turn.agent),
            released=released,
        )
    except ModelError as error:
        return replace(outcome, failure=error)
    outcome = replace(outcome, usage=_spent(completion, shown), calls=1, model=completion.model, text=completion.text)
    if completion.failure is not None:
        return replace(outcome, failure=completion.failure)
    try:
        return _read(outcome, completion, turn)
    except InputError as error:
        if turn.unfit is not None:
            told = f"the answer does not fit after one repair: {error}"
            return replace(outcome, failure=ModelMalformedError(told))
        return replace(outcome, unfit=Unfit(answer=_shown(completion), problem=str(error)))


def _read(outcome: Reply, completion: Completion, turn: Turn) -> Reply:
    if completion.tool_calls:
        if len(completion.tool_calls) > MOST_CALLS:
            raise InputError(f"{len(completion.tool_calls)} tool calls are too many; make at most {MOST_CALLS} at once")
        seen: dict[str, ToolRequest] = {}
        for number, call in enumerate(completion.tool_calls):
            request = _request(call, turn, number)
            if request.id in seen:
                raise InputError(f"two tool calls have the id `{request.id}`; call them one after the other")
            seen[request.id] = request
        return replace(outcome, tool_calls=tuple(seen.values()))
    envelope = parse_envelope(completion.text, turn.output)
    measured = None
    if envelope.result is not None:
        measured = token_probability(completion.text, completion.tokens, fields=turn.output.model_fields)
    return replace(outcome, envelope=envelope, token_probability=measured)


def _request(call: CallText, turn: Turn, number: int) -> ToolRequest:
    tool = next((tool for tool in turn.offered if tool.name == call.name), None)
    if tool is None:
        known = ", ".join(f"`{tool.name}`" for tool in turn.offered) or "none"
        raise InputError(f"there is no tool `{call.name}`; your tools are: {known}")
    try:
        args = plain_arguments(tool.parse(call.arguments or "{}"))
        if (clean := scrubbed(args)) != args:
            args = plain_arguments(tool.parse(json.dumps(clean)))
    except InputError as error:
        raise InputError(f"the arguments of `{call.name}` do not fit: {error}") from error
    return ToolRequest(id=call.id or f"call-{number}", tool=tool.name, args=args)


def _spent(completion: Completion, shown: Prompt) -> Usage:
    if completion.usage.total:
        return completion.usage
    written = "".join((completion.text, *(call.arguments for call in completion.tool_calls)))
    return Usage(shown.tokens, estimate(written))


def _shown(completion: Completion) -> str:
    """The answer as the model is shown it again, with secrets cut out."""
    # A wrong tool call is shown as text: endpoints refuse a history whose arguments are not JSON.
    calls = "".join(f"\n(call of {call.name} with {call.arguments})" for call in completion.tool_calls)
    return scrub(f"{completion.text}{calls}"[:_SHOWN]) or "(nothing)"
