import base64
from pathlib import Path

import pytest

from journeyman.testing.simulation.histories import History
from journeyman.testing.simulation.secret_scan import Text, of_histories, of_logs, scan, scan_sealed, texts_in

SECRETS = {"j1": ("7391",), "j2": ("2882", "4111111111111111")}


def found(text: str, journey: str | None = "j1") -> int:
    return len(scan([Text("here", journey, text)], SECRETS))


@pytest.mark.parametrize(
    "text",
    ["7391", "my PIN is 7391.", "it's 7-3-9-1", '{"pin": "7391"}', base64.b64encode(b"the PIN is 7391").decode()],
)
def test_a_pin_is_found_where_it_stands_by_itself(text: str) -> None:
    assert found(text) == 1


@pytest.mark.parametrize(
    "text",
    [
        "account 55573911",
        "call-01m80rdrt7391w",
        "2026-11-22T07:39:17.391Z",
        "3b241101-7391-4255-8caf-4136c566a962:12",
        "$7,391.00 and 17391 and 73.91",
    ],
)
def test_other_numbers_and_ids_that_hold_the_same_digits_are_no_hit(text: str) -> None:
    assert found(text) == 0


def test_a_pin_counts_in_its_own_customers_journey_only() -> None:
    assert found("my PIN is 7391", "j2") == 0


def test_a_card_number_counts_everywhere() -> None:
    assert [found("4111 1111 1111 1111", journey) for journey in ("j1", "j2", "j3", None)] == [1, 1, 1, 1]


def test_every_pin_counts_in_what_is_nobodys() -> None:
    assert (found("the PIN is 7391", None), found("the PIN is 2882", None)) == (1, 1)


def test_times_process_ids_and_ports_of_a_log_are_no_hit(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_text(
        "2026-11-22 07:39:01.288 UTC [7391] LOG:  listening on 127.0.0.1:7391\n"
        '{"level":"info","port":2882,"msg":"took 7391 ms, pid 2882"}\n'
    )
    assert scan(of_logs([log]), SECRETS) == []


def test_a_pin_in_a_log_is_found(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("2026-11-22 07:00:00,000 INFO worker: the customer said 7391\n")
    [leak] = scan(of_logs([log]), SECRETS)
    assert leak.where == "log worker.log"


def test_numbers_are_no_texts_and_names_of_fields_are() -> None:
    assert list(texts_in({"amount": 7391, "said": ["7391", None, True]})) == ["amount", "said", "7391"]


def test_histories_are_searched_sealed_and_decoded() -> None:
    history = History("j1", values=[{"text": "7391"}], strings=["wf"], sealed=[b"\x017391\xff"])
    assert [leak.where for leak in scan(of_histories([history]), SECRETS)] == ["Temporal's histories, decoded"]
    assert [leak.where for leak in scan_sealed([history], SECRETS)] == ["Temporal's sealed payloads"]


def test_a_leak_is_told_without_the_secret() -> None:
    [leak] = scan([Text("messages: body", "j1", "7391")], SECRETS)
    assert "7391" not in str(leak)
