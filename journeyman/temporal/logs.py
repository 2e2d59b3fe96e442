"""What our processes log. Of a failure, servers and libraries tell its kind and its place, never its words, which may be a
customer's."""

import logging
import traceback
from pathlib import Path

_THEIRS = frozenset({"temporalio", "asyncio", "uvicorn"})
_OURS = frozenset({"journeyman.console.problem"})  # what broke while a request was served
_HEARTBEAT = (
    "Completing as failure during heartbeat with error of type "  # the SDK puts the error's words into this one
)


def log_to_stderr() -> None:
    """Our own log from INFO on; other libraries' from WARNING on, since they write a line a request, and without what a
    customer may have said.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(WithoutWords())
    logging.getLogger("journeyman").setLevel(logging.INFO)


class WithoutWords(logging.Filter):
    """For a handler: takes the text of exceptions out of the records of those who cannot know what is in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in _THEIRS and record.name not in _OURS:
            return True
        message = record.getMessage()
        if message.startswith(_HEARTBEAT):
            message = _HEARTBEAT + message.removeprefix(_HEARTBEAT).partition(":")[0]
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            message = f"{message}: {kinds(record.exc_info[1])}"
        record.msg, record.args, record.exc_info, record.exc_text = message, (), None, None
        return True


def kinds(error: BaseException) -> str:
    """The kinds of an error and of what caused it, each with the place where it was raised."""
    told: list[str] = []
    following: BaseException | None = error
    while following is not None:
        frames = traceback.extract_tb(following.__traceback__)
        place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        kind = getattr(following, "type", None)  # an ApplicationError says what it stands for
        told.append(f"{kind if isinstance(kind, str) and kind else type(following).__qualname__}{place}")
        context = None if following.__suppress_context__ else following.__context__
        following = following.__cause__ or context
    return ", of ".join(told)
