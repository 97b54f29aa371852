"""HTML pages to Article: the main text and what the page says about itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml.etree import LxmlError, XPath

from communique.articles.dates import dates_in, present
from communique.articles.decode import NotText, normalise
from communique.articles.furniture import clear, find_headline, without_edges
from communique.articles.pagedates import find_page_date
from communique.articles.piece import Given
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
XML_START = re.compile(
    r"\A\s*(?:<\?xml\b|<!DOCTYPE\s+(?!html)\w|<(?:\w{1,20}:)?(?:rss|feed|rdf|urlset|sitemapindex|nitf|newsml|newsitem"
    r"|newsmessage)[\s>])",
    re.IGNORECASE,
)

#: Elements of trafilatura's tree, and of HTML, that are paragraphs of their own.
BLOCKS = frozenset({"p", "head", "quote", "item", "list", "table", "row", "cell", "div", "code", "body", "main",
    "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "tr", "td", "th", "blockquote", "pre", "section", "article",
    "center", "hr", "dl", "dt", "dd", "aside", "header", "footer"})  # fmt: skip
#: Elements of trafilatura's tree that hold no words of the article.
WORDLESS = frozenset({"graphic", "formula", "script", "style", "figure", "figcaption", "iframe", "noscript", "form"})
LINE_BREAKS = frozenset({"lb", "br"})

#: What trafilatura may trip over on pages that are broken in ways that it does not expect.
SLIPS = (AttributeError, LookupError, TypeError, ValueError, AssertionError, RecursionError, LxmlError)

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
    html: str,
    *,
    published: str | None = None,
    url: str | None = None,
    raw_sha256: str | None = None,
    given: Given | None = None,
) -> Article | None:
    """Return the article of a page, or None when it has no main text; raise :class:`NotText` for what is no article.

    1. what surely is no article (comments, related links, banners) is left out;
    2. trafilatura finds the main text, without menus and side bars, and the metadata;
    3. its tree becomes paragraphs parted by an empty line;
    4. the title goes first, unless it is there already.

    ``given`` is what the source says of the page; it counts more than the page itself. ``published`` stands in when
    neither names a date.
    """
    given = given or Given()
    tree = _parse(html)
    if tree is None:
        return None
    if (elements := int(ELEMENTS(tree))) > MOST_ELEMENTS:
        raise NotText(f"this page has {elements:,} elements, more than {MOST_ELEMENTS:,}: it is no article")
    dated = find_page_date(html) if given.published is None else None
    headline = find_headline(tree)
    seen = _seen(tree) if dated is None and given.published is None else ""
    clear(tree)
    page = _extract(tree, given.url or url, search_date=bool(seen))
    if page is None or page.body is None:
        return None
    title = _one_line(given.title or headline or page.title)
    paragraphs = without_edges(_paragraphs(page.body), title)
    if not paragraphs:
        return None
    text = with_title("\n\n".join(paragraphs), title)
    url = page.url or given.url or url or None
    moment, where = _date_of(given, dated, page.date, seen)
    return Article(
        id=content_id(text, title, url),
        text=text,
        title=title,
        published=moment or published,
        published_from=where or ("option" if published else None),
        url=url,
        publisher=_one_line(given.publisher or page.sitename),
        author=_one_line(given.author or page.author),
        fetched=given.fetched,
        raw_sha256=raw_sha256,
        reader="html",
    )


def _date_of(
    given: Given, dated: tuple[str, str] | None, guessed: str | None, seen: str
) -> tuple[str | None, str | None]:
    """Return when a page was published and where that is said: by its source, in its metadata, or in its text.

    What htmldate guesses is a day; the page says the time of it somewhere, or not.
    """
    if given.published is not None:
        return given.published, given.published_from
    if dated is not None:
        return dated
    told = list(dates_in(seen))
    if guessed is None:
        return (told[0], "page text") if told else (None, None)
    timed = next((one for one in told if one.startswith(guessed) and one != guessed), guessed)
    return timed, "page text"


def fragment_text(html: str) -> str:
    """Return the text of an article's own HTML, as feeds give it: all of it, in paragraphs.

    >>> fragment_text("<p>The talks <b>ended</b>.</p><ul><li>First</li></ul>")
    'The talks ended.\\n\\nFirst'
    """
    if "<" not in html and "&" not in html:
        return html
    from lxml.html import document_fromstring

    root = document_fromstring(
        f"<html><body><div>{html}</div></body></html>".encode("utf-8", "replace"), parser=_parser()
    )
    return "\n\n".join(_paragraphs(root))


def _parser() -> Any:
    from lxml.html import HTMLParser

    return HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)


#: Characters of a page's text in which a date is looked for that its metadata lacks.
SEEN_CHARACTERS = 200_000
#: Elements of a page above which it is a list of everything, and takes trafilatura minutes: articles have some hundred
#: to five thousand elements, the longest live reports thirty thousand.
MOST_ELEMENTS = 60_000
ELEMENTS = XPath("count(//*)")
SEEN = XPath("//text()[not(parent::script or parent::style)]", smart_strings=False)


def _seen(tree: Any) -> str:
    """Return what a reader sees of a page, its elements apart."""
    return "\n".join(SEEN(tree))[:SEEN_CHARACTERS]


def _parse(html: str) -> Any:
    import trafilatura  # slow to import, and plain text does without it

    if HTML_TAG.search(html) is None:
        html = f"<html><body>{html}</body></html>"  # a piece of a page: trafilatura takes whole ones only
    return trafilatura.load_html(html)


def _extract(tree: Any, url: str | None, *, search_date: bool) -> Any:
    """Return trafilatura's document. Precision first: better a caption lost than a comment coded."""
    import trafilatura

    try:
        return trafilatura.bare_extraction(
            tree,
            url=url,
            favor_precision=True,
            include_comments=False,
            with_metadata=True,
            include_tables=True,
            date_extraction_params={
                "original_date": True,
                "extensive_search": search_date,
                "max_date": present().date().isoformat(),
            },
        )
    except SLIPS as error:
        raise NotText(f"the text of this page can't be found ({type(error).__name__})") from error


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
    if element.tag in LINE_BREAKS:
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
