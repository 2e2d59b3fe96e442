"""Where commands find what they work on: the environment, or the folder of `journeyman dev`.

FOLDER/dev.json has the addresses of the last `journeyman dev`; the keys stay in their own files (see `embedded.stack`).
"""

import json
import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from journeyman.embedded import secret
from journeyman.errors import ConfigurationError
from journeyman.misfit import misfit
from journeyman.settings import Settings

DEFAULT = Path(".journeyman")

chosen: ContextVar[Path] = ContextVar("chosen", default=DEFAULT)
"""What `journeyman --folder` says."""

_FILE = "dev.json"
_DOUBLES = "doubles"
_KEYS = {"master_key": "master.key", "ledger_key": "ledger.skey"}
_SECRET = frozenset(name for name, field in Settings.model_fields.items() if field.annotation == (SecretStr | None))
_PLACES = frozenset({"database_url", "integrator_url", "owner_url", "temporal_address", *_KEYS})
"""INVARIANT: one of these in the environment means that all are: a key of one deployment never meets another's data."""


def remember(folder: Path, settings: Settings, doubles: Mapping[str, str]) -> None:
    """Write down where everything of a `dev` folder is, without its keys. `doubles`: the variables that tell where those of other
    people's systems are.
    """
    kept = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name in sorted(Settings.model_fields)
        if name not in _KEYS and name != "model_api_key" and (value := getattr(settings, name)) and value != []
    }
    secret.write(folder / _FILE, json.dumps(kept | {_DOUBLES: dict(doubles)}))


def read_settings(folder: Path | None = None) -> tuple[Settings, Path | None]:
    """The settings of the environment, else those of the folder; in the latter case the folder too, and its doubles are in the
    environment from then on: the links that people and AI agents may give out name them.

    Of what names no place (project, model, collector, doubles) the environment wins. Raises ConfigurationError.
    """
    folder = (folder or chosen.get()).resolve()
    try:
        environment = Settings()
    except ValidationError as error:
        name, wrong = misfit(error)
        raise ConfigurationError(f"`JOURNEYMAN_{name.upper()}` is wrong: {wrong}; correct it") from error
    if environment.model_fields_set & _PLACES or not (folder / _FILE).exists():
        return environment, None
    given = {name: getattr(environment, name) for name in environment.model_fields_set}
    known = _read(folder)
    for variable, address in known.pop(_DOUBLES, {}).items():
        os.environ.setdefault(variable, address)
    return of(folder, known | given), folder


def last_console_port(folder: Path) -> int | None:
    """Where the console of a `dev` folder was the last time."""
    return _last_port(folder, lambda known: known.get("console_url", ""))


def last_double_port(folder: Path, variable: str) -> int | None:
    """Where the double that `variable` tells of was the last time: customers may have been given links that lead there."""
    return _last_port(folder, lambda known: known.get(_DOUBLES, {}).get(variable, ""))


def _last_port(folder: Path, address: Callable[[dict[str, Any]], str]) -> int | None:
    try:
        return urlsplit(str(address(_read(folder)))).port
    except (ConfigurationError, ValueError):
        return None


def of(folder: Path, values: dict[str, Any]) -> Settings:
    """The settings of a folder: these values, and its keys."""
    settings = Settings().model_copy(update=keys_of(folder))
    for name, value in values.items():
        if isinstance(value, str) and name in _SECRET:
            value = SecretStr(value)
        elif name in ("project", "checkpoints"):
            value = Path(value)
        settings = settings.model_copy(update={name: value})
    return settings


def keys_of(folder: Path) -> dict[str, SecretStr]:
    """The settings that are its keys."""
    return {name: SecretStr((folder / file).read_text().strip()) for name, file in _KEYS.items()}


def _read(folder: Path) -> dict[str, Any]:
    file = folder / _FILE
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"`{file}` cannot be read ({error}); start `journeyman dev` again") from error
    if not isinstance(values, dict) or not values.keys() <= {*Settings.model_fields, _DOUBLES}:
        raise ConfigurationError(f"`{file}` is not what `journeyman dev` writes; start `journeyman dev` again")
    return values
