"""What the tracer may ask for. Replace the table by a call of your carrier."""

from pydantic import BaseModel, Field

from journeyman.agents import ToolCall, tool


class Order(BaseModel):
    """Which delivery."""

    order_number: str = Field(description="the order number, such as SO-204816")


class Delivery(BaseModel):
    """What the carrier says."""

    found: bool
    place: str = ""


_CARRIER = {"SO-204816": "the parcel shop in Station Road", "SO-204817": "the depot in Mill Lane"}


@tool(mode="read", title="Find a delivery")
async def find_delivery(args: Order, call: ToolCall) -> Delivery:
    """Look up where the carrier has a delivery."""
    place = _CARRIER.get(args.order_number.strip().upper(), "")
    return Delivery(found=bool(place), place=place)
