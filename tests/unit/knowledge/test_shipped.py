"""What the shipped articles say of hours and limits is what the roster and the policies say."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
KNOWLEDGE = ROOT / "knowledge"
DAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday"}


@pytest.mark.parametrize(
    ("calendar", "heading"),
    [("bank-hours", "Bank customer care"), ("claims-hours", "Claims care"), ("office-hours", "Adjusters")],
)
def test_the_opening_hours_are_the_rosters(calendar: str, heading: str) -> None:
    text = (KNOWLEDGE / "everyone" / "opening-hours.md").read_text()
    told = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    hours = yaml.safe_load((ROOT / "roster.yaml").read_text())["calendars"][calendar]["hours"]
    spans: dict[tuple[str, str], list[str]] = {}
    for day, ((begin, end),) in hours.items():
        spans.setdefault((begin, end), []).append(DAYS[day])
    for (begin, end), days in spans.items():
        named = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        assert f"{named} {begin} to {end}" in told


@pytest.mark.parametrize(
    ("article", "told", "policies", "limit"),
    [
        ("bank-service/report-fraud.md", "1,000.00", "bank-service.cedar", "100000"),
        ("insurance-claim/steps-of-a-claim.md", "5,000.00", "insurance-claim.cedar", "500000"),
        ("insurance-claim/excess.md", "2,000.00", "insurance-claim.cedar", "200000"),
    ],
)
def test_the_limits_are_the_policies(article: str, told: str, policies: str, limit: str) -> None:
    assert told in (KNOWLEDGE / article).read_text()
    assert f"<= {limit}" in (ROOT / "policies" / policies).read_text()


def test_the_rules_of_a_settlement_are_the_assessors() -> None:
    rules = (ROOT / "activities" / "insurance_claim" / "agents.py").read_text()
    told = (KNOWLEDGE / "insurance-claim" / "settlement.md").read_text()
    for words in ("less the excess of 300.00", "rust and mechanical breakdown", "unknown or drove away"):
        assert words in rules
        assert words in told
