"""Every error that Journeyman raises, as one tree.

    JourneymanError
    ├── DefinitionError            a journey, step, agent or tool is declared wrongly; raised at import
    ├── ConfigurationError         a setting, a project file or a key is missing or wrong
    ├── InputError                 what a caller gave is wrong; names the field and the remedy
    │   ├── NotFoundError          no such journey, task, person, queue, customer
    │   ├── UnreadableError        a stored value was altered, or was written by a newer build
    │   └── ConflictError          the thing is not in a state that allows this (someone else was first, it is closed)
    ├── DeniedError                policy refused; carries the decision
    ├── UnavailableError           a service that we need is away; a retry helps
    │   ├── DatabaseUnavailableError
    │   └── TemporalUnavailableError
    ├── PolicyError                a bundle does not parse, does not fit the schema or fails its canary
    ├── LedgerError                the ledger's own rules were broken; never retried
    │   └── UnrecordedEffectError  a transaction changed something and recorded nothing
    ├── RepeatedError              this very request was carried out before; nothing was done again
    ├── EffectStoredError          another runner of the same effect was first; what it stored counts
    ├── JourneyMovedError          what was decided on has changed since it was read; nothing was written
    ├── ErasedError                the key of this value was destroyed
    ├── ModelError                 an AI agent's turn could not be finished; a subclass a cause
    │   ├── ModelTimeoutError, ModelRateLimitedError, ModelServerError, ModelStreamCutError
    │   ├── ModelTruncatedError, ModelMalformedError, ModelRefusedError, ModelContextOverflowError
    │   └── ModelUnavailableError  the circuit breaker is open
    └── StepError                  what `perform` raises into a journey
        ├── StepDisposed           closed by a person with a disposition that has no output
        ├── StepFailed             nobody could finish it
        └── JourneyCancelled       the journey was cancelled; compensations run

What fails what: an error that is not `retryable` fails the activity for good, and with it the step: `InputError`, `DeniedError`,
`LedgerError`, `ErasedError`. An `UnreadableError` gives the step to a person first. One that is retryable, such as
`UnavailableError`, `PolicyError` and `ConfigurationError`, is retried until someone has mended it. A `ModelError` never fails an
activity, it becomes a fact and a route that policy decides; so does a turn that keeps breaking in a way that nobody foresaw. A
`StepError` fails the step, and the journey unless its author catches it.
"""

from typing import ClassVar


class JourneymanError(Exception):
    """The base of all. `retryable`: trying again may help, if only once someone has mended what is wrong.

    `named` is what `{NAME}` stands for in `message`, where it is given: ids and stable words as they are stored. Programs read
    them so; a page says them otherwise.
    """

    retryable: ClassVar[bool] = False

    def __init__(self, message: str = "", **named: str) -> None:
        super().__init__(message.format_map(named) if named else message)
        self.message, self.named = message, named


class DefinitionError(JourneymanError):
    """A declaration is wrong. Raised at import or by `journeyman policy check`; the message holds the remedy."""

    retryable = True  # by a worker that has the right one


class ConfigurationError(JourneymanError):
    """A setting or a project file is missing or wrong; the message names it."""

    retryable = True


class InputError(JourneymanError):
    """What a caller gave is wrong. `field` names it."""

    def __init__(self, message: str, *, field: str | None = None, **named: str) -> None:
        super().__init__(message, **named)
        self.field = field


class NotFoundError(InputError):
    """There is no such thing."""


class UnreadableError(InputError):
    """A value that was stored cannot be read: it was altered, or a newer build wrote it. What hangs on it goes to a person."""


class ConflictError(InputError):
    """The thing is not in a state that allows this."""


class DeniedError(JourneymanError):
    """Policy refused. `policies` are the ids that determined it (empty: no policy permits it)."""

    def __init__(self, message: str, *, policies: tuple[str, ...] = (), **named: str) -> None:
        super().__init__(message, **named)
        self.policies = policies


class UnavailableError(JourneymanError):
    """A service is away."""

    retryable: ClassVar[bool] = True


class DatabaseUnavailableError(UnavailableError):
    """Postgres is away."""


class TemporalUnavailableError(UnavailableError):
    """Temporal is away."""


class PolicyError(JourneymanError):
    """A policy bundle cannot be used."""

    retryable = True


class LedgerError(JourneymanError):
    """The ledger's rules were broken."""


class UnrecordedEffectError(LedgerError):
    """A transaction ended without an entry. No entry, no effect: it was rolled back."""


class RepeatedError(JourneymanError):
    """This very request was carried out before: nothing was done again. `about`: what was chosen for it then."""

    def __init__(self, message: str, *, about: str | None = None) -> None:
        super().__init__(message)
        self.about = about


class EffectStoredError(JourneymanError):
    """This effect has an outcome already: the transaction was rolled back, and what is stored counts."""

    retryable = True  # a rerun finds what is stored


class JourneyMovedError(JourneymanError):
    """What was decided on, a journey or a task of it, has changed since it was read: nothing was written; decide anew."""

    retryable = True


class ErasedError(JourneymanError):
    """The key of this value was destroyed; nothing can read it again."""


class ModelError(JourneymanError):
    """An AI agent's turn could not be finished. `cause` is its stable name, used as a fact."""

    cause: ClassVar[str] = "error"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelTimeoutError(ModelError):
    """The endpoint did not answer in time."""

    cause = "timeout"
    retryable = True


class ModelRateLimitedError(ModelError):
    """429; `retry_after` is in seconds where the endpoint says."""

    cause = "rate_limited"
    retryable = True


class ModelServerError(ModelError):
    """5xx, or the connection failed."""

    cause = "server_error"
    retryable = True


class ModelStreamCutError(ModelError):
    """The response ended in the middle."""

    cause = "stream_cut"
    retryable = True


class ModelTruncatedError(ModelError):
    """The output reached its token budget."""

    cause = "truncated"


class ModelMalformedError(ModelError):
    """The output does not fit the step's output model, after one repair."""

    cause = "malformed"


class ModelRefusedError(ModelError):
    """The model refused."""

    cause = "refused"


class ModelContextOverflowError(ModelError):
    """The conversation is longer than the model reads."""

    cause = "context_overflow"


class ModelUnavailableError(ModelError):
    """The circuit breaker of the endpoint is open."""

    cause = "unavailable"


def never_retried() -> list[str]:
    """Names of the errors that fail an activity for good: all that are not `retryable`."""
    found, names = [JourneymanError], []
    while found:
        error = found.pop()
        found += error.__subclasses__()
        if not error.retryable:
            names.append(error.__name__)
    return sorted(names)


class StepError(JourneymanError):
    """What `perform` raises into a journey."""


class StepDisposed(StepError):  # noqa: N818 - an outcome that the author handles, not a fault
    """A person closed the step with a disposition that has no output."""

    def __init__(self, step: str, disposition: str, comment: str = "") -> None:
        super().__init__(f"step `{step}` was closed as `{disposition}`")
        self.step = step
        self.disposition = disposition
        self.comment = comment


class StepFailed(StepError):  # noqa: N818
    """Nobody could finish the step."""


class JourneyCancelled(StepError):  # noqa: N818
    """The journey was cancelled while the step was under way."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the journey was cancelled: {reason}")
        self.reason = reason
