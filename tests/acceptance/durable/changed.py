"""Errands as later builds have them: a second version, and the first one patched, and changed as it must not be."""

from temporalio import workflow

from journeyman.journey import End, Journey, Stage, journey, stage
from tests.acceptance.durable.errand import SIGN, THINK, ErrandState


@journey("errand", version=2)
class ErrandOfVersion2(Journey[ErrandState]):
    """Errands that need nothing but a thought."""

    @stage(initial=True, ends=["thought"])
    async def think(self) -> Stage | End:
        await self.perform(THINK)
        return self.end("thought")


@journey("signed", version=1)
class Signed(Journey[ErrandState]):
    """Two signatures."""

    @stage(initial=True, ends=["signed"])
    async def sign(self) -> Stage | End:
        await self.perform(SIGN)
        await self.perform(SIGN)
        return self.end("signed")


@journey("signed", version=1)
class SignedPatched(Journey[ErrandState]):
    """A thought before the second signature, for journeys that have not come so far yet."""

    @stage(initial=True, ends=["signed"])
    async def sign(self) -> Stage | End:
        if workflow.patched("think-first"):
            await self.perform(THINK)
        await self.perform(SIGN)
        await self.perform(SIGN)
        return self.end("signed")


@journey("signed", version=1)
class SignedBroken(Journey[ErrandState]):
    """The same without asking who has come how far: running journeys would go on as others than they were."""

    @stage(initial=True, ends=["signed"])
    async def sign(self) -> Stage | End:
        await self.perform(THINK)
        await self.perform(SIGN)
        await self.perform(SIGN)
        return self.end("signed")
