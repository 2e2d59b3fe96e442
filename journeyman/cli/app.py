"""The commands, put together, and what every one of them does with an error."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from journeyman.cli import (
    agents,
    audit,
    callbacks,
    closing,
    console,
    customers,
    demo,
    deploy,
    dev,
    folder,
    journeys,
    knowledge,
    new,
    output,
    people,
    policy,
    say,
    tasks,
    tokens,
    versions,
)
from journeyman.errors import JourneymanError

app = typer.Typer(
    name="journeyman",
    help="Durable customer journeys, worked by AI agents and people together, under policy, on the record.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


@app.callback()
def _everywhere(
    where: Annotated[
        Path,
        typer.Option(
            "--folder",
            envvar="JOURNEYMAN_FOLDER",
            help="The folder of `journeyman dev`, where no JOURNEYMAN_... names another deployment.",
        ),
    ] = folder.DEFAULT,
) -> None:
    folder.chosen.set(where)


dev.register(app)
demo.register(app)
new.register(app)
journeys.register(app)
say.register(app)
audit.register(app)
versions.register(app)
people.register(app)
deploy.register(app)
console.register(app)
closing.register(tasks.app)
app.add_typer(tasks.app, name="tasks")
app.add_typer(journeys.app, name="journeys")
app.add_typer(callbacks.app, name="callbacks")
app.add_typer(people.app, name="people")
app.add_typer(tokens.app, name="tokens")
app.add_typer(customers.app, name="customers")
app.add_typer(audit.app, name="audit")
app.add_typer(policy.app, name="policy")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(agents.app, name="agents")


def main() -> None:
    """The program. Exit code 0 only on success: 1 with one line on stderr for an error of ours, 2 for wrong usage."""
    try:
        app()
    except JourneymanError as problem:
        output.error(problem, as_json="--json" in sys.argv[1:])
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
