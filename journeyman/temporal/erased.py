"""What a payload becomes whose data subject was erased, and the payload converter that knows it.

Workflow-safe: no input or output.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
    JSONPlainPayloadConverter,
)

ENCODING: Final = "json/erased"
IMPERSONAL: Final = "journeyman-impersonal"  # metadata of a payload that concerns nobody


@dataclass(frozen=True, order=False)
class Erased:
    """Stands where a value was whose data subject was erased.

    It absorbs: attributes, items and calls of it are it, it is empty and false, and no comparison with anything else
    holds. So a history can be replayed through code that reads the value, unless the code chose its way by it; what
    steers a journey belongs in models that are marked impersonal (see `JourneymanPayloadConverter`).
    """

    subject: str

    def __getattr__(self, name: str) -> Self:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Self:
        return self

    def __call__(self, *args: object, **kwargs: object) -> Self:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __contains__(self, item: object) -> bool:
        return False

    def __lt__(self, other: object) -> bool:
        return False

    def __le__(self, other: object) -> bool:
        return False

    def __gt__(self, other: object) -> bool:
        return False

    def __ge__(self, other: object) -> bool:
        return False

    def __str__(self) -> str:
        return "[erased]"


def erased_payload(subject: str) -> Payload:
    """The payload of `Erased`: readable by everyone, because nothing is in it."""
    return Payload(metadata={"encoding": ENCODING.encode(), "subject": subject.encode()}, data=b'{"erased":true}')


class ErasedPayloadConverter(EncodingPayloadConverter):
    """Converts `Erased`, whatever type the reader hopes for: a hint that it cannot fit must not stop a replay."""

    @property
    def encoding(self) -> str:
        return ENCODING

    def to_payload(self, value: Any) -> Payload | None:
        return erased_payload(value.subject) if type(value) is Erased else None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        return Erased(payload.metadata["subject"].decode())


# Made once: Temporal makes a converter for every payload of a context, and these hold no state.
_CONVERTERS: Final = (
    ErasedPayloadConverter(),
    *(
        PydanticJSONPlainPayloadConverter() if isinstance(converter, JSONPlainPayloadConverter) else converter
        for converter in DefaultPayloadConverter.default_encoding_payload_converters
    ),
)


class JourneymanPayloadConverter(CompositePayloadConverter):
    """Temporal's pydantic converter, with `Erased`.

    A value whose class says `journeyman_impersonal: ClassVar[bool] = True` (the signal, a verdict: nothing of a person) is
    sealed under the key of `system`, so that it stays readable when the customer is erased.
    """

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        payloads = super().to_payloads(values)
        for value, payload in zip(values, payloads, strict=True):
            if getattr(type(value), "journeyman_impersonal", False) is True:
                payload.metadata[IMPERSONAL] = b"true"
        return payloads
