"""Every place where the death of a process is told apart by tests: before and after each commit, call and completion.

A kill point does nothing unless `JOURNEYMAN_KILL_AT` names it; then the process kills itself there, as `kill -9` would,
once: the file that `JOURNEYMAN_KILL_ONCE` names is made first, and while it exists nothing is killed.
"""

import os
import signal
from pathlib import Path

KILL_POINTS = (
    "turn.permitting",  # the decision to perform is written, not committed
    "turn.permitted",  # committed; the model has not been called
    "turn.answered",  # the model has answered; nothing of it is written
    "turn.concluding",  # the conclusion is written, not committed
    "turn.concluded",  # committed; Temporal has not been told
    "tool.starting",  # the intent is written, not committed
    "tool.started",  # committed; the tool has not been called
    "tool.answered",  # the tool has answered; nothing of it is written
    "tool.finishing",  # the outcome is written, not committed
    "tool.finished",  # committed; Temporal has not been told
    "task.opening",  # the task is written, not committed
    "task.opened",  # committed; Temporal has not been told
    "task.settling",  # what became of it is written, not committed
    "task.settled",  # committed; Temporal has not been told
    "journey.closing",  # the end is written, not committed
    "journey.closed",  # committed; Temporal has not been told
    "outbox.sending",  # events are read, not sent
    "outbox.sent",  # sent; not marked as such
)

_WANTED = os.environ.get("JOURNEYMAN_KILL_AT")


def kill_point(name: str) -> None:
    """Die here if a test wants it."""
    if _WANTED is None or name != _WANTED:
        return
    once = os.environ.get("JOURNEYMAN_KILL_ONCE")
    if once is not None:
        try:
            Path(once).touch(exist_ok=False)
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
