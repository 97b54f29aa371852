"""Plain text to Article."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.articles import article_from_text

BODY = "The talks ended. Both sides were pleased."


@pytest.mark.parametrize(
    ("text", "title", "kept"),
    [
        (f"Talks end\n\n{BODY}", "Talks end", f"Talks end\n\n{BODY}"),
        (f"\n \n  Talks end \n \n{BODY}\n\n", "Talks end", f"  Talks end \n \n{BODY}"),
        (f"Will talks end?\n\n{BODY}", "Will talks end?", f"Will talks end?\n\n{BODY}"),
        (f"Talks end\n{BODY}", None, f"Talks end\n{BODY}"),
        (f"The talks ended.\n\n{BODY}", None, f"The talks ended.\n\n{BODY}"),
        (f"{'long ' * 80}\n\n{BODY}", None, f"{'long ' * 80}\n\n{BODY}"),
        ("Talks end", None, "Talks end"),
        ("", None, ""),
        ("   indented start", None, "   indented start"),
    ],
)
def test_title_of_plain_text(text: str, title: str | None, kept: str) -> None:
    article = article_from_text(text)
    assert (article.title, article.text) == (title, kept)


def test_given_title_goes_first_once() -> None:
    assert article_from_text(BODY, title="Talks\nend").text == f"Talks end\n\n{BODY}"
    assert article_from_text(f"TALKS END\n{BODY}", title="Talks end").text == f"TALKS END\n{BODY}"


def test_id_is_made_of_content() -> None:
    first, again = article_from_text(BODY, published="2023-03-22"), article_from_text(BODY.replace(" ", " ") + "\n")
    assert first.id == again.id
    assert first.id != article_from_text(BODY, url="https://example.org/").id


@given(st.text(st.characters()), st.none() | st.text())
def test_text_is_nfc_and_reading_it_again_changes_nothing(text: str, title: str | None) -> None:
    article = article_from_text(text, title=title)
    assert unicodedata.is_normalized("NFC", article.text)
    assert article_from_text(article.text, title=article.title).text == article.text
    if article.title is not None:
        assert (
            " ".join(article.text.partition("\n")[0].split()).casefold() == " ".join(article.title.split()).casefold()
        )
