"""Where commands find a deployment."""

import json
import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from journeyman.cli import folder
from journeyman.errors import ConfigurationError
from journeyman.settings import Settings


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "MODEL", "MASTER_KEY", "TEMPORAL_ADDRESS", "PROJECT"):
        monkeypatch.delenv(f"JOURNEYMAN_{name}", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setattr(os, "environ", os.environ.copy())


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """A folder as `journeyman dev` leaves it."""
    (tmp_path / "master.key").write_text("the master key\n")
    (tmp_path / "ledger.skey").write_text("the ledger key\n")
    settings = Settings().model_copy(
        update={
            "project": tmp_path,
            "database_url": SecretStr("postgresql://app@/journeyman"),
            "temporal_address": "127.0.0.1:4321",
            "model_base_url": "http://127.0.0.1:1/v1",
            "master_key": SecretStr("never written"),
        }
    )
    folder.remember(tmp_path, settings, {"BANK_URL": "http://127.0.0.1:2"})
    return tmp_path


def test_without_a_place_in_the_environment_the_folder_tells_everything(dev: Path) -> None:
    settings, found = folder.read_settings(dev)
    assert found == dev
    assert settings.need("database_url") == "postgresql://app@/journeyman"
    assert settings.need("master_key") == "the master key"
    assert settings.need("ledger_key") == "the ledger key"
    assert settings.temporal_address == "127.0.0.1:4321"
    assert settings.model_base_url == "http://127.0.0.1:1/v1"
    assert settings.project == dev


def test_the_folders_doubles_are_in_the_environment_but_for_those_that_it_names(
    dev: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANK_URL", "https://bank.example")
    folder.read_settings(dev)
    assert os.environ["BANK_URL"] == "https://bank.example"
    monkeypatch.delenv("BANK_URL")
    folder.read_settings(dev)
    assert os.environ["BANK_URL"] == "http://127.0.0.1:2"


def test_what_names_no_place_is_taken_from_the_environment(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEYMAN_MODEL", "another")
    settings, found = folder.read_settings(dev)
    assert (settings.model, found) == ("another", dev)


@pytest.mark.parametrize("name", ["DATABASE_URL", "MASTER_KEY", "TEMPORAL_ADDRESS"])
def test_one_place_in_the_environment_means_that_none_comes_from_the_folder(
    dev: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"JOURNEYMAN_{name}", "elsewhere")
    settings, found = folder.read_settings(dev)
    assert found is None
    unset = "owner_url" if name != "OWNER_URL" else "database_url"
    with pytest.raises(ConfigurationError, match="is not set; set it, or run `journeyman dev`"):
        settings.need(unset)
    assert (settings.master_key is None) == (name != "MASTER_KEY")


def test_no_key_is_written_beside_the_addresses(dev: Path) -> None:
    text = (dev / "dev.json").read_text()
    assert "never written" not in text
    assert (dev / "dev.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"databse_url": "x"})])
def test_a_folder_that_cannot_be_read_says_what_to_do(dev: Path, text: str) -> None:
    (dev / "dev.json").write_text(text)
    with pytest.raises(ConfigurationError, match="start `journeyman dev` again"):
        folder.read_settings(dev)


def test_a_setting_of_the_wrong_kind_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JOURNEYMAN_TEMPORAL_TLS", "perhaps")
    with pytest.raises(ConfigurationError, match="`JOURNEYMAN_TEMPORAL_TLS` is wrong"):
        folder.read_settings(tmp_path)
