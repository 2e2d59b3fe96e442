"""Recorded histories: small files without keys, names of machines or people."""

from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.client import WorkflowHistory
from temporalio.converter import PayloadCodec

HISTORIES = Path(__file__).parents[3] / "histories"

_WHO = {"identity", "user_metadata", "worker_version", "binary_checksum", "request_id", "worker_control_task_queue"}
"""Fields that name processes and machines, or say again what the payloads say."""


def read(path: Path) -> WorkflowHistory:
    """A recorded history."""
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


async def plain(history: WorkflowHistory, codec: PayloadCodec) -> WorkflowHistory:
    """The history with its payloads opened, and without who ran it."""
    copied = History(events=history.events)
    await _open(copied, codec)
    return WorkflowHistory(history.workflow_id, list(copied.events))


async def _open(message: Message, codec: PayloadCodec) -> None:
    for field, value in message.ListFields():
        if field.name in _WHO:
            message.ClearField(field.name)
        elif field.type == field.TYPE_MESSAGE:
            for inner in _messages(field, value):
                if isinstance(inner, Payload):
                    (opened,) = await codec.decode([inner])
                    inner.CopyFrom(opened)
                elif isinstance(inner, TaskQueue) and inner.normal_name:
                    inner.CopyFrom(TaskQueue(name=inner.normal_name))  # a worker's own queue has its machine's name
                else:
                    await _open(inner, codec)


def _messages(field: Any, value: Any) -> list[Message]:
    if field.message_type.GetOptions().map_entry:
        return [inner for inner in value.values() if isinstance(inner, Message)]
    return list(value) if field.is_repeated else [value]
