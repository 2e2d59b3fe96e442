"""Where the payment provider is."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from journeyman.errors import ConfigurationError


class PaymentsSettings(BaseSettings):
    """Read from the environment at each use, so that a worker need not be restarted with the provider."""

    model_config = SettingsConfigDict(extra="ignore")

    url: str | None = Field(default=None, validation_alias="PAYMENTS_URL")
    currency: str = Field(default="USD", validation_alias="PAYMENTS_CURRENCY")

    def address(self) -> str:
        """The provider's address. Raises ConfigurationError."""
        if not self.url:
            raise ConfigurationError(
                "`PAYMENTS_URL` is not set; set it to the payment provider's address, such as http://127.0.0.1:8411"
            )
        return self.url
