"""What `journeyman demo` tells people at its end."""

import io
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from rich.console import Console

from activities.demo import DEMO
from journeyman.cli.demo_report import report
from journeyman.cli.new import TEMPLATE
from journeyman.errors import InputError
from journeyman.testing.simulation import Demo, Summary


def shop() -> Demo:
    """The demo of a project that `journeyman new` lays out."""
    spec = spec_from_file_location("shop_demo", TEMPLATE / "activities" / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    demo: Demo = module.DEMO
    return demo


def told(demo: Demo) -> str:
    console = Console(file=io.StringIO(), width=120)
    report(console, Summary(), (), (), Path("/place"), recorded=demo.plays_recorded)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_recorded_customers_are_offered_only_by_a_project_that_plays_them() -> None:
    assert "--conversations" in told(DEMO)
    assert "--conversations" not in told(shop())
    with pytest.raises(InputError, match="leave `--conversations` out"):
        shop().conversations(Path("file"), "bank", None)


def test_where_the_figures_are_explained_is_told_to_every_project() -> None:
    for demo in (DEMO, shop()):
        assert "is in Journeyman's docs/demo.md" in told(demo)
