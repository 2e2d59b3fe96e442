"""A worker process, assembled from settings: the roles `journeys`, `agents` and `engine`, one or all in a process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError, TLSConfig
from temporalio.worker import Worker

from journeyman.agents.endpoint import Endpoint
from journeyman.customers.keys import Keyring, load_master_key
from journeyman.errors import ConfigurationError, TemporalUnavailableError, UnavailableError
from journeyman.journey import names
from journeyman.ledger.checkpoint import SigningKey
from journeyman.ledger.integrator import integrate_for_ever
from journeyman.ledger.publish import publish
from journeyman.project import Project
from journeyman.settings import Settings
from journeyman.store.database import Database
from journeyman.tasks.clocks import sweep
from journeyman.tasks.desk import Desk
from journeyman.temporal.dispatcher import dispatch
from journeyman.temporal.engine import Engine
from journeyman.temporal.plugin import JourneymanPlugin, activities_of, converter

log = logging.getLogger("journeyman.worker")

ROLES = ("journeys", "agents", "engine")
_QUEUES = {"journeys": names.JOURNEYS_QUEUE, "agents": names.AGENTS_QUEUE, "engine": names.ENGINE_QUEUE}

DISPATCH_EVERY = 0.5  # seconds: what the eager dispatch after a commit has missed
SWEEP_EVERY = 1.0
PUBLISH_EVERY = 5.0


@asynccontextmanager
async def engine_of(settings: Settings, project: Project) -> AsyncIterator[Engine]:
    """Connect what the engine needs. Raises ConfigurationError or UnavailableError that says what to do."""
    keyring = keyring_of(settings)
    database = await Database.connect(settings.need("database_url"), max_size=20)
    try:
        yield Engine(database, keyring, project, endpoint_of(settings))
    finally:
        await database.close()


def keyring_of(settings: Settings) -> Keyring:
    """The deployment's keyring."""
    previous = [load_master_key(key.get_secret_value()) for key in settings.previous_master_keys]
    return Keyring(load_master_key(settings.need("master_key")), previous=previous)


def endpoint_of(settings: Settings) -> Endpoint:
    """The model endpoint. The stand-in needs no key."""
    key = settings.model_api_key.get_secret_value() if settings.model_api_key else "none"
    return Endpoint(settings.need("model_base_url"), key, settings.model)


def desk_of(engine: Engine) -> Desk:
    """What operations on tasks need."""
    return Desk(engine.database, engine.keyring, engine.published.authorizer, engine.project.output_model)


async def connect(settings: Settings, engine: Engine) -> Client:
    """A client whose payloads are encrypted. Raises TemporalUnavailableError."""
    try:
        return await Client.connect(
            settings.temporal_address,
            namespace=settings.temporal_namespace,
            data_converter=converter(engine),
            api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
            tls=TLSConfig() if settings.temporal_tls else False,
        )
    except (RPCError, RuntimeError) as error:
        raise TemporalUnavailableError(
            f"Temporal at `{settings.temporal_address}` does not answer; start it, or set JOURNEYMAN_TEMPORAL_ADDRESS"
        ) from error


async def check_search_attributes(client: Client) -> None:
    """Refuse to start without them: at run time a missing one would wedge every journey. Raises ConfigurationError."""
    from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest

    known = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=client.namespace))
    missing = [name for name in names.SEARCH_ATTRIBUTES if name not in known.custom_attributes]
    if missing:
        flags = " ".join(f"--name {name} --type Keyword" for name in missing)
        raise ConfigurationError(
            f"namespace `{client.namespace}` lacks search attributes; "
            f"run `temporal operator search-attribute create --namespace {client.namespace} {flags}`"
        )


@asynccontextmanager
async def running(engine: Engine, client: Client, roles: Sequence[str], settings: Settings) -> AsyncIterator[None]:
    """Run workers of these roles while the block runs."""
    async with AsyncExitStack() as stack:
        for role in roles:
            plugin = JourneymanPlugin(engine, roles=(role,))
            worker = Worker(client, task_queue=_QUEUES[role], plugins=[plugin], max_concurrent_activities=50)
            await stack.enter_async_context(worker)
        services = asyncio.create_task(_services(engine, client, settings)) if "engine" in roles else None
        try:
            yield
        finally:
            if services is not None:
                services.cancel()
                await asyncio.gather(services, return_exceptions=True)


async def run(settings: Settings, roles: Sequence[str]) -> None:
    """Run until cancelled."""
    project = Project.load(settings.project)
    async with engine_of(settings, project) as engine:
        client = await connect(settings, engine)
        await check_search_attributes(client)
        async with running(engine, client, roles, settings):
            log.info("worker is ready", extra={"roles": ",".join(roles)})
            await asyncio.Event().wait()


async def _services(engine: Engine, client: Client, settings: Settings) -> None:
    """The engine's clocks: each its own loop, so that none waits for another."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_every(DISPATCH_EVERY, lambda now: dispatch(engine.database, engine.keyring, client, now=now)))
        desk = desk_of(engine)
        group.create_task(_every(SWEEP_EVERY, lambda now: sweep(desk, now=now)))
        if settings.integrator_url is not None and settings.ledger_key is not None:
            integrator = await Database.connect(settings.need("integrator_url"), max_size=2)
            key = SigningKey.parse(settings.need("ledger_key"))
            group.create_task(integrate_for_ever(integrator, key, lambda: datetime.now(UTC)))
            if settings.checkpoints is not None:
                folder: Path = settings.checkpoints
                group.create_task(_every(PUBLISH_EVERY, lambda now: publish(integrator, folder, now=now)))


async def _every(seconds: float, work: object) -> None:
    """Do something again and again. While a service is away it waits; anything else is logged, and it goes on."""
    assert callable(work)
    while True:
        try:
            await work(datetime.now(UTC))
        except UnavailableError as error:
            log.warning("waiting: %s", error)
        except Exception:
            log.exception("a sweep failed and is tried again")
        await asyncio.sleep(seconds)


__all__ = ["ROLES", "activities_of", "connect", "desk_of", "endpoint_of", "engine_of", "keyring_of", "run", "running"]
