from journeyman.testing.simulation.histories import History, TaskStory
from journeyman.testing.simulation.lost_tasks import TaskRow, lost_tasks


def history(
    *,
    opened: tuple[str, ...] = ("t1",),
    settled: tuple[str, ...] = ("t1",),
    told: tuple[str, ...] = ("t1",),
    closed: bool = True,
) -> dict[str, History]:
    return {"j": History("j", closed=closed, tasks=TaskStory(list(opened), list(settled), list(told)))}


def row(state: str = "completed", *, id: str = "t1") -> TaskRow:
    return TaskRow(id, "j", state, closed=state in ("completed", "failed", "exited", "obsolete"))


def test_a_task_that_both_sides_tell_alike_is_not_lost() -> None:
    assert lost_tasks([row()], history()) == []


def test_a_task_that_the_table_does_not_have_is_lost() -> None:
    [lost] = lost_tasks([], history())
    assert (lost.task, lost.journey) == ("t1", "j")
    assert "the table does not have it" in lost.how


def test_a_task_that_no_history_opened_is_lost() -> None:
    [lost] = lost_tasks([row(id="t2"), row()], history())
    assert (lost.task, lost.how) == ("t2", "the table has it, and no history opened it")


def test_an_open_task_of_a_journey_that_is_over_is_lost() -> None:
    [lost] = lost_tasks([row("ready")], history(settled=(), told=()))
    assert "its journey waits for it no more" in lost.how


def test_an_open_task_that_its_journey_waits_for_is_not_lost() -> None:
    assert lost_tasks([row("in_progress")], history(settled=(), told=(), closed=False)) == []


def test_a_closing_that_never_reached_its_journey_is_a_lost_task() -> None:
    [lost] = lost_tasks([row()], history(told=()))
    assert lost.how == "a person closed it, and its journey was never told"


def test_a_closing_that_its_journey_heard_of_and_left_is_a_lost_task() -> None:
    [lost] = lost_tasks([row()], history(settled=(), closed=False))
    assert "has not taken it up" in lost.how


def test_a_task_that_was_withdrawn_needs_no_event() -> None:
    assert lost_tasks([row("obsolete")], history(told=())) == []
