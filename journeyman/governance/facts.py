"""What a decision is made on: the typed context of every question to the policies."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""A number of things; within what JSON and the ledger hold exactly."""

Money = Annotated[int, Field(ge=-(2**53 - 1), le=2**53 - 1)]
"""An amount in minor units (cents) of the journey's currency."""

PerMille = Annotated[int, Field(ge=0, le=1000)]
"""A probability, 0..1000: policies have no fractions."""

AGENT_WRITTEN = frozenset({"claimed_confidence", "failed_turns", "intent"})
"""Facts that a model words itself, or that its word raises. A policy may only forbid on them: `Bundle.check` refuses one that
permits on them."""


class Facts(BaseModel):
    """The facts of one decision, assembled from committed rows where the decision is taken (Cedar: `context.facts`).

    The defaults describe an ordinary moment of which nothing special is known: nobody verified, no notice given, nothing
    approved. A field that is None is *absent* in Cedar: a policy asks `context.facts has amount` before it reads it.
    INVARIANT: the type `Facts` of policies/schema.cedarschema lists the same fields; a test compares them.

    Whom to believe: an AI agent words `claimed_confidence` and `intent` itself, and its word that it did not understand
    raises `failed_turns`, which it cannot lower (AGENT_WRITTEN). `amount` and `result_outcome` are read from the very
    result that is being decided on, so that an agent which understates them changes what takes effect, not only what is
    believed. All others are out of its reach.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intent: str | None = None
    """What the customer wants, in the journey's words; from the agent's reply. Agent-written: only forbid on it."""
    sentiment: int = Field(default=0, ge=-100, le=100)
    """Of the customer's latest messages, -100 (worst) to 100; 0 is neutral. From `conversation.sentiment`, never a model."""
    triggers: frozenset[str] = frozenset()
    """What the customer's words set off: person_request, distress, complaint, contest, cancellation, fraud, legal,
    bereavement, medical, ... From `conversation.triggers`; stays set until a person has taken the work."""
    failed_turns: Count = 0
    """AI turns of this step that did not help, since a person last worked on it: by its own word the agent did not understand
    the customer, it said again what it had said, or its turn failed. A turn that helps takes none back. Only forbid on it."""
    turns: Count = 0
    """AI turns of this step so far, failed ones too."""
    turns_left: Count | None = None
    """AI turns of this step that the agent's own declaration (`max_turns`) leaves. None: nobody has counted."""
    tokens: Count = 0
    """Tokens that AI turns of this step have used so far, in and out, as the endpoint counted them."""
    handoffs: Count = 0
    """Changes from an AI agent to a person so far in this step."""
    hand_backs: Count = 0
    """Changes from a person back to an AI agent so far in this step."""
    amount: Money | None = None
    """Minor units: of the result that is decided on where it has one, else of the journey's state. None: unknown."""
    result_outcome: str | None = None
    """The outcome that the result states: pay, refuse, reduce, not_verified, ... None: it has none."""
    due: Money | None = None
    """Minor units: what the step is to collect or pay, from the field of its input that is marked so. None: unknown."""
    stated_amount: Money | None = None
    """Minor units: the largest amount in the customer's own words in this journey. From `conversation.money`, never a model.
    None: they have named none."""
    stated_unclear: bool = False
    """The customer's own words name an amount without saying how much: "a few thousand dollars"."""
    unevidenced: frozenset[str] = frozenset()
    """For `complete`: fields of the result that the step's input does not hold, nor the one tool call of this step that bears
    out the most of them. A policy names those that an agent may report and not invent, such as a receipt's token."""
    failed_calls: Count = 0
    """Tool calls of this step that failed, that nobody knows the end of, or that verified nobody."""
    calls: Count = 0
    """For a tool: how many calls of it were permitted in this step before this one, those of the same reply too."""
    called_sum: Money = 0
    """For a tool: minor units, the sum of the amounts in those calls, without failed ones and those that people approved."""
    customer_tier: str = "standard"
    """From the customer's record: standard, vip, ..."""
    verification: Literal["none", "basic", "strong"] = "none"
    """How the customer has been verified, unexpired. From the committed outcome of a verification tool, never from
    an agent's result."""
    channel: str = "chat"
    """The conversation's channel: chat, email, voice, ..."""
    language: str = "und"
    """BCP 47 tag of the conversation; `und` while undetermined."""
    notices: frozenset[str] = frozenset()
    """Notices given to this customer in this journey: ai-disclosure, recording, ..."""
    consents: frozenset[str] = frozenset()
    """What the customer has agreed to or declined: `no-ai` declines AI agents."""
    support_needs: frozenset[str] = frozenset()
    """From the customer's record: vulnerable, interpreter, large-print, ..."""
    ai_available: bool = True
    """The model's endpoint answers: its circuit breaker is closed."""
    people_available: bool = True
    """Someone of the step's queue is online. Its absence never permits an AI agent anything."""
    in_hours: bool = True
    """The step's queue is open now, by its calendar."""
    stopped: bool = False
    """A stop flag is set for this agent, this journey or all. From the rows, read with the decision."""
    published: bool = True
    """The agent's version that runs here is the one in force."""
    sampled: bool = False
    """A deterministic sample chose this step for review: no agent can predict it."""
    token_probability: PerMille | None = None
    """Measured: the minimum over the value tokens of the declared fields of the result. Not correctness. None: the
    endpoint gives none, or the result came by a tool call."""
    calibrated: bool = False
    """`token_probability` has been calibrated for this step against people's reviews; until then it is no confidence. From the
    agent's own declaration (`AIAgent.calibrated`), which is published with it."""
    claimed_confidence: PerMille | None = None
    """The model's own word for how sure it is. Agent-written: it may only forbid, never permit."""
    model_failure: str | None = None
    """The cause of the turn's failure (`ModelError.cause`: timeout, malformed, refused, ...), until a person took over."""
    approved: bool = False
    """A person has let exactly this message or tool call through, and the approval is unspent. True where it takes effect,
    and where it is asked whether an approval would help at all."""
    prior_approvals: Count = 0
    """Approvals that people gave in this journey so far."""
    approved_sum: Money = 0
    """Minor units: the sum of the amounts that people approved in this journey so far."""
    simulated: bool = False
    """The journey is a rehearsal with a simulated customer."""

    speech_commitments: frozenset[str] = frozenset()
    """For `say`: commitments found in the text (promise_payment, refusal, reduction, guarantee, deadline, ...)."""
    speech_amounts_unverified: bool = False
    """For `say`: the text holds an amount that neither a tool result nor the state holds."""
    speech_links_unlisted: bool = False
    """For `say`: the text holds a link or number that is not on the deployment's list."""
    speech_claims_human: bool = False
    """For `say`: an AI agent's text says or implies that a person is speaking."""
    speech_reveals: frozenset[str] = frozenset()
    """For `say`: data in the text that is not due to this customer (card, secret, other_customer, instructions, ...)."""
    speech_asks: frozenset[str] = frozenset()
    """For `say`: secrets that the text asks the customer for (card, cvv, pin, password, ...)."""

    @property
    def said(self) -> dict[str, JsonValue]:
        """Those that say something: that differ from their defaults, sets in order."""
        told = self.model_dump(exclude_defaults=True)
        return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in told.items()}
