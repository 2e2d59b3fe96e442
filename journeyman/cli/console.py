"""`console`: the pages and the REST API that people work with."""

import asyncio
import socket
import sys
from typing import Annotated

import typer

from journeyman.cli import folder, output
from journeyman.cli.deploy import stop_with_parent
from journeyman.cli.options import AsJson


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command()(console)


def console(
    host: Annotated[
        str | None, typer.Option("--host", help="The address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="0 takes a free one.", show_default="8080")
    ] = None,
    picker: Annotated[bool, typer.Option("--picker", hidden=True, help="Whoever comes chooses who they are.")] = False,
    inherited: Annotated[
        int | None, typer.Option("--inherited", hidden=True, help="A bound socket's number, in the place of a port.")
    ] = None,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True, help="End when stdin closes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve the console until a signal: desk, supervision, audit, and the REST API. Requests under way then finish.

    People sign in with an identity provider (JOURNEYMAN_OIDC_ISSUER). Before anything but this machine's own browsers stands
    a proxy with TLS, and JOURNEYMAN_CONSOLE_URL says what it is called.

    Example: `journeyman console --port 8080`
    """
    import uvloop

    from journeyman.console.listening import listen
    from journeyman.console.serve import serve
    from journeyman.temporal.logs import log_to_stderr

    if with_parent:
        sys.stdin.readline()  # the parent says when Postgres is up; what takes long is loaded by then
    settings, _ = folder.read_settings()
    log_to_stderr()
    if inherited is not None:
        listening = socket.socket(fileno=inherited)
    else:
        listening = listen(host or settings.console_host, settings.console_port if port is None else port)

    def tell(url: str) -> None:
        output.emit({"console": url}, lambda: f"the console is at {url}", as_json=as_json)
        sys.stdout.flush()

    async def whole() -> None:
        stop = asyncio.Event()
        if with_parent:
            stop_with_parent(stop)
        await serve(settings, listening, picker=picker, stop=stop, ready=tell)

    uvloop.run(whole())
