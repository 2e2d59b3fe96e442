"""A folder as one version."""

from pathlib import Path

import pytest

from journeyman.errors import InputError
from journeyman.knowledge import Base, Citation
from journeyman.project import Project

ROOT = Path(__file__).parents[3]
FILES = {"a.md": "# A\nOne.", "bank/b.md": "---\nkinds: bank\n---\n# B\nTwo."}


def test_the_shipped_knowledge_is_in_order() -> None:
    project = Project.load(ROOT)
    base = project.base()
    assert base is not None
    assert base.check(project.kinds) == []
    assert {article.path.partition("/")[0] for article in base.articles} == {"everyone", *project.kinds}
    assert any(article.audience == "people" for article in base.articles)


def test_a_version_is_the_hash_of_all_files_whatever_their_order_and_line_ends() -> None:
    base = Base(FILES)
    assert len(base.hash) == 64
    assert Base(dict(reversed(FILES.items()))).hash == base.hash
    assert Base(FILES | {"a.md": "# A\r\nOne."}).hash == base.hash
    assert Base(FILES | {"a.md": "# A\nOne!"}).hash != base.hash
    assert Base(FILES | {"c.md": "# C\nThree."}).hash != base.hash


def test_a_folder_is_read_with_those_in_it_and_nothing_but_markdown(tmp_path: Path) -> None:
    for path, text in (FILES | {"notes.txt": "no"}).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    base = Base.load(tmp_path)
    assert [article.path for article in base.articles] == ["a.md", "bank/b.md"]
    assert base.hash == Base(FILES).hash


def test_a_journey_kind_that_is_not_there_is_to_be_mended() -> None:
    assert Base(FILES).check(["bank"]) == []
    assert Base(FILES).check(["claim", "refund"]) == [
        "bank/b.md: there is no journey kind `bank`; there are claim, refund"
    ]


@pytest.mark.parametrize("path", ["with space.md", "a#b.md", "a@b.md", "../a.md", ".hidden.md"])
def test_a_path_that_cannot_be_cited_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="cannot be cited"):
        Base({path: "# A\nb"})


def test_a_folder_that_is_no_base_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no folder .* name one"):
        Base.load(tmp_path / "none")
    with pytest.raises(InputError, match="no article in it"):
        Base.load(tmp_path)
    (tmp_path / "latin.md").write_bytes(b"# \xe4\xf6\n\xfc")
    with pytest.raises(InputError, match="save it as UTF-8"):
        Base.load(tmp_path)
    (tmp_path / "latin.md").write_bytes(b"#" * (256 * 1024 + 1))
    with pytest.raises(InputError, match="larger than 256 KiB"):
        Base.load(tmp_path)


def test_what_a_terminal_or_postgres_would_stumble_over_is_left_out() -> None:
    assert Base({"a.md": "# A\nbell\x07 nul\x00 mark\x02\x1b[0m"}).articles[0].sections[0].text == "bell nul mark[0m"


def test_a_citation_is_read_as_it_is_written() -> None:
    text = "bank/b.md#öffnungszeiten-1@1f0c9a6b2d3e"
    assert str(Citation.parse(f" {text} ")) == text
    assert str(Citation.of("a.md", "a", "1f0c9a6b2d3e" + "0" * 52)) == "a.md#a@1f0c9a6b2d3e"


@pytest.mark.parametrize(
    "text", ["", "a.md", "a.md#a", "a.md#a@short", "a.md#a@1F0C9A6B2D3E", "a.md#a b@1f0c9a6b2d3e", "\ud800#@"]
)
def test_what_is_no_citation_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="write it as"):
        Citation.parse(text)
