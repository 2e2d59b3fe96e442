"""The ledger, exported and given to the verifier with what is kept outside: checkpoints, the key, and Temporal's word."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

from journeyman.errors import ConfigurationError, LedgerError
from journeyman.ledger.audit import read_pack, waiting
from journeyman.ledger.checkpoint import SigningKey
from journeyman.ledger.integrator import integrate
from journeyman.ledger.pack import Pack
from journeyman.ledger.publish import publish, published
from journeyman.ledger.verify import verify
from journeyman.settings import Settings
from journeyman.store.database import Database
from journeyman.testing.simulation.summary import Ledger
from journeyman.testing.simulation.world import World

_PATIENCE = 30.0  # seconds until what was recorded must be integrated


async def prove(world: World, *, witnessed: Iterable[str]) -> tuple[Ledger, Pack]:
    """Integrate and publish what is recorded, export everything, and verify it. `witnessed` are leaf hashes that Temporal saw."""
    settings, engine = world.settings, world.engine
    key = SigningKey.parse(settings.need("ledger_key"))
    faults = await _published(settings, key, engine.database)
    pack = await read_pack(engine.database, now=datetime.now(UTC), key=key.verifier, keyring=engine.keyring)
    kept = published(settings.checkpoints)
    report = await asyncio.to_thread(verify, pack, kept=kept, trusted=[key.verifier], witnessed=witnessed)
    faults += [str(fault) for fault in report.faults]
    if not kept:
        faults.append("no checkpoint is kept outside Postgres")
    if report.waiting:
        faults.append(f"{report.waiting} entries are recorded and not integrated")
    entries = report.integrated + report.waiting
    return Ledger(entries=entries, size=max(report.kept, default=0), verified=not faults, faults=faults[:20]), pack


async def _published(settings: Settings, key: SigningKey, database: Database) -> list[str]:
    """Bring the ledger to its end, and its last checkpoint outside."""
    if settings.checkpoints is None:
        raise ConfigurationError("`JOURNEYMAN_CHECKPOINTS` is not set, so nothing can be verified against the outside")
    integrator = await Database.connect(settings.need("integrator_url"), max_size=1)
    try:
        async with asyncio.timeout(_PATIENCE):
            while await waiting(database):
                if await integrate(integrator, key, now=datetime.now(UTC)) is None:
                    await asyncio.sleep(0.1)  # the engine's own integrator is at it
        await publish(integrator, settings.checkpoints)
    except LedgerError as error:
        return [str(error)]
    except TimeoutError:
        return []  # what is left is told as not integrated
    finally:
        await integrator.close()
    return []
