"""HTML pages to Article: the main text and what the page says about itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from communique.articles.decode import normalise
from communique.articles.text import with_title
from communique.model import Article, content_id

#: How a web page begins, after white space, comments and an XML declaration.
PAGE_START = re.compile(
    r"\A\s*(?:<\?xml[^>]{0,200}\?>\s*|<!--(?:(?!-->).){0,5000}-->\s*){0,20}"
    r"<(?:!doctype\s+html|(?:html|head|body|meta|title|link|script|style|header|main|article|section|div|table|center"
    r"|font|span|p|h[1-6]|ul|ol|a|b|i|br|hr|img)[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
HTML_TAG = re.compile(r"<html[\s>]", re.IGNORECASE)
#: How other XML begins: feeds, site maps, bundles. None of it is read as text.
XML_START = re.compile(r"\A\s*(?:<\?xml\b|<(?:rss|feed|urlset|nitf|newsml)[\s>])", re.IGNORECASE)

#: Elements of trafilatura's tree that are paragraphs of their own.
BLOCKS = frozenset({"p", "head", "quote", "item", "list", "table", "row", "cell", "div", "code", "body", "main"})
#: Elements of trafilatura's tree that hold no words of the article.
WORDLESS = frozenset({"graphic", "formula"})
LINE_BREAK = "lb"

SPACES = re.compile(r"[^\S\n]+")
LINE_ENDS_SPACED = re.compile(r" ?\n ?")
PARAGRAPH_BREAK = re.compile(r"\n{2,}")


def is_page(text: str) -> bool:
    """Say whether ``text`` is an HTML page or a piece of one.

    >>> is_page("<!-- saved --><HTML><body>"), is_page("He wrote: <p>")
    (True, False)
    """
    return PAGE_START.match(text) is not None


def is_other_xml(text: str) -> bool:
    """Say whether ``text`` is XML of another kind, such as a feed."""
    return not is_page(text) and XML_START.match(text) is not None


def article_from_page(
    html: str, *, published: str | None = None, url: str | None = None, raw_sha256: str | None = None
) -> Article | None:
    """Return the article of a page, or None when it has no main text.

    1. trafilatura finds the main text, without menus, side bars and comments, and the metadata;
    2. its tree becomes paragraphs parted by an empty line;
    3. the title goes first, unless it is there already.

    ``published`` stands in when the page names no date of its own.
    """
    page = _extract(html, url)
    if page is None or page.body is None:
        return None
    body = "\n\n".join(_paragraphs(page.body))
    if not body:
        return None
    title = _one_line(page.title)
    text = with_title(body, title)
    url = url or page.url or None
    return Article(
        id=content_id(text, title, url),
        text=text,
        title=title,
        published=page.date or published,
        url=url,
        publisher=_one_line(page.sitename),
        author=_one_line(page.author),
        raw_sha256=raw_sha256,
        reader="html",
    )


def _extract(html: str, url: str | None) -> Any:
    """Return trafilatura's document. Precision first: better a caption lost than a comment coded."""
    import trafilatura  # slow to import, and plain text does without it

    if HTML_TAG.search(html) is None:
        html = f"<html><body>{html}</body></html>"  # a piece of a page: trafilatura takes whole ones only
    return trafilatura.bare_extraction(
        html, url=url, favor_precision=True, include_comments=False, with_metadata=True, include_tables=True
    )


def _paragraphs(body: Any) -> Iterator[str]:
    """Yield the paragraphs of trafilatura's tree in reading order, each in one form of white space."""
    pieces = "".join(_pieces(body))
    for piece in PARAGRAPH_BREAK.split(LINE_ENDS_SPACED.sub("\n", SPACES.sub(" ", normalise(pieces)))):
        paragraph = piece.strip()
        if paragraph:
            yield paragraph


def _pieces(root: Any) -> Iterator[str]:
    """Yield the characters of the tree with ``\\n\\n`` around blocks, without recursion: pages nest deep."""
    stack: list[Any] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item.tag, str) and item.tag not in WORDLESS:
            stack.extend(reversed(_unfold(item)))


def _unfold(element: Any) -> list[Any]:
    """Return an element as the strings and children that it is made of."""
    if element.tag == LINE_BREAK:
        return ["\n"]
    edge = "\n\n" if element.tag in BLOCKS else ""
    parts: list[Any] = [edge, _source_text(element.text)]
    for child in element:
        parts += [child, _source_text(child.tail)]
    return [*parts, edge]


def _source_text(text: str | None) -> str:
    """Return text of the tree: a line end in HTML source is only a space."""
    return " ".join(text.split("\n")) if text else ""


def _one_line(value: str | None) -> str | None:
    """Return a metadata value on one line, or None when there is nothing in it."""
    return " ".join(normalise(value).split()) or None if value else None
