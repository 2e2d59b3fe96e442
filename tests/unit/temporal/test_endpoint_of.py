"""Which model a worker asks."""

import pytest
from pydantic import SecretStr

from journeyman.errors import ConfigurationError
from journeyman.settings import Settings
from journeyman.temporal.worker import endpoint_of


def test_a_worker_with_a_key_and_no_model_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNEYMAN_MODEL", raising=False)
    settings = Settings().model_copy(update={"model_api_key": SecretStr("sk-x")})
    with pytest.raises(ConfigurationError, match="JOURNEYMAN_MODEL"):
        endpoint_of(settings)
    assert not endpoint_of(settings.model_copy(update={"model": "gpt-4.1-mini"})).is_standin
