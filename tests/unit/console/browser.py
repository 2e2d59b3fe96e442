"""What a browser makes of a form's HTML: the names and texts that it would post, and what a person could get hold of."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import journeyman.console
from journeyman.console.form import Change, Filled

TEMPLATES = Path(journeyman.console.__file__).parent / "templates"
ENVIRONMENT = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
VOID = {"input"}


def rendered(page: Filled, url: str = "") -> str:
    """The summary and the fields of a form."""
    macros = ENVIRONMENT.get_template("form.html").module
    return f"{macros.summary(page)}{macros.fields(page, url)}"  # type: ignore[attr-defined]


def rendered_changes(found: list[Change]) -> str:
    """The list of what was changed."""
    return str(ENVIRONMENT.get_template("form.html").module.changes(found))  # type: ignore[attr-defined]


@dataclass
class Element:
    """One element: its attributes, the text in it, and the elements that it stands in."""

    tag: str
    attributes: dict[str, str]
    inside: tuple["Element", ...] = ()
    text: str = ""


@dataclass
class Browser(HTMLParser):
    """A page that was read."""

    html: str
    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {tag} {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        """The elements of these tags."""
        return [each for each in self.elements if each.tag in tags]

    def ids(self) -> list[str]:
        """All ids, in the order of the page."""
        return [each.attributes["id"] for each in self.elements if "id" in each.attributes]

    def labels(self) -> dict[str, str]:
        """{id: text} of what has a label."""
        return {each.attributes["for"]: " ".join(each.text.split()) for each in self.all("label")}

    def items(self, *pressed: tuple[str, str]) -> list[tuple[str, str]]:
        """What is posted, unless a person types: as HTML's form submission says, lines ending in CRLF."""
        found: list[tuple[str, str]] = []
        for each in self.all("input", "textarea", "select"):
            name, kind = each.attributes.get("name", ""), each.attributes.get("type")
            if not name or (kind in ("checkbox", "radio") and "checked" not in each.attributes):
                continue
            if each.tag == "textarea":
                text = each.text.removeprefix("\n").replace("\n", "\r\n")
            elif each.tag == "select":
                options = [option for option in self.all("option") if each in option.inside]
                chosen = [option for option in options if "selected" in option.attributes] or options[:1]
                text = chosen[0].attributes["value"]
            else:
                text = each.attributes.get("value", "").replace("\n", "")
            found.append((name, text))
        return [*found, *pressed]


def typed(items: list[tuple[str, str]], **texts: str) -> list[tuple[str, str]]:
    """The same, with these texts typed; `__` stands for the point in a name."""
    new = {name.replace("__", "."): text for name, text in texts.items()}
    kept = [(name, text) for name, text in items if name not in new]
    return [*kept, *new.items()]
