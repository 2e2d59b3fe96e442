"""Where the bank is."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from journeyman.errors import ConfigurationError


class BankSettings(BaseSettings):
    """Read from the environment at each use, so that a worker need not be restarted with the bank."""

    model_config = SettingsConfigDict(extra="ignore")

    url: str | None = Field(default=None, validation_alias="BANK_URL")

    def address(self) -> str:
        """The bank's address. Raises ConfigurationError."""
        if not self.url:
            raise ConfigurationError(
                "`BANK_URL` is not set; set it to the bank's address, such as http://127.0.0.1:8410"
            )
        return self.url
