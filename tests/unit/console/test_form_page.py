"""What stands in the page is text, whoever wrote it."""

import zipfile
from pathlib import Path
from typing import Literal

import pytest
from hatchling.builders.wheel import WheelBuilder
from pydantic import BaseModel

from journeyman.console.form import blame, checked, filled, form_of, posted
from journeyman.errors import InputError
from tests.unit.console.browser import Browser, rendered

ROOT = Path(__file__).parents[3]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus x='",
    "</textarea><script>alert(1)</script>",
    "</select></fieldset></form>",
    "{{ 7*7 }}{% raw %}{# x #}${7*7}",
    "javascript:alert(1)",
    "&lt;b&gt;&amp;&#x3c;",
    "\u202egnp.exe\u2066",
    "<!-- -->]]>",
    "a\nb</textarea>",
]


class Written(BaseModel):
    text: str
    lines: list[str] = []
    number: int = 1
    chosen: Literal["a", "b"] = "a"
    free: dict[str, str] = {}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stand_there_as_texts(text: str) -> None:
    form = form_of(Written)
    value = {"text": text, "lines": [text], "number": text, "chosen": text, "free": {text: text}}
    harmless = Browser(rendered(filled(form, {**value, "text": "x", "lines": ["x"], "free": {"x": "x"}})))
    page = filled(form, value)
    browser = Browser(rendered(page, "/tasks/t-1"))
    assert not browser.all("script", "img", "style", "form")
    assert len(browser.all("input", "textarea")) == len(harmless.all("input", "textarea"))
    assert not [name for each in browser.elements for name in each.attributes if name.startswith("on")]
    again = posted(form, browser.items())
    assert (again.parts[0].text, again.parts[1].parts[0].text) == (text, text)
    with pytest.raises(InputError):
        checked(form, again)
    blame(again, "text", text)
    told = Browser(rendered(again))
    assert not told.all("script", "img", "style", "form")
    assert text in "".join(each.text for each in told.all("a"))


def test_control_characters_do_not_reach_the_page() -> None:
    form = form_of(Written)
    html = rendered(filled(form, {"text": "a\x00\x1b[2Jb\x85", "lines": ["\ud800x"]}))
    assert 'value="a[2Jb"' in html
    assert html.encode()


def test_buttons_work_with_htmx_and_without_it() -> None:
    page = filled(form_of(Written), {"lines": ["x"]})
    with_htmx = [
        each.attributes for each in Browser(rendered(page, "/rows")).all("button") if "name" in each.attributes
    ]
    assert all(each["hx-post"] == "/rows" and each["type"] == "submit" for each in with_htmx)
    without = [each.attributes for each in Browser(rendered(page)).all("button")]
    assert not any(name.startswith("hx-") for each in without for name in each)
    assert "name" not in without[0], "the Enter key presses the first button: it must not be one that removes a row"


def test_the_templates_are_in_the_wheel(tmp_path: Path) -> None:
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    assert "journeyman/console/templates/form.html" in zipfile.ZipFile(wheel).namelist()
