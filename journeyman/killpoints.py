"""Every place where the death of a process is told apart by tests: before and after each commit, call and completion.

Every transaction that records passes `entry.committing` and `entry.committed`, whatever it is of. The others tell particular
ones apart, and those that record nothing. A kill point does nothing unless `JOURNEYMAN_KILL_AT` names it; then the process
kills itself there, as `kill -9` would. What is named `...ing` is written and not committed; what is in the past tense is
committed, and whoever asked for it has not been told.
"""

import os
import signal

KILL_POINTS = (
    # Any transaction that records.
    "entry.committing",
    "entry.committed",
    # A customer's message comes in.
    "inbound.receiving",
    "inbound.received",
    # One event, or the start of a journey, goes to Temporal.
    "outbox.sending",  # read, not sent
    "outbox.sent",  # sent, not marked as such
    "outbox.marking",
    "outbox.marked",
    # The run of a journey that was closed here goes.
    "run.ending",  # it still runs
    "run.ended",
    "run.settled",
    # A journey is closed here whose run has gone.
    "run.retiring",
    "run.retired",
    # A turn of an AI agent.
    "turn.allowing",  # the decision to perform, where nothing else is to be written
    "turn.permitting",  # the same with notices, or the task where it is no
    "turn.permitted",  # the model has not been called
    "turn.answered",  # the model has answered; nothing of it is written
    "turn.completing",  # a result, where nothing else is to be written
    "turn.completed",
    "turn.concluding",  # whatever else it comes to
    "turn.concluded",
    # A tool call.
    "tool.starting",  # the intent
    "tool.started",  # the tool has not been called
    "tool.answered",  # the tool has answered; nothing of it is written
    "tool.finishing",  # the outcome
    "tool.finished",
    "secret.revealing",  # a tool asks for a secret behind its one-use handle
    "secret.revealed",
    # A person's task, as the journey sees it.
    "task.opening",
    "task.opened",
    "task.settling",
    "task.settled",
    "event.settling",  # events that the journey has applied while it waits
    "event.settled",
    # A person's own operation that closes a task.
    "submit.committing",
    "submit.committed",
    # A linked journey, and the end.
    "link.opening",
    "link.opened",
    "journey.closing",
    "journey.closed",
    # The history of a closed journey.
    "archive.keeping",
    "archive.kept",
    # The tree.
    "tree.integrating",  # leaves and checkpoint are written, not committed
    "tree.integrated",
    "checkpoint.publishing",  # it is not outside
    "checkpoint.published",
)


def kill_point(name: str) -> None:
    """Die here if a test wants it."""
    if name == os.environ.get("JOURNEYMAN_KILL_AT"):
        os.kill(os.getpid(), signal.SIGKILL)
