"""What surrounds an article on its page: told by what elements are called and how many of their words are links.

trafilatura finds the main text well where pages have structure. This takes out beforehand what it takes for text on
pages that have none (tables for layout), and boxes in the middle of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml.etree import XPath

from communique.articles.text import line_date

#: Parts of the names (class, id, data-testid) of elements that hold no words of the article, whole words between
#: hyphens and the like, as sites of three decades call them.
NAMES = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|comment-list|respond|disqus\w*|trackbacks?|pingbacks?|related\w*|recommend\w*"
    r"|also-?read|alsoread|read-?more|more-?(?:on|stories|news)|most-?(?:read|popular)|mostread|trending|popular|promo\w*"
    r"|sponsored\w*|taboola\w*|outbrain\w*|newsletters?|sign-?up|signup|subscribe\w*|subscription\w*|paywall\w*"
    r"|cookies?|consent\w*|onetrust\w*|gdpr|breadcrumbs?|sidebar\w*|share\w*|sharing|social\w*|tools?|toolbar|poll"
    r"|quiz|author-?box|authorbox|about-?author|footer\w*|postmetadata|post-?footer\w*|entry-?footer\w*|ticker"
    r"|advert\w*|ads?|banner-ad|sitemap|blogroll|archives?|pagination|pager|blog-pager|content-nav|navigation|navbar"
    r"|nav|menu|skip|player|support|donat\w*|caption\w*|cap|credit|other-news|latest-?news|tags?|print-?only|tv-guide"
    r")(?:$|[\s_-]|\d)",
    re.IGNORECASE,
)
#: CSS classes of frameworks put a prefix before and a modifier behind ("c-newsletter", "related__list").
NAMED = ("class", "id", "data-testid", "data-component")
#: Elements that are never taken out for their name: pages name them after their whole content.
KEPT = frozenset(("html", "body", "head", "main", "article", "script", "meta", "link", "title", "h1", "time"))
#: Elements that have no name but are furniture by what they are.
FORMS = ("form", "button", "select", "amp-sidebar", "amp-consent", "amp-ad", "dialog")
#: Share of a page's words above which an element is no furniture, whatever it is called.
MOST_OF_PAGE = 0.5
#: Share of an element's letters in links above which a cell or box of a layout is for moving on, not for reading.
LINKED = 0.5
#: A cell of a layout with fewer letters than this, and some in links, is a box of links as well.
SHORT_CELL = 300
SOME_LINKED = 0.25
#: Letters in one cell above which a table is there for the layout: cells of data are shorter.
LAYOUT_CELL = 250
CELLS = ("td", "th")
SEEN = XPath("descendant::text()[not(parent::script or parent::style)]", smart_strings=False)
#: What parts the title from the site's name in the title element.
PARTED = re.compile(r"\s[|–—«»·•-]\s|::|[«»]|:\s")  # of a title with single blanks; parts are stripped
HEADINGS = ("h1", "h2", "h3")
#: A heading with fewer words than this may be a section's.
TITLE_WORDS = 3
#: Paragraphs at the beginning and the end that may be the page's: its headline again, the date, the byline.
EDGE = 4
#: A line with the date of the article is no longer than this.
DATE_LINE_CHARACTERS = 90
#: A line beginning so at the end of an article is the page's, not the article's.
TAIL = re.compile(
    r"^\W{0,3}(?:©|\(c\) ?\d{4}|copyright\b|all rights reserved|find this article at|uncheck the box|posted by\b"
    r"|this entry was posted|(?:e-?mail|mail) this (?:story|article)|print(?:er)? (?:this|version|friendly)|share this"
    r"|read more\b|also read\b|related\b|more on this|sign up\b|subscribe\b|follow us\b|if you (?:liked|enjoyed) this"
    r"|support our\b|no comments\b|post a comment|leave a (?:comment|reply)|best viewed|powered by\b|filed under\b"
    r"|tags?:|labels?:|photo(?:graph)?(?: by)?:|image:|file photo|advertisement\b|click here\b|back to top|skip to)",
    re.IGNORECASE,
)


def find_headline(tree: Any) -> str | None:
    """Return the heading that a page's title element names, if any: there the site's name stands, too."""
    written = " ".join((tree.findtext(".//title") or "").split())
    headings = (" ".join(one.text_content().split()) for one in tree.iter(*HEADINGS)) if written else ()
    named = [text for text in headings if text in written and len(text.split()) >= TITLE_WORDS]
    if named:
        return max(named, key=len)
    parts = [part.strip() for part in PARTED.split(written) if part.strip()]
    longest = max(parts, key=len, default="")
    return longest if len(longest.split()) > TITLE_WORDS else None


def clear(tree: Any) -> None:
    """Take the furniture out of a page's tree, in place.

    1. forms and boxes by what they are called, but none that holds most of the page or its only headline;
    2. tables that are there for the layout become plain boxes, and those full of links go.
    """
    page = max(_letters(tree), 1)
    for element in _named(tree):
        if element.getparent() is not None and _is_furniture(element, page):
            _drop(element)
    for table in list(tree.iter("table")):
        if table.getparent() is None:
            continue
        if _is_for_moving_on(table, page):
            _drop(table)
        elif _is_layout(table):
            _unfold(table, page)


def _named(tree: Any) -> list[Any]:
    return [
        element
        for element in tree.iter()
        if isinstance(element.tag, str)
        and element.tag not in KEPT
        and (element.tag in FORMS or any(NAMES.search(element.get(key, "")) for key in NAMED if element.get(key)))
    ]


def _is_furniture(element: Any, page: int) -> bool:
    if element.find(".//h1") is not None or element.find(".//article") is not None:
        return False
    return _letters(element) < MOST_OF_PAGE * page


def _is_layout(table: Any) -> bool:
    if table.find(".//table") is not None or table.find(".//h1") is not None:
        return True
    return any(_letters(cell) > LAYOUT_CELL for name in CELLS for cell in table.iter(name))


def _unfold(table: Any, page: int) -> None:
    """Make boxes of a table's cells, without those that are full of links."""
    own = [element for element in table.iter("tr", "tbody", "thead", "tfoot", *CELLS) if _table_of(element) is table]
    for element in own:
        if element.tag in CELLS and _is_for_moving_on(element, page):
            _drop(element)
        else:
            element.tag = "div"
    table.tag = "div"
    for element in (table, *own):
        for key in ("width", "bgcolor", "align"):
            element.attrib.pop(key, None)


def _table_of(element: Any) -> Any:
    return next(element.iterancestors("table"), None)


def _is_for_moving_on(cell: Any, page: int) -> bool:
    letters = _letters(cell)
    if not letters or letters > MOST_OF_PAGE * page:
        return False
    linked = sum(_letters(link) for link in cell.iter("a"))
    return linked > LINKED * letters or (letters < SHORT_CELL and linked > SOME_LINKED * letters)


def _letters(element: Any) -> int:
    """Count the characters of an element that a reader sees."""
    return sum(len(text.strip()) for text in SEEN(element))


def _drop(element: Any) -> None:
    """Take an element out and leave what stands behind it."""
    parent = element.getparent()
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def without_edges(paragraphs: Iterable[str], title: str | None) -> list[str]:
    """Return paragraphs without those at their edges that are the page's: title, date, notices.

    >>> without_edges(["Talks end", "22 March 2023", "The talks ended.", "All rights reserved."], "Talks end")
    ['The talks ended.']
    """
    kept = list(paragraphs)
    top = kept[:EDGE]
    while len(kept) > 1 and TAIL.match(kept[-1]):
        kept.pop()
    start = max((place + 1 for place, one in enumerate(top) if _is_head(one, title)), default=0)
    return kept[start:] if all(_is_head(one, title) or len(one) < DATE_LINE_CHARACTERS for one in top[:start]) else kept


def _is_head(paragraph: str, title: str | None) -> bool:
    """Say whether a paragraph is the headline again, or a line that is there to tell the date."""
    if title and paragraph.casefold() == title.casefold():
        return True
    return len(paragraph) < DATE_LINE_CHARACTERS and line_date(paragraph.partition("\n")[0]) is not None
