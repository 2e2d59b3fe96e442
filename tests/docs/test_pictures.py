"""The pictures of the documentation: each that a page shows is there, small, told in words, and made by `make pictures`."""

import re

from tests.docs.pages import PAGES, ROOT, prose
from tests.pictures.album import LARGEST, LARGEST_ALBUM, NAMES, PICTURES, file_of

_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")


def test_each_picture_is_made_by_the_command_and_shown_somewhere() -> None:
    shown = {(page.parent / file).resolve() for page in PAGES for _, file in _PICTURE.findall(prose(page))}
    made = {file_of(name) for name in NAMES}
    assert shown == made == set(PICTURES.iterdir())
    scenes = (ROOT / "tests" / "pictures" / "scenes.py").read_text()
    for name in NAMES:
        assert f'"{name}"' in scenes, name


def test_each_picture_is_small() -> None:
    sizes = [file_of(name).stat().st_size for name in NAMES]
    assert max(sizes) <= LARGEST
    assert sum(sizes) <= LARGEST_ALBUM


def test_each_picture_is_told_in_words() -> None:
    for page in PAGES:
        for words, file in _PICTURE.findall(prose(page)):
            assert len(words.split()) > 4, f"{page.name}: {file}"
