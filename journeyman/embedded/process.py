"""One server process that we start: it ends with us, and its log is told when it does not start."""

import atexit
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from journeyman.errors import ConfigurationError

_POLL = 0.01  # seconds between two looks
# Below those that systems give to whoever asks for any (Linux from 32768, others from 49152): a server would find its port
# taken by a connection that was opened between our look and its start.
_NOT_GIVEN = range(20_000, 32_768)


class ServerProcess:
    """A child process in a session of its own, so that Ctrl-C in a terminal reaches us first and we end it in order."""

    def __init__(self, log: Path, *, stop_signal: signal.Signals) -> None:
        self.log = log
        self._stop_signal = stop_signal
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._begun_at = 0  # where in the log this run of it begins

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self, args: Sequence[str | Path], *, user: int | None = None, group: int | None = None) -> None:
        """Start it, as another user where one is given (only root may)."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._begun_at = log.tell()
            self._child = subprocess.Popen(
                args,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",  # a server must not hold the folder that we were started in, nor need the right to see it
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
            )
        self._owner = os.getpid()
        atexit.register(self._at_exit)

    def wait_until(self, ready: Callable[[], bool], timeout: float) -> bool:
        """Wait for `ready`, at most `timeout` seconds; false if it ends or does not get there."""
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.running or time.monotonic() > deadline:
                return False
            time.sleep(_POLL)
        return True

    def stop(self, timeout: float = 30.0) -> None:
        """Ask it to end, then make it."""
        if self._child is None:
            return
        if self.running:
            self._child.send_signal(self._stop_signal)
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._forget()

    def kill(self) -> None:
        """SIGKILL: what a crash looks like."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._forget()

    def last_words(self, lines: int = 5) -> str:
        """The end of what this run of it logged, for an error message; without the stack of a Go program's panic."""
        try:
            log = self.log.read_bytes()[self._begun_at :].decode(errors="replace")
        except OSError:
            return ""
        log, _, _ = log.partition("\n\ngoroutine ")
        return " | ".join(log.strip().splitlines()[-lines:])

    def _forget(self) -> None:
        self._child = None
        atexit.unregister(self._at_exit)

    def _at_exit(self) -> None:
        if os.getpid() == self._owner:  # a forked child inherits this hook, not the server
            self.stop(timeout=10.0)


def command_of(pid: int) -> str | None:
    """The command line of a living process, or None."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace") or None
    except OSError:
        if Path("/proc/self").exists():
            return None
    listed = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip() or None


def end_orphan(pid: int, marker: str, stop_signal: signal.Signals, timeout: float = 30.0) -> bool:
    """End what a killed parent left running; only a process whose command line has `marker`. False: it is none of ours."""

    def ours() -> bool:
        command = command_of(pid)
        return command is not None and marker in command

    if not ours():
        return False
    for number, patience in ((stop_signal, timeout), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not ours():
                return True
            time.sleep(_POLL)
    return True


def free_port(last: int | None = None) -> int:
    """The `last` port, if it is still free; else one of 127.0.0.1 that is free now, and that no system gives to a program which
    asks for any port.

    Raises `ConfigurationError` where there is none.
    """
    if last is not None and port_is_free(last):
        return last
    for port in random.sample(_NOT_GIVEN, k=100):
        if port_is_free(port):
            return port
    raise ConfigurationError(
        f"no free port of 127.0.0.1 was found from {_NOT_GIVEN.start} to {_NOT_GIVEN.stop - 1}; end servers that run there"
    )


def port_is_free(port: int) -> bool:
    """Whether a server could listen on a port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def require_port(port: int, what: str) -> None:
    """Raise `ConfigurationError` if a port of 127.0.0.1 is taken."""
    if not port_is_free(port):
        raise ConfigurationError(
            f"port `{port}` of 127.0.0.1, meant for {what}, is taken; stop what listens there or choose another port"
        )
