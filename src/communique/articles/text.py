"""Plain text to Article."""

from __future__ import annotations

import re

from communique.articles.decode import normalise
from communique.model import Article, content_id

#: What ends a sentence: a first line that ends so is no title.
SENTENCE_ENDS = (".", "!", "…", ":", ";", ",")

#: Longest first line that :func:`article_from_text` takes for a title, when no settings say otherwise.
MAX_TITLE_CHARACTERS = 200

LEADING_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")


def article_from_text(
    text: str,
    *,
    title: str | None = None,
    published: str | None = None,
    url: str | None = None,
    raw_sha256: str | None = None,
    max_title_characters: int = MAX_TITLE_CHARACTERS,
) -> Article:
    """Return the article that a plain text makes: normalised, with its title where it has one.

    A ``title`` that does not open the text is put before it, as a paragraph of its own. With none given,
    a short first line that an empty line follows is the title.

    >>> article_from_text("Talks end\\n\\nThe talks ended.").title
    'Talks end'
    """
    text = trim(normalise(text))
    if title is None:
        title = find_title(text, max_title_characters)
    else:
        title = " ".join(normalise(title).split()) or None
        text = with_title(text, title)
    return Article(
        id=content_id(text, title, url),
        text=text,
        title=title,
        published=published,
        url=url,
        raw_sha256=raw_sha256,
        reader="text",
    )


def find_title(text: str, longest: int) -> str | None:
    """Return the first line of ``text`` when it looks like a title: short, no sentence, set apart."""
    first, _, rest = text.partition("\n")
    first = first.strip()
    second, _, body = rest.partition("\n")
    set_apart = not second.strip() and bool(body.strip())
    is_title = set_apart and 0 < len(first) <= longest and not first.endswith(SENTENCE_ENDS)
    return first if is_title else None


def with_title(text: str, title: str | None) -> str:
    """Return ``text`` with ``title`` as its first paragraph, unless it opens so already.

    >>> with_title("The talks ended.", "Talks end")
    'Talks end\\n\\nThe talks ended.'
    """
    first_line = " ".join(text.partition("\n")[0].split())
    if not title or first_line.casefold() == title.casefold():
        return text
    return f"{title}\n\n{text}" if text else title


def trim(text: str) -> str:
    """Return ``text`` without the empty lines around it; the first line's indent stays."""
    return LEADING_BLANK_LINES.sub("", text).rstrip()
