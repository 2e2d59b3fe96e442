"""How a process of ours connects: the keyring, Temporal with sealed payloads, and what its namespace must have."""

import asyncio
from collections.abc import Sequence

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client, Interceptor
from temporalio.service import RPCError, TLSConfig

from journeyman.customers.keys import Keyring, load_master_key
from journeyman.errors import ConfigurationError, TemporalUnavailableError
from journeyman.journey import names
from journeyman.settings import Settings
from journeyman.store.database import Database
from journeyman.temporal.codec import data_converter

_PATIENCE = 10.0  # seconds until a server that takes the connection and does not answer counts as away


def keyring_of(settings: Settings) -> Keyring:
    """The deployment's keyring. One a process."""
    previous = [load_master_key(key.get_secret_value()) for key in settings.previous_master_keys]
    return Keyring(load_master_key(settings.need("master_key")), previous=previous)


async def connect(
    settings: Settings, database: Database, keyring: Keyring, *, interceptors: Sequence[Interceptor] = ()
) -> Client:
    """A client whose payloads are sealed. Raises TemporalUnavailableError."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=data_converter(database, keyring),
                api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
                tls=TLSConfig() if settings.temporal_tls else False,
                interceptors=interceptors,
            )
    except (RPCError, RuntimeError, TimeoutError) as error:
        raise TemporalUnavailableError(
            f"Temporal at `{settings.temporal_address}` does not answer; start it, or set JOURNEYMAN_TEMPORAL_ADDRESS"
        ) from error


async def check_search_attributes(client: Client) -> None:
    """Refuse to start without them: at run time a missing one would wedge every journey. Raises ConfigurationError."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        known = await client.operator_service.list_search_attributes(request)
    except RPCError as error:
        raise TemporalUnavailableError(
            f"Temporal does not tell the search attributes of `{client.namespace}` ({error.message}); "
            "create the namespace, or set JOURNEYMAN_TEMPORAL_NAMESPACE"
        ) from error
    missing = [name for name in names.SEARCH_ATTRIBUTES if name not in known.custom_attributes]
    if missing:
        flags = " ".join(f"--name {name} --type Keyword" for name in missing)
        raise ConfigurationError(
            f"namespace `{client.namespace}` lacks search attributes; "
            f"run `temporal operator search-attribute create --namespace {client.namespace} {flags}`"
        )
