"""The endpoint that a deployment's settings name."""

from journeyman.agents.endpoint import Endpoint
from journeyman.errors import ConfigurationError
from journeyman.settings import Settings

OPENAI = "https://api.openai.com/v1"


def named(settings: Settings) -> tuple[str, str, str]:
    """Its address, key and model: OpenAI's own where only a key is set. The stand-in needs no key. Raises ConfigurationError."""
    if "model" not in settings.model_fields_set:  # the default is the stand-in's name, which no other endpoint knows
        raise ConfigurationError("`JOURNEYMAN_MODEL` is not set; name the model that the endpoint shall answer with")
    key = settings.model_api_key.get_secret_value() if settings.model_api_key else "none"
    url = settings.model_base_url or (OPENAI if settings.model_api_key else settings.need("model_base_url"))
    return url, key, settings.model


class OnDemand:
    """An endpoint that is opened when somebody first needs it. One a process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._endpoint: Endpoint | None = None

    def __call__(self) -> Endpoint | None:
        """The endpoint; None where none is set up."""
        if self._endpoint is None:
            try:
                self._endpoint = Endpoint(*named(self._settings))
            except ConfigurationError:
                return None
        return self._endpoint

    async def close(self) -> None:
        """Close it, if it was opened."""
        if self._endpoint is not None:
            await self._endpoint.close()
