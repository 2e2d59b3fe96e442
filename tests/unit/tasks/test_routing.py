from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from journeyman.tasks.models import Person, Task
from journeyman.tasks.routing import as_if_opened, as_if_since, in_words, rank, suits

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ANA = Person(id="ana", name="Ana", teams=frozenset({"claims"}), skills=frozenset({"german", "motor"}))


def task(id: str = "task-1", **fields: Any) -> Task:
    plain: dict[str, Any] = dict.fromkeys(
        [
            *("assignee", "respond_by", "due_date", "follow_up_date", "suspended_at", "escalate_at", "offered_to"),
            *("offer_expires_at", "tool_call", "draft_kind", "notice", "action", "disposition", "started_at"),
            "closed_at",
        ]
    )
    plain |= {
        "id": id,
        "journey_id": "jrn-1",
        "journey_kind": "claim",
        "journey_version": 1,
        "customer_id": "cus-1",
        "customer_tier": "standard",
        "simulated": False,
        "effect": f"run:{id}",
        "step": "assess",
        "kind": "work",
        "title": "Assess",
        "instructions": "",
        "reason": "people_only",
        "state": "ready",
        "queue": "claims",
        "candidate_groups": ["claims"],
        "skills": [],
        "excluded": [],
        "priority": 50,
        "escalations": 0,
        "refused_by": [],
        "dispositions": {},
        "revision": 1,
        "created_at": NOW - timedelta(minutes=5),
    }
    return Task.model_validate(plain | fields)


def first(*tasks: Task) -> str:
    return rank(tasks, ANA, NOW)[0].task.id


def test_the_more_important_comes_first() -> None:
    assert first(task("a", priority=50), task("b", priority=70)) == "b"


def test_what_is_late_comes_before_what_is_merely_important() -> None:
    assert first(task("a", priority=90), task("b", respond_by=NOW - timedelta(minutes=1))) == "b"


def test_what_is_nearer_to_its_breach_comes_first() -> None:
    soon = task("b", respond_by=NOW + timedelta(minutes=1))
    assert first(task("a", respond_by=NOW + timedelta(hours=1)), soon) == "b"


def test_among_equals_the_older_comes_first_and_then_the_smaller_id() -> None:
    older = task("z", created_at=NOW - timedelta(minutes=6))
    assert first(task("b"), task("a"), older) == "z"
    assert first(task("b"), task("a")) == "a"


def test_a_vip_comes_before_an_equal() -> None:
    assert first(task("a"), task("b", customer_tier="vip")) == "b"


def test_a_customer_who_may_leave_comes_before_an_equal() -> None:
    leaving = task("b", churn=["cancellation"])
    assert first(task("a"), leaving) == "b"
    assert first(task("a", churn=["complaint"]), leaving) == "b"
    assert first(task("a", churn=["cancellation", "falling"]), leaving) == "a"
    assert first(task("a", churn=["a sign of another version"]), task("b", created_at=NOW - timedelta(hours=1))) == "b"


def test_a_specialist_takes_what_needs_the_skill() -> None:
    assert first(task("a"), task("b", skills=["german"])) == "b"


def test_what_is_offered_comes_before_all_else() -> None:
    assert first(task("a", priority=100, respond_by=NOW), task("b", offered_to="ana", priority=0)) == "b"


def test_what_does_not_suit_is_left_out() -> None:
    assert not suits(task(skills=["french"]), ANA)
    assert not suits(task(candidate_groups=["billing"]), ANA)
    assert not suits(task(excluded=["ana"]), ANA)
    assert rank([task(excluded=["ana"])], ANA, NOW) == []


def test_the_why_is_told_in_words_strongest_first() -> None:
    [ranked] = rank(
        [
            task(
                priority=40,
                customer_tier="vip",
                skills=["german"],
                escalations=1,
                created_at=NOW - timedelta(minutes=95),
                respond_by=NOW - timedelta(minutes=3),
            )
        ],
        ANA,
        NOW,
    )
    assert ranked.why == (
        "should have been started 3 min ago",
        "priority 40",
        "vip customer",
        "escalated once",
        "waits for 1 h 35 min",
        "needs german, which you have",
    )


def test_why_a_customer_may_leave_is_told_in_words() -> None:
    [ranked] = rank([task(churn=["falling", "cancellation"])], ANA, NOW)
    assert ranked.why == ("usual priority", "the customer may leave: speaks of cancelling and grows unhappier")


waits = st.timedeltas(timedelta(0), timedelta(days=30))


@given(st.integers(0, 100), st.integers(0, 100), waits)
def test_whatever_waits_long_enough_comes_first(low: int, high: int, waited: timedelta) -> None:
    patient = task("patient", priority=low, created_at=NOW - waited - timedelta(days=2))
    assert first(task("new", priority=high, customer_tier="vip", created_at=NOW - waited), patient) == "patient"


@given(st.lists(st.tuples(st.integers(0, 100), waits, st.booleans()), max_size=12), st.randoms())
def test_the_order_does_not_depend_on_the_order_given(rows: list[tuple[int, timedelta, bool]], chance: Any) -> None:
    tasks = [
        task(f"t{at}", priority=priority, created_at=NOW - waited, customer_tier="vip" if vip else "standard")
        for at, (priority, waited, vip) in enumerate(rows)
    ]
    shuffled = list(tasks)
    chance.shuffle(shuffled)
    assert rank(tasks, ANA, NOW) == rank(shuffled, ANA, NOW)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "priority": st.integers(0, 100),
                "created_at": waits.map(lambda waited: NOW - timedelta(minutes=10 * (waited // timedelta(minutes=10)))),
                "escalations": st.integers(0, 5),
                "customer_tier": st.sampled_from(["standard", "premium", "vip"]),
                "churn": st.sets(st.sampled_from(["cancellation", "complaint", "falling"])),
                "skills": st.sets(st.sampled_from(["german", "motor"])),
            }
        ),
        max_size=12,
    )
)
def test_where_nothing_is_due_the_row_alone_tells_the_order(rows: list[dict[str, Any]]) -> None:
    """What is chosen by `as_if_since` is what ranks first."""
    tasks = [task(f"t{at}", **row) for at, row in enumerate(rows)]
    by_row = sorted(tasks, key=lambda each: (as_if_since(each), each.created_at, each.id))
    assert [ranked.task for ranked in rank(tasks, ANA, NOW)] == by_row


def test_a_task_that_is_opened_has_the_place_that_it_is_ranked_by() -> None:
    opened = task(customer_tier="vip", churn=["cancellation"], skills=["german"], priority=70, created_at=NOW)
    assert as_if_opened(NOW, 70, "vip", ["cancellation"], ["german"]) == as_if_since(opened)


def test_durations_read_as_words() -> None:
    assert in_words(timedelta(seconds=59)) == "under a minute"
    assert in_words(timedelta(minutes=25)) == "25 min"
    assert in_words(timedelta(days=2, hours=4, minutes=9)) == "2 d 4 h"
