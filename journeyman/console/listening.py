"""Where the console listens."""

import errno
import socket

from journeyman.errors import ConfigurationError, InputError


def listen(host: str, port: int) -> socket.socket:
    """A socket that is the console's from now on: whoever connects waits until it is served. Port 0 takes a free one.

    Raises InputError for a host that is none, ConfigurationError for a port that is taken.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
    except OSError as error:
        raise InputError(f"`{host}` is no address ({error}); name one of this machine", field="host") from error
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every response waits 40 ms for an acknowledgement.
    listening = socket.socket(family, kind, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen()  # at once: until then Linux lets another one bind to the same port
    except OSError as error:
        listening.close()
        wrong = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
        raise ConfigurationError(
            f"port `{port}` of {host}, meant for the console, {wrong}; stop what listens there or choose another port"
        ) from error
    return listening


def url_of(listening: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
