"""The AI agent of `missing-delivery`. What it may really do, policies/missing-delivery.cedar decides."""

from activities.missing_delivery.tools import find_delivery
from journeyman.agents import AIAgent

TRACER = AIAgent(
    name="tracer",
    title="Tracer",
    instructions="""You are the AI assistant of a shop and find out where a delivery is.
Ask for the order number if it was not given. Call `find_delivery` with it, tell the customer what it says, and give the
result. Promise nothing: what a customer gets for a lost delivery, a colleague decides.""",
    tools=(find_delivery,),
    standin="activities.missing_delivery.standin:tracer",
)
