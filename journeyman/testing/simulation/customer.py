"""A simulated customer: says a turn, waits until the journey waits for them, says the next, and hangs up after the last."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from journeyman.conversation import transcript
from journeyman.conversation.inbound import Inbound, receive
from journeyman.conversation.transcript import Message
from journeyman.customers import journeys
from journeyman.customers.record import NewCustomer
from journeyman.errors import ConflictError
from journeyman.journey import names
from journeyman.journey.contract import View
from journeyman.tasks import cases
from journeyman.tasks.permission import Permission
from journeyman.testing.simulation.scene import Deed, Scene
from journeyman.testing.simulation.watch import Watch
from journeyman.testing.simulation.world import DIRECTOR, World

Doing = Callable[[str, Scene, Sequence[Message]], Awaitable[None]]
"""The project's: what a customer does elsewhere, named by a word, knowing the conversation so far."""

_SOONEST, _LATEST = 0.05, 1.0  # seconds between two questions whether it is the customer's turn


@dataclass
class SimulatedCustomer:
    """Plays one scene. Marked `simulated`, so that everything of theirs is."""

    world: World
    watch: Watch
    scene: Scene
    do: Doing
    pause: float = 0.0
    """Seconds until they answer."""
    journey: str | None = None
    said: int = 0
    hung_up: bool = False
    _heard: int = field(default=0, init=False)

    async def play(self) -> None:
        """Say every turn when its time has come, then hang up; done when nothing is left to say or the journey has ended."""
        try:
            if not self.scene.says:
                await self._connect()
            for turn in self.scene.says:
                if self.journey is not None and not await self._my_turn():
                    return
                await asyncio.sleep(self.pause)
                if isinstance(turn, Deed):
                    await self.do(turn.does, self.scene, await self._told())
                await self._send(turn.says if isinstance(turn, Deed) else turn)
                self.said += 1
            if await self._my_turn():
                await self._send("", left=True)
                self.hung_up = True
        except ConflictError:
            return  # it ended in the very moment

    async def ended(self) -> None:
        """Wait for the journey's end: in Postgres, and then in Temporal, whose history has the last commits a moment later."""
        if self.journey is not None:
            await self.watch.until(self.journey, lambda seen: seen.ended)
            with suppress(WorkflowFailureError):
                await self.world.temporal.get_workflow_handle(self.journey).result()

    @property
    def unsaid(self) -> int:
        """How many turns were left when the journey ended."""
        return len(self.scene.says) - self.said

    async def _my_turn(self) -> bool:
        """Wait until the journey waits for its customer; False once it has ended.

        That something was told is seen in Postgres, at little cost; whether more comes before an answer is expected, only
        the journey itself knows.
        """
        assert self.journey is not None
        pause, told = _SOONEST, self._heard
        while True:
            seen = await self.watch.until(self.journey, lambda seen: seen.ended or seen.told > told)
            if seen.ended:
                return False
            if await self._waits_for_customer():
                return True
            before = seen
            seen = await self.watch.until(self.journey, lambda now: now != before, pause)  # noqa: B023 - awaited here
            pause = _SOONEST if seen != before else min(pause * 2, _LATEST)

    async def _connect(self) -> None:
        """Open the channel without a word: the journey begins all the same."""
        scene, engine = self.scene, self.world.engine
        row = await cases.open_case(
            self.world.desk,
            engine.project.definition(scene.kind),
            address=self._address,
            channel=scene.channel,
            newcomer=self._newcomer,
            permitted=Permission(DIRECTOR),
            now=datetime.now(UTC),
        )
        self.journey = row.id
        self.watch.add(row.id)
        await self.world.deliver(row.id)

    @property
    def _address(self) -> str:
        return f"{self.scene.id}@simulated"

    @property
    def _newcomer(self) -> NewCustomer:
        return NewCustomer(
            language=self.scene.language,
            time_zone=self.scene.time_zone,
            tier=self.scene.tier,
            support_needs=list(self.scene.support_needs),
            simulated=True,
        )

    async def _told(self) -> list[Message]:
        engine = self.world.engine
        assert self.journey is not None
        async with engine.database.connection() as conn:
            row = await journeys.read(conn, self.journey)
            return await transcript.read(conn, engine.keyring, row.id, row.customer_id)

    async def _waits_for_customer(self) -> bool:
        assert self.journey is not None
        handle = self.world.temporal.get_workflow_handle(self.journey)
        try:
            view = await handle.query(names.SHOW_QUERY, result_type=View)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:  # the start has not reached Temporal yet
                return False
            raise
        return bool(view.waiting_for == "customer")

    async def _send(self, text: str, *, left: bool = False) -> None:
        scene, engine = self.scene, self.world.engine
        inbound = Inbound(scene.channel, self._address, text, f"{scene.id}:{self.said}:{left}", left)
        received = await receive(
            engine.database,
            engine.keyring,
            inbound,
            opens=engine.project.definition(scene.kind) if self.journey is None else None,
            newcomer=self._newcomer,
            now=datetime.now(UTC),
        )
        if self.journey is None:
            self.journey = received.journey
            self.watch.add(received.journey)
        self._heard = received.position
        await self.world.through(self.world.deliver(received.journey))
