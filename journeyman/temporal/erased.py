"""What a payload becomes whose data subject was erased, and the payload converter that knows it.

Workflow-safe: no input or output.
"""

from collections.abc import Sequence
from typing import Any, Final

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
    JSONPlainPayloadConverter,
)

from journeyman.journey.erased import Erased

ENCODING: Final = "json/erased"
IMPERSONAL: Final = "journeyman-impersonal"  # metadata of a payload that concerns nobody
PERSONAL: Final = "journeyman-personal"  # metadata: the paths of what in it does


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

    A value whose class says `journeyman_impersonal: ClassVar[bool] = True` (the signal, what passes between a journey and its
    activities) is sealed under the key of `system`, so that it stays readable when the customer is erased: all of it but
    what stands at the paths in its `journeyman_personal: ClassVar[tuple[str, ...]]`.
    """

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        payloads = super().to_payloads(values)
        for value, payload in zip(values, payloads, strict=True):
            if getattr(type(value), "journeyman_impersonal", False) is True:
                payload.metadata[IMPERSONAL] = b"true"
                if paths := getattr(type(value), "journeyman_personal", ()):
                    payload.metadata[PERSONAL] = ",".join(paths).encode()
        return payloads
