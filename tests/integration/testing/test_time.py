"""Hours and days pass: timers of journeys in Temporal, clocks of tasks in Postgres, each at its own moment."""

from datetime import timedelta

from journeyman.customers.keys import Keyring
from journeyman.project import Project
from journeyman.store import Database
from journeyman.tasks import closing
from journeyman.tasks.models import Task
from journeyman.testing import Rehearsal, SkippedTime, result, say
from journeyman.views import inbox
from tests.integration.journey.conftest import STAFF
from tests.integration.journey.parcel import Compensation, Search
from tests.integration.testing.conftest import Skip, staffed

LOST = Search(found=False, place="")
PAID = Compensation(outcome="pay", amount_minor=2000)


async def tasks(rehearsal: Rehearsal, person: str = "anna") -> list[Task]:
    ranked = await inbox.waiting(rehearsal.desk, person, now=rehearsal.engine.clock())
    return [each.task for each in ranked]


async def test_a_silent_customer_is_called_back_after_the_steps_silence(skip: Skip) -> None:
    async with skip() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        asked = rehearsal.engine.clock()
        await rehearsal.passes(minutes=59)
        assert await tasks(rehearsal) == []
        await rehearsal.passes(hours=3)
        (callback,) = await tasks(rehearsal)
        assert (callback.kind, callback.reason) == ("callback", "customer_silent")
        assert timedelta(minutes=59) < callback.created_at - asked < timedelta(minutes=61)
        anna = rehearsal.person("anna")
        await anna.disposes(await anna.takes("look-for-parcel", kind="callback"), "unreachable")
        assert await journey.outcome() == "unreachable"


async def test_a_customer_who_writes_in_time_is_not_called_back(skip: Skip) -> None:
    async with skip() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"), say("And which depot?"))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        await rehearsal.passes(minutes=50)
        await customer.says("It is 4711")
        await journey.told("which depot")
        await rehearsal.passes(minutes=50)
        assert await tasks(rehearsal) == []


async def test_a_service_level_stands_still_over_the_weekend_and_then_escalates(skip: Skip) -> None:
    async with skip(staffed(respond="2h", complete="1d", fallback="queue", fallback_queue="supervisors")) as rehearsal:
        await rehearsal.passes(until="fri 16:00", zone="Europe/Berlin")
        rehearsal.ai["tracker"].then(result(LOST))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        await rehearsal.passes(minutes=1)
        (task,) = await tasks(rehearsal)
        await rehearsal.passes(until="mon 09:55", zone="Europe/Berlin")
        (still,) = await tasks(rehearsal)
        assert (still.queue, still.escalations, still.priority) == ("parcels", 0, task.priority)
        await rehearsal.passes(minutes=10)
        (late,) = await tasks(rehearsal, "sue")
        assert (late.id, late.queue, late.escalations) == (task.id, "supervisors", 1)
        assert late.priority > task.priority
        assert "task.breached" in await journey.entries(), await journey.story()


async def test_outside_opening_hours_the_customer_is_told_when_and_where_to_turn(skip: Skip) -> None:
    async with skip(staffed()) as rehearsal:
        await rehearsal.passes(until="sat 11:00", zone="Europe/Berlin")
        rehearsal.ai["tracker"].then(say("Which number has it?"))
        customer = rehearsal.customer(time_zone="Europe/Berlin")
        journey = await customer.says("My parcel is lost, I want to speak to a person", kind="parcel")
        closed = await journey.told("Our colleagues are back at")
        assert "09:00 (CE" in closed.text
        await journey.told("Call 112")
        await rehearsal.passes(until="mon 09:01", zone="Europe/Berlin")
        (task,) = await tasks(rehearsal)
        assert task.reason == "asked_for_person"


async def test_outside_opening_hours_a_callback_comes_at_its_slot(skip: Skip) -> None:
    async with skip(staffed(fallback="callback")) as rehearsal:
        await rehearsal.passes(until="sat 11:00", zone="Europe/Berlin")
        customer = rehearsal.customer("+49 30 901820", channel="sms", time_zone="Europe/Berlin")
        journey = await customer.says("I want to speak to a person", kind="parcel")
        told = await journey.told("A colleague calls you back at")
        assert "09:00 (CE" in told.text
        assert told.text.endswith("on your number that ends in 820.")
        assert await tasks(rehearsal) == []
        await rehearsal.passes(until="mon 09:01", zone="Europe/Berlin")
        (task,) = await tasks(rehearsal)
        assert task.state == "ready"


async def test_a_customer_to_whom_nobody_comes_in_time_is_told_when_they_are_called_back(skip: Skip) -> None:
    async with skip(staffed(fallback="callback", respond="10m")) as rehearsal:
        await rehearsal.passes(until="mon 10:00", zone="Europe/Berlin")
        customer = rehearsal.customer(time_zone="Europe/Berlin")
        journey = await customer.says("I want to speak to a person", kind="parcel")
        await journey.told("A colleague takes over")
        assert [task.state for task in await tasks(rehearsal)] == ["ready"]
        await rehearsal.passes(minutes=10)
        told = await journey.told("A colleague gets back to you here at")
        assert "10:45 (CE" in told.text
        assert await tasks(rehearsal) == []
        await rehearsal.passes(until="mon 10:46", zone="Europe/Berlin")
        assert [task.state for task in await tasks(rehearsal)] == ["ready"]
        await rehearsal.person("anna").disposes(await rehearsal.person("anna").takes("look-for-parcel"), "unreachable")
        assert await journey.outcome()


async def test_the_deadline_timer_reads_the_task_again(project: Project, database: Database, keyring: Keyring) -> None:
    async with SkippedTime.open() as time, Rehearsal.of(project, database, keyring, time, staff=STAFF) as rehearsal:
        rehearsal.ai["tracker"].then(result(LOST))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        task = await rehearsal.person("anna").takes("compensate")
        now = rehearsal.engine.clock()
        await closing.complete(rehearsal.desk, task.id, "anna", PAID.model_dump(mode="json"), now=now, auth="rehearsal")
        # No dispatcher sends the event: the journey finds out by its own timer, when the work was due.
        await time.move(timedelta(minutes=59))
        assert (await journey.row()).status == "open"
        await time.move(timedelta(minutes=2))
        assert await journey.outcome() == "compensated"
