"""Markdown as sections that can be cited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.knowledge import LONGEST, Article

CARD = """\
---
language: de
kinds: bank-service, insurance-claim
audience: people
---
# Lost card

Block it first.

## In the app

Tap **Block**.

### On a watch

Hold it.

## By telephone ##

```sh
# not a heading
call
```

## In the app

Again.
"""


def test_an_article_is_split_at_its_headings() -> None:
    article = Article.parse("bank/card.md", CARD)
    assert article.problems == ()
    assert (article.title, article.language, article.audience) == ("Lost card", "de", "people")
    assert article.kinds == ("bank-service", "insurance-claim")
    assert [(section.anchor, section.headings) for section in article.sections] == [
        ("lost-card", ("Lost card",)),
        ("in-the-app", ("Lost card", "In the app")),
        ("on-a-watch", ("Lost card", "In the app", "On a watch")),
        ("by-telephone", ("Lost card", "By telephone")),
        ("in-the-app-1", ("Lost card", "In the app")),
    ]
    assert article.sections[0].text == "Block it first."
    assert "# not a heading" in article.sections[3].text


def test_an_article_of_a_title_and_words_is_for_all_and_english() -> None:
    article = Article.parse("hours.md", "# Hours\nAlways.")
    assert (article.language, article.kinds, article.audience, article.problems) == ("en", (), "all", ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Words without a title.", "a.md: it has no title; begin it with a line `# Its title`"),
        ("# Title\n\n## Empty too\n", "a.md: it says nothing; write under its title, or delete it"),
        (
            "---\nlanguage: klingon\n---\n# A\nb",
            "a.md: language `klingon` is none; write two or three letters, such as `en`",
        ),
        ("---\naudience: ai\n---\n# A\nb", "a.md: audience `ai` is unknown; write `all` or `people`"),
        ("---\nowner: bea\n---\n# A\nb", "a.md:2: `owner: bea` is not understood; write language, kinds, audience"),
        ("---\nlanguage: en\n# A\nb", "a.md:1: the lines above the title do not end; close them with `---`"),
        (f"# A\n{'b' * (LONGEST + 1)}", f"a.md#a: {LONGEST + 1} characters are no passage; split it by headings"),
    ],
)
def test_what_is_to_be_mended_is_told_with_its_place_and_remedy(text: str, problem: str) -> None:
    assert problem in Article.parse("a.md", text).problems


def test_an_audience_that_is_not_understood_is_the_narrower_one() -> None:
    assert Article.parse("a.md", "---\naudience: ai\n---\n# A\nb").audience == "people"


@given(st.text(alphabet="#`~- abcÄ\n\t:", max_size=200))
def test_any_text_is_an_article_whose_sections_have_names_of_their_own_and_stand_in_it(text: str) -> None:
    article = Article.parse("a.md", text)
    anchors = [section.anchor for section in article.sections]
    assert all(section.text in text and section.headings for section in article.sections)
    assert len(anchors) == len(set(anchors))
