"""Scripts of the stand-in model: pure functions of the project, named by the model's name."""

import importlib
from collections.abc import Callable
from functools import lru_cache
from typing import get_type_hints

from journeyman.agents.standin.generic import generic
from journeyman.agents.standin.reply import StandinReply
from journeyman.agents.standin.request import StandinRequest
from journeyman.errors import NotFoundError

MODEL = "stand-in"

Script = Callable[[StandinRequest], StandinReply]


@lru_cache(maxsize=256)
def script_of(model: str) -> Script:
    """The script behind a model name: `stand-in`, or `stand-in/module:function`.

    Raises NotFoundError where there is none, and for a function that does not say that it returns a StandinReply: a
    model name must not be a way to call just anything.
    """
    name, _, reference = model.partition("/")
    if name != MODEL:
        raise NotFoundError(
            f"this is the stand-in model, it has no `{model}`; ask for `{MODEL}` or `{MODEL}/module:function`"
        )
    if not reference:
        return generic
    module, _, function = reference.partition(":")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise NotFoundError(f"there is no script `{reference}`: {error}; start the stand-in in the project") from error
    if not callable(found) or get_type_hints(found).get("return") is not StandinReply:
        raise NotFoundError(
            f"`{reference}` is no script; write `def {function}(request: StandinRequest) -> StandinReply`"
        )
    script: Script = found
    return script
