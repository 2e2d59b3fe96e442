"""A journey's trace reads as a story, in the ledger's order, and says what was erased."""

from datetime import timedelta

from journeyman.ledger.entry import Actor, moment_text
from journeyman.ledger.log import recording
from journeyman.ledger.trace import read_trace, render
from tests.integration.ledger.conftest import TIME, Log, entry

PERSON = Actor(kind="person", id="person-7", auth="token")


async def tell(log: Log) -> None:
    async with recording(log.app, log.keyring) as tx:
        tx.record(
            entry(
                0,
                type="decision.complete",
                refs={"step": "fill-claim-form", "effect": "run:3"},
                facts={
                    "verdict": "deny",
                    "reason": "high_value",
                    "bundle": "ab" * 32,
                    "model": "stand-in",
                    "tokens": 812,
                },
                policies=["review-high-value"],
                values={"facts": {"amount": 120000, "calibrated": False}, "draft": {"claim": "a broken window"}},
            )
        )
        tx.record(
            entry(
                2, type="task.claimed", actor=PERSON, refs={"task": "task-1", "queue": "adjusters"}, facts={}, values={}
            )
        )
    await log.record(2)
    await log.integrate()
    async with recording(log.app, log.keyring) as tx:
        tx.record(entry(4, values={"text": "we have your claim"}, at=TIME + timedelta(minutes=1)))


async def test_a_trace_says_when_who_what_why_with_what_and_to_whom(log: Log) -> None:
    await tell(log)
    lines = await read_trace(log.app, log.keyring, "journey-0")
    assert [(line.entry, line.index) for line in lines] == [(1, 0), (2, 1), (3, 2), (5, None)]
    decision, claim, *_, last = lines
    assert decision.at == moment_text(TIME)
    assert decision.who == "ai:form-filler"
    assert decision.what == "decision: complete at step fill-claim-form"
    assert decision.why == (
        "denied by review-high-value of bundle abababababab; reason high_value; on facts: amount 120000, calibrated no"
    )
    assert decision.with_what == "model stand-in, tokens 812"
    assert decision.said == {"draft": "claim a broken window"}
    assert (claim.who, claim.to_whom) == ("person:person-7 (signed in by token)", "queue adjusters")
    assert last.said == {"text": "we have your claim"}


async def test_a_trace_renders_as_plain_text(log: Log) -> None:
    await tell(log)
    text = render(await read_trace(log.app, log.keyring, "journey-0"))
    assert text.startswith(
        f"{moment_text(TIME)}  ai:form-filler  decision: complete at step fill-claim-form  [entry 1, leaf 0]\n"
        "    why      denied by review-high-value of bundle abababababab; reason high_value; on facts: amount 120000,\n"
        "             calibrated no\n"
        "    with     model stand-in, tokens 812\n"
        "    draft    claim a broken window\n"
        "    refs     effect run:3\n"
        "\n"
    )
    assert "[entry 5, not yet integrated]\n" in text


async def test_erased_values_read_as_erased(log: Log) -> None:
    await tell(log)
    async with recording(log.app, log.keyring) as tx:
        await log.keyring.destroy(tx.conn, "customer-0", TIME)
        tx.record(entry(5, type="customer.erased", journey=None, subject="customer-0", values={}))
    await log.integrate()
    lines = await read_trace(log.app, log.keyring, "journey-0")
    assert lines[0].said == {"draft": "(erased)"}
    assert lines[0].why.endswith("on facts: (erased)")
    assert "broken window" not in render(lines)
    assert (await log.verify(await log.notes())).ok


async def test_an_altered_entry_is_shown_as_such(log: Log) -> None:
    await tell(log)
    await log.tamper(
        "update entry set body = '{}' where id = 2", "update entry_value set sealed = 'x' where entry_id = 1"
    )
    lines = await read_trace(log.app, log.keyring, "journey-0")
    assert "cannot be read" in lines[1].what
    assert lines[0].said == {"draft": "(unreadable)"}
    assert render(lines)


async def test_a_journey_without_entries_has_an_empty_trace(log: Log) -> None:
    assert await read_trace(log.app, log.keyring, "journey-9") == []
    assert render([]) == ""


async def test_what_could_not_be_decided_is_not_told_as_what_nobody_permits(log: Log) -> None:
    denied = {"verdict": "deny", "bundle": "ab" * 32}
    async with recording(log.app, log.keyring) as tx:
        tx.record(entry(0, type="decision.say", facts=denied | {"reason": "not_permitted"}, values={}))
        tx.record(entry(1, type="decision.say", facts=denied | {"reason": "policy_error", "errors": "x"}, values={}))
    first, second = [line for n in (0, 1) for line in await read_trace(log.app, log.keyring, f"journey-{n}")]
    assert first.why.startswith("denied as no policy permits it")
    assert second.why.startswith("denied as it could not be decided")
