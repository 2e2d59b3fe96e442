"""What the steps of `missing-delivery` take and give. No behaviour: the AI agent, people and the journey meet here."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from journeyman.journey import Disposition, Fact, Sla, Step


class Trace(BaseModel):
    """What came of looking for the delivery."""

    order_number: str = Field(description="the order number, such as SO-204816")
    found: bool = Field(description="whether the carrier knows where it is")
    place: str = Field(default="", description="where it is")


class Remedy(BaseModel):
    """What the customer gets for a delivery that is lost."""

    outcome: Annotated[Literal["send_again", "refund", "refuse"], Fact("outcome")]
    amount_minor: Annotated[int, Fact("amount")] = Field(ge=0, description="what is paid back, in minor units (cents)")


TRACE = Step(
    "trace-delivery",
    output=Trace,
    title="Trace the delivery",
    instructions="Ask for the order number, look the delivery up, and tell the customer where it is.",
    ai="tracer",
    queue="care",
    sla=Sla(respond="5m", complete="1h"),
    silence="15m",
)
REMEDY = Step(
    "decide-remedy",
    input=Trace,
    output=Remedy,
    title="Decide what the customer gets",
    instructions="The carrier has lost it: send it again, pay it back, or say why neither.",
    queue="care",
    sla=Sla(respond="1h", complete="8h"),
    dispositions=(Disposition("arrived", "It has arrived meanwhile"),),
)
