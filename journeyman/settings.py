"""Settings from the environment (`JOURNEYMAN_...`), for workers, console and CLI."""

import re
from pathlib import Path

from pydantic import Field, IPvAnyNetwork, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from journeyman.errors import ConfigurationError

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")


class Settings(BaseSettings):
    """Where everything is. `journeyman dev` sets all of it for one folder; production sets it itself."""

    model_config = SettingsConfigDict(env_prefix="JOURNEYMAN_", extra="ignore")

    project: Path = Path()
    """The folder of the project: the pyproject.toml with `[tool.journeyman]`."""
    database_url: SecretStr | None = None
    """Postgres as role `journeyman_app`."""
    integrator_url: SecretStr | None = None
    """Postgres as role `journeyman_integrator`; only the engine worker needs it."""
    owner_url: SecretStr | None = None
    """Postgres as the owner of the schema; only `journeyman migrate` needs it."""
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    temporal_api_key: SecretStr | None = None
    temporal_tls: bool = False
    master_key: SecretStr | None = None
    """Wraps the data keys of all subjects: 32 bytes, base64url."""
    previous_master_keys: list[SecretStr] = Field(default_factory=list)
    """Those before it, until `journeyman rewrap` has been run."""
    ledger_key: SecretStr | None = None
    """Signs checkpoints: a C2SP signed-note private key; only the engine worker needs it."""
    ledger_public_key: str | None = None
    """Verifies checkpoints: the public half, for a console, which does not sign."""
    previous_ledger_keys: list[str] = Field(default_factory=list)
    """The public keys that this ledger's checkpoints were signed with before."""
    checkpoints: Path | None = None
    """The folder that checkpoints are published to: one that the operator of the database does not rule."""
    model: str = "stand-in"
    """The model of AI agents that name none. The default is the stand-in's: a worker has to be told."""
    model_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    model_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    console_host: str = "127.0.0.1"
    console_port: int = 8080
    """Where the console listens."""
    console_url: str = "http://127.0.0.1:8080"
    """Where browsers reach the console; by default, where it listens. Over HTTPS its cookies are for that host alone."""
    console_proxies: list[IPvAnyNetwork] = Field(default_factory=list)
    """The proxies that stand before the console, as `["10.0.0.7", "10.1.0.0/16"]`: they alone are believed where a request comes
    from, which limits how much one address of the network may chat."""
    chat: bool = False
    """Whether the console offers customers the chat. `journeyman dev` does."""
    chat_origins: list[str] = Field(default_factory=list)
    """The web sites that embed the chat, as `["https://www.example.com"]`; no other may."""
    oidc_issuer: str | None = None
    """The identity provider that people sign in with: an OpenID Connect issuer."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_claim: str = "sub"
    """The claim of the id token that holds a person's id of the roster. The provider must let nobody choose it."""
    otlp_endpoint: str | None = None
    """An OpenTelemetry collector, as `http://collector:4317`; without one no spans leave the process."""

    @field_validator("chat_origins")
    @classmethod
    def _origins(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"`{origin}` is no origin of a web site; write it as `https://www.example.com`")
        return origins

    def need(self, name: str) -> str:
        """A setting that this process cannot do without. Raises ConfigurationError that names it."""
        value = getattr(self, name)
        if value is None:
            alias = type(self).model_fields[name].validation_alias
            variable = alias if isinstance(alias, str) else f"JOURNEYMAN_{name.upper()}"
            raise ConfigurationError(
                f"`{variable}` is not set; set it, or run `journeyman dev`, which sets all of it for one folder"
            )
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
