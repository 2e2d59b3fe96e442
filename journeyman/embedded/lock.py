"""One process a folder."""

import fcntl
import os
from pathlib import Path
from typing import IO

from journeyman.errors import ConfigurationError


class FolderLock:
    """Held by the process that runs a folder. The kernel gives it back however that process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    @property
    def held(self) -> bool:
        return self._file is not None

    def acquire(self) -> None:
        """Raises `ConfigurationError`, naming who holds it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = (self._folder / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "another one"
            file.close()
            raise ConfigurationError(
                f"`{self._folder}` is run by process {holder} already; stop it, or choose another folder"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            self._file.close()
            self._file = None
