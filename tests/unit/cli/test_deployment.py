"""docker-compose.yml and deploy/: every name in them is one that exists."""

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from activities.bank_service.settings import BankSettings
from activities.insurance_claim.settings import PaymentsSettings
from journeyman.cli.app import app
from journeyman.cli.reference import commands
from journeyman.journey import names
from journeyman.settings import Settings
from journeyman.temporal.worker import ROLES

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "journeyman-app"}
COMMANDS = dict(commands("journeyman", get_command(app)))


def variables() -> set[str]:
    """What the environment may set."""
    found = set()
    for settings in (Settings, BankSettings, PaymentsSettings):
        for name, field in settings.model_fields.items():
            alias = field.validation_alias
            found.add(alias if isinstance(alias, str) else f"JOURNEYMAN_{name.upper()}")
    return found


@pytest.mark.parametrize("service", OURS)
def test_every_variable_of_our_processes_is_a_setting(service: str) -> None:
    assert OURS[service]["environment"].keys() <= variables()


@pytest.mark.parametrize("service", OURS)
def test_every_command_of_our_processes_exists(service: str) -> None:
    command = OURS[service]["command"]
    if command[:2] == ["python", "-m"]:
        assert importlib.util.find_spec(command[2]) is not None
    elif OURS[service].get("entrypoint") == ["journeyman"]:
        assert command == ["--help"]
    else:
        assert " ".join(command) in COMMANDS


def test_each_kind_of_worker_is_scaled_by_itself() -> None:
    workers = {name: service for name, service in OURS.items() if name.startswith("worker-")}
    assert {name.removeprefix("worker-") for name in workers} == set(ROLES)
    for name, service in workers.items():
        assert service["command"] == ["python", "-m", f"workers.{name.removeprefix('worker-')}"]
        assert service["deploy"]["replicas"] >= 2


def test_every_process_has_the_keys_that_it_needs_and_no_other() -> None:
    holders = {
        variable: {name for name, service in OURS.items() if variable in service["environment"]}
        for variable in variables()
    }
    assert holders["JOURNEYMAN_LEDGER_KEY"] == holders["JOURNEYMAN_INTEGRATOR_URL"] == {"worker-engine"}
    assert holders["JOURNEYMAN_OWNER_URL"] == {"migrate"}
    assert holders["OPENAI_API_KEY"] == {"worker-agents", "console"}
    assert "migrate" not in holders["JOURNEYMAN_MASTER_KEY"]


def test_whoever_lets_a_sentence_through_knows_the_links_that_customers_may_be_given() -> None:
    links = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["journeyman"]["links"]
    needed = set(re.findall(r"\$\{(\w+)\}", " ".join(links)))
    assert needed
    for name in OURS.keys() - {"migrate"}:
        assert needed <= OURS[name]["environment"].keys(), name


def test_no_secret_is_written_down() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("MASTER_KEY", "LEDGER_KEY", "API_KEY", "PASSWORD", "PWD"):
        for value in re.findall(rf"{name}: (.+)", text):
            assert value.startswith("${"), value


def test_every_mounted_file_is_there_and_every_dependency_a_service() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith("./") or (ROOT / source).is_file()
        assert set(service.get("depends_on", ())) <= SERVICES.keys()
        assert set(service["networks"]) <= COMPOSE["networks"].keys()


def test_everything_that_the_image_copies_is_there() -> None:
    for line in COMPOSE["x-app"]["build"]["dockerfile_inline"].splitlines():
        if line.startswith("COPY "):
            assert all((ROOT / name).exists() for name in line.split()[1:-1]), line


def test_the_namespace_gets_the_search_attributes_that_journeys_use() -> None:
    script = (ROOT / "deploy" / "temporal-setup.sh").read_text()
    (listed,) = re.findall(r"for name in (.+); do", script)
    assert set(listed.split()) == set(names.SEARCH_ATTRIBUTES)
    namespace = SERVICES["temporal-setup"]["environment"]["TEMPORAL_NAMESPACE"]
    assert COMPOSE["x-settings"]["JOURNEYMAN_TEMPORAL_NAMESPACE"] == namespace


def test_the_roles_that_services_connect_as_are_made() -> None:
    script = (ROOT / "deploy" / "postgres-roles.sh").read_text()
    assert set(re.findall(r"create role (\w+) login", script)) == {"journeyman_app", "journeyman_integrator"}
    given = SERVICES["postgres"]["environment"]
    assert set(re.findall(r"\$(JOURNEYMAN_\w+)", script)) <= given.keys()


def test_the_collector_listens_where_the_workers_send() -> None:
    collector = yaml.safe_load((ROOT / "deploy" / "otel-collector.yaml").read_text())
    port = collector["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"].rpartition(":")[2]
    assert COMPOSE["x-settings"]["JOURNEYMAN_OTLP_ENDPOINT"] == f"http://otel-collector:{port}"
    pipeline = collector["service"]["pipelines"]["traces"]
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) <= collector[kind].keys()
