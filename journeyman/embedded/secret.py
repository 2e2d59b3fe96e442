"""Key files of one folder: made once, readable by their owner only, never replaced."""

import os
from collections.abc import Callable
from pathlib import Path

from journeyman.errors import ConfigurationError


def keep(file: Path, make: Callable[[], str], *, needed: bool = False) -> str:
    """The text of a key file, made if there is none. `needed`: data depend on it already, so a missing one is an error."""
    if not file.exists():
        if needed:
            raise ConfigurationError(
                f"`{file}` is missing, and the data beside it cannot be read without it; restore it"
            )
        write(file, make())
    text = file.read_text().strip()
    if file.stat().st_mode & 0o077:
        raise ConfigurationError(f"`{file}` can be read by others; run `chmod 600 {file}`")
    return text


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all, with mode 0600."""
    half = file.with_name(file.name + ".new")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    half.rename(file)
