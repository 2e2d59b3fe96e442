"""The ways to close a task, each a command of `tasks`: complete, dispose, a review's, an approval's, an answer."""

from typing import Annotated

import typer
from pydantic import JsonValue

from journeyman.cli.options import As, AsJson, Comment, Promises, Reason, TaskId, read_json, read_text
from journeyman.cli.session import AUTH
from journeyman.cli.tasks import act
from journeyman.tasks import closing

Output = Annotated[
    str,
    typer.Option("--output", metavar="JSON|@FILE", help="The result, as the step's output model.", show_default=False),
]
Why = Annotated[str, typer.Option("--comment", help="Why.", show_default=False)]
Hash = Annotated[
    str, typer.Option("--args-hash", help="Of the arguments that you saw in `tasks show`.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add them to `tasks`."""
    for command in (complete, dispose, fail, accept, edit, reject, approve, deny, answer):
        app.command()(command)
    app.command("return")(return_)


def complete(task: TaskId, person: As, output: Output, comment: Comment = "", as_json: AsJson = False) -> None:
    """Submit the result of the work.

    Example: `journeyman tasks complete task-01jd2m --as anna --output '{"policy_number": "MC-204816"}'`
    """
    value = read_json(output, "output")
    act(lambda desk, now: closing.complete(desk, task, person, value, comment=comment, now=now, auth=AUTH), as_json)


def dispose(
    task: TaskId,
    disposition: Annotated[str, typer.Argument(help="One of the task's.", show_default=False)],
    person: As,
    comment: Comment = "",
    as_json: AsJson = False,
) -> None:
    """Close the work without a result, with one of its dispositions.

    Example: `journeyman tasks dispose task-01jd2m unreachable --as anna`
    """
    act(
        lambda desk, now: closing.dispose(desk, task, person, disposition, comment=comment, now=now, auth=AUTH), as_json
    )


def fail(task: TaskId, person: As, comment: Why, as_json: AsJson = False) -> None:
    """Say that the work cannot be done.

    Example: `journeyman tasks fail task-01jd2m --as anna --comment "the policy does not exist"`
    """
    act(lambda desk, now: closing.fail(desk, task, person, comment=comment, now=now, auth=AUTH), as_json)


def accept(task: TaskId, person: As, comment: Comment = "", as_json: AsJson = False) -> None:
    """Let a draft under review count as it is.

    Example: `journeyman tasks accept task-01jd2m --as adam`
    """
    act(lambda desk, now: closing.accept(desk, task, person, comment=comment, now=now, auth=AUTH), as_json)


def edit(
    task: TaskId,
    person: As,
    output: Annotated[
        str,
        typer.Option(
            "--output", metavar="JSON|TEXT|@FILE", help="The result, or the message's words.", show_default=False
        ),
    ],
    comment: Comment = "",
    as_json: AsJson = False,
) -> None:
    """Let a draft under review count as you have edited it. A message is given as plain text.

    Example: `journeyman tasks edit task-01jd2m --as adam --output @settlement.json`
    """
    value = _result_or_words(output)
    act(lambda desk, now: closing.edit(desk, task, person, value, comment=comment, now=now, auth=AUTH), as_json)


def reject(task: TaskId, person: As, comment: Why, as_json: AsJson = False) -> None:
    """Refuse a draft: it does not count. The AI agent reads why, and goes on.

    Example: `journeyman tasks reject task-01jd2m --as adam --comment "the excess is not deducted"`
    """
    act(lambda desk, now: closing.reject(desk, task, person, comment=comment, now=now, auth=AUTH), as_json)


def return_(
    task: TaskId,
    person: As,
    reason: Reason,
    summary: Annotated[str, typer.Option("--summary", help="What the AI agent must know.", show_default=False)] = "",
    promise: Promises = None,
    as_json: AsJson = False,
) -> None:
    """Give the work, or a draft, back to the AI agent.

    Example: `journeyman tasks return task-01jd2m --as anna --reason "the customer is calm; fill the form"`
    """
    act(
        lambda desk, now: closing.hand_back(
            desk,
            task,
            person,
            reason=reason,
            summary=summary,
            promises=tuple(promise or ()),
            now=now,
            auth=AUTH,
        ),
        as_json,
    )


def approve(task: TaskId, person: As, args_hash: Hash, comment: Comment = "", as_json: AsJson = False) -> None:
    """Let exactly the tool call with these arguments run, once.

    Example: `journeyman tasks approve task-01jd2m --as adam --args-hash 5f0c...`
    """
    act(
        lambda desk, now: closing.approve(desk, task, person, args_hash=args_hash, comment=comment, now=now, auth=AUTH),
        as_json,
    )


def deny(task: TaskId, person: As, args_hash: Hash, comment: Why, as_json: AsJson = False) -> None:
    """Refuse a proposed tool call. The AI agent is told why.

    Example: `journeyman tasks deny task-01jd2m --as adam --args-hash 5f0c... --comment "not covered"`
    """
    act(
        lambda desk, now: closing.deny(desk, task, person, args_hash=args_hash, comment=comment, now=now, auth=AUTH),
        as_json,
    )


def answer(
    task: TaskId,
    text: Annotated[str, typer.Argument(metavar="TEXT|@FILE", help="The answer.", show_default=False)],
    person: As,
    as_json: AsJson = False,
) -> None:
    """Answer an AI agent's question. The agent keeps the step.

    Example: `journeyman tasks answer task-01jd2m "yes, she may" --as anna`
    """
    words = read_text(text, "text")
    act(lambda desk, now: closing.answer(desk, task, person, words, now=now, auth=AUTH), as_json)


def _result_or_words(output: str) -> JsonValue:
    text = read_text(output, "output")
    return read_json(text, "output") if text.lstrip().startswith(("{", '"')) else text
