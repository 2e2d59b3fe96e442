"""Who decides: a bundle that is asked."""

from collections.abc import Sequence

from journeyman.governance.bundle import Bundle
from journeyman.governance.cedar import Outcome
from journeyman.governance.decision import Decision, Question

NOT_PERMITTED = "not_permitted"
"""The reason when no policy permits it and none that forbids it says more."""

POLICY_ERROR = "policy_error"
"""The reason when it could not be decided: the question does not fit the schema, or a policy failed."""


class Authorizer:
    """Decides questions by one bundle. Holds no state but parsed policies, does no I/O, and may be shared by threads."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        policies = bundle.policies
        self._hash = bundle.hash
        self._ids = [policy.id for policy in policies]
        self._intents = [policy.intent for policy in policies]
        self._handoffs = [policy.annotations.get("handoff") for policy in policies]

    def decide(self, question: Question) -> Decision:
        """The decision. It permits only what Cedar allows, without any error, in a question that fits the schema.

        It never raises for what a question holds: what cannot be decided is denied, with `errors`.
        """
        return self._decision(question, self.bundle.cedar.evaluate(question))

    def recall(self, question: Question) -> Decision:
        """The same, by the outcome of an earlier question that was the same to the policies. For what pages show."""
        return self._decision(question, self.bundle.cedar.recall(question))

    def permits(self, questions: Sequence[Question]) -> list[bool]:
        """Whether each is allowed, as `recall` would tell. For lists of tasks, and the fields of a page."""
        return self.bundle.cedar.permits(questions)

    def _decision(self, question: Question, outcome: Outcome) -> Decision:
        reason = None
        if not outcome.allowed:
            if outcome.errors:
                reason = POLICY_ERROR
            else:
                reason = next((word for at in outcome.reasons if (word := self._handoffs[at])), NOT_PERMITTED)
        return Decision(
            allowed=outcome.allowed,
            action=question.action,
            policies=tuple(self._ids[at] for at in outcome.reasons),
            intents=tuple(self._intents[at] for at in outcome.reasons),
            reason=reason,
            bundle=self._hash,
            errors=outcome.errors,
        )
