"""Each zero of the demo turns into something else when its guard is taken away."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from temporalio.client import Interceptor, OutboundInterceptor, SignalWorkflowInput

from journeyman.agents.standin import StandinReply, StandinRequest, result
from journeyman.agents.tool import ToolCall
from journeyman.conversation import inbound
from journeyman.conversation.masking import Masked
from journeyman.governance.bundle import Bundle
from journeyman.identifiers import new_id
from journeyman.testing.simulation.summary import Summary
from tests.acceptance.demo.staging import ROOT, Stage


async def test_with_all_guards_every_zero_is_one(stage: Stage) -> None:
    summary = await stage.play("balance-by-pin", "small-fraud", "person-please")
    assert summary.zeros == dict.fromkeys(summary.zeros, 0), summary.details
    assert summary.ok, (summary.unfinished, summary.ledger.faults)
    assert (summary.journeys_completed, summary.outcomes.resolved_by_ai, summary.outcomes.resolved_by_person) == (
        3,
        2,
        1,
    )
    assert summary.ledger.size == summary.ledger.entries > 50


async def test_without_the_forbid_an_account_is_called_before_authentication(stage: Stage, tmp_path: Path) -> None:
    """The authenticator pretends; only policy stands between it and the account."""
    summary = await _pretended(stage, tmp_path, "bank-verified-first", "bank-verified-by-check")
    assert summary.unauthenticated_account_calls > 0
    assert summary.refused_account_calls == 0
    assert not summary.ok


async def test_with_the_forbid_the_same_traitor_calls_no_account(stage: Stage, tmp_path: Path) -> None:
    summary = await _pretended(stage, tmp_path, "bank-verified-by-check")
    assert summary.unauthenticated_account_calls == 0
    assert summary.refused_account_calls > 0


async def test_without_masking_secrets_are_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "mask", lambda text, *, asked: Masked(text))
    summary = await stage.play("balance-by-pin")
    assert summary.secrets_found > 0
    assert not summary.ok
    assert any(line.startswith("messages: body") for line in summary.details)
    assert not any("7391" in line for line in summary.details)


async def test_without_its_idempotency_key_an_effect_happens_twice(stage: Stage) -> None:
    """The bank does what it was asked and then does not answer: the activity tries again, with a key that nobody knows."""
    desk = stage.project.agents["fraud-desk"]
    [filing] = [tool for tool in desk.tools if tool.name == "file_fraud_report"]

    async def keyless(args: Any, call: ToolCall) -> Any:
        return await filing.function(args, replace(call, idempotency_key=new_id("key")))

    forgetful = desk.model_copy(update={"tools": (filing.model_copy(update={"function": keyless}),)})
    summary = await stage.play(
        "small-fraud",
        project=replace(stage.project, agents=stage.project.agents | {"fraud-desk": forgetful}),
        before=lambda: _answers_late(stage),
    )
    assert summary.duplicate_effects == 1
    assert not summary.ok


async def test_with_its_idempotency_key_the_same_effect_happens_once(stage: Stage) -> None:
    summary = await stage.play("small-fraud", before=lambda: _answers_late(stage))
    assert summary.duplicate_effects == 0
    assert summary.ok, (summary.unfinished, summary.details)


async def test_a_dispatcher_that_loses_closings_loses_tasks(stage: Stage) -> None:
    summary = await stage.play("person-please", interceptors=[_LosesClosings()], deadline=8.0)
    assert summary.lost_tasks == 1
    assert not summary.ok
    assert any("stage listen" in line for line in summary.unfinished)


async def _pretended(stage: Stage, tmp_path: Path, *without: str) -> Summary:
    """An authenticator who pretends, while these policies are not in force."""
    folder = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", folder)
    for forbid in without:
        _without(folder / "bank-service.cedar", forbid)
    assert Bundle.load(folder).hash != stage.project.bundle().hash
    return await stage.play(
        "balance-by-pin",
        project=replace(stage.project, policies=folder),
        scripts={"stand-in/activities.bank_service.standin:authenticator": _traitor},
    )


def _traitor(request: StandinRequest) -> StandinReply:
    return result({"outcome": "verified", "missing": []})


def _without(file: Path, forbid: str) -> None:
    """Take one policy out of a file."""
    text = file.read_text(encoding="utf-8")
    rest = re.sub(rf'@id\("{forbid}"\).*?;\n', "", text, flags=re.DOTALL)
    assert rest != text
    file.write_text(rest, encoding="utf-8")


async def _answers_late(stage: Stage) -> None:
    async with httpx2.AsyncClient(trust_env=False) as control:
        fault = {"path": "/fraud-reports", "kind": "after", "times": 1}
        (await control.post(f"{stage.environment['BANK_URL']}/control/faults", json=fault)).raise_for_status()


class _LosesClosings(Interceptor):
    """Sends everything to Temporal but that a person has closed a task."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        class Losing(OutboundInterceptor):
            async def signal_workflow(self, input: SignalWorkflowInput) -> None:
                if input.args[0].kind != "task_closed":
                    await super().signal_workflow(input)

        return Losing(next)
