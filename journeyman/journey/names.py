"""Stable names on the wire: task queues, activities, the signal, search attributes. Renaming one breaks running journeys."""

JOURNEYS_QUEUE = "journeyman-journeys"
AGENTS_QUEUE = "journeyman-agents"
ENGINE_QUEUE = "journeyman-engine"
QUEUES = {"journeys": JOURNEYS_QUEUE, "agents": AGENTS_QUEUE, "engine": ENGINE_QUEUE}  # by the role of the worker

EVENT_SIGNAL = "journeyman.event"
SHOW_QUERY = "journeyman.show"

AGENT_TURN = "journeyman.agent_turn"
CALL_TOOL = "journeyman.call_tool"
OPEN_TASK = "journeyman.open_task"
SETTLE_TASK = "journeyman.settle_task"
SETTLE_EVENTS = "journeyman.settle_events"
OPEN_LINKED = "journeyman.open_linked"
CLOSE_JOURNEY = "journeyman.close_journey"

KIND_ATTRIBUTE = "JourneymanKind"
STAGE_ATTRIBUTE = "JourneymanStage"
PERFORMER_ATTRIBUTE = "JourneymanPerformer"
CUSTOMER_ATTRIBUTE = "JourneymanCustomer"
SEARCH_ATTRIBUTES = (KIND_ATTRIBUTE, STAGE_ATTRIBUTE, PERFORMER_ATTRIBUTE, CUSTOMER_ATTRIBUTE)


def workflow_type(kind: str, version: int) -> str:
    """The Temporal workflow type of one version of a journey, `insurance-claim.v1`."""
    return f"{kind}.v{version}"
