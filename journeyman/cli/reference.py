"""docs/cli.md, made from the commands themselves. `python -m journeyman.cli.reference > docs/cli.md`."""

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from journeyman.cli.app import app

_HEAD = """\
# The command line

Made from `--help` by `python -m journeyman.cli.reference`; a test tells when the two differ. Exit code 0 only on success, 1
with one line on stderr where something is wrong (with `--json` that line is JSON, with the `field` that is meant), 2 for wrong
usage. `JSON|@FILE` is the text itself, `@FILE` what a file holds, `@-` what stdin does.

Commands find a deployment by its `JOURNEYMAN_...` variables (docs/operations.md), and without those by the folder of
`journeyman dev`.
"""


def reference() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_command("journeyman", get_command(app))])


def commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its full name."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for word in sorted(inner):
        if not inner[word].hidden:
            yield from commands(f"{name} {word}", inner[word])


def _command(name: str, command: Any) -> Iterator[str]:
    for full, each in commands(name, command):
        yield f"## {full}\n"
        yield f"{_usage(full, each)}\n"
        yield f"{each.help.strip()}\n"
        shown = [parameter for parameter in each.params if not getattr(parameter, "hidden", False)]
        if shown:
            yield "| | |"
            yield "|---|---|"
            yield from (f"| {_names(parameter)} | {_about(parameter)} |" for parameter in shown)
            yield ""


def _usage(name: str, command: Any) -> str:
    words = [name]
    for parameter in sorted(command.params, key=lambda each: str(each.param_type_name)):  # arguments first
        if parameter.param_type_name == "argument":
            shown = (parameter.metavar or parameter.name.upper()).strip("[]")
            words.append(shown if parameter.required else f"[{shown}]")
        elif parameter.required:
            words.append(f"{parameter.opts[0]} {parameter.metavar or parameter.name.upper()}")
    return f"`{' '.join(words)} [OPTIONS]`"


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{(parameter.metavar or parameter.name.upper()).strip('[]')}`".replace("|", "\\|")
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return f"`{'/'.join([*parameter.opts, *parameter.secondary_opts])}{value}`".replace("|", "\\|")


def _about(parameter: Any) -> str:
    text = (parameter.help or "").strip()
    default = parameter.default
    if parameter.required or getattr(parameter, "is_flag", False) or default in (None, "", False) or callable(default):
        return text
    return f"{text} Default: `{default}`."


if __name__ == "__main__":
    print(reference(), end="")
