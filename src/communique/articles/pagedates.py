"""When a page says that it was published: JSON-LD, meta elements, time elements; with time and zone where told.

Only looked for here in what is written for machines. Dates in the text of a page are htmldate's to find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import islice
from typing import Any

import msgspec

from communique.articles.dates import parse_date

JSON_LD = re.compile(r"<script[^<>]{0,300}application/ld\+json[^<>]{0,300}>", re.IGNORECASE)
SCRIPT_END = "</script"
#: Scripts with JSON-LD that are looked at; pages have up to six or so.
MOST_SCRIPTS = 20
JSON_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
TAG = re.compile(r"<(meta|time)\s([^<>]{1,2000})>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([\w:.-]{1,40})\s*=\s*(?:"([^"]{0,500})"|'([^']{0,500})'|([^\s"'>]{1,200}))""")
#: Types of schema.org that are articles.
ARTICLE_TYPES = frozenset(
    "NewsArticle Article ReportageNewsArticle BlogPosting LiveBlogPosting AnalysisNewsArticle OpinionNewsArticle "
    "BackgroundNewsArticle ReviewNewsArticle AdvertiserContentArticle Report".split()
)
#: Names of meta elements that hold the day of publication, the surest first.
META_NAMES = tuple(
    """article:published_time og:article:published_time datepublished article.published parsely-pub-date sailthru.date
    originalpublicationdate cxenseparse:recs:publishtime rnews:datepublished bt:pubdate prism.publicationdate
    citation_publication_date dc.date.issued dcterms.issued dcterms.created dc.date.created publication_date pubdate
    publishdate publish-date publish_date displaydate ptime date_published article_date_original dcterms.date dc.date
    date""".split()
)
RANK = {name: rank for rank, name in enumerate(META_NAMES)}
NAMING = ("property", "name", "itemprop")
#: What marks the time element of the article among those of comments and other articles.
PUBLISHED_TIME = re.compile(r"\bpubdate\b|datepublished|published|entry-date|posted|dateline|timestamp", re.IGNORECASE)
#: Characters of a page in which its metadata stands.
LOOKED_AT = 400_000


def find_page_date(html: str) -> tuple[str, str] | None:
    """Return the date of a page as ISO 8601 and where it was found, or None.

    >>> find_page_date('<meta property="article:published_time" content="2023-03-22T10:00:00+03:00">')
    ('2023-03-22T10:00:00+03:00', 'meta article:published_time')
    """
    html = html[:LOOKED_AT]
    return _from_json(html) or _from_tags(html)


def _from_json(html: str) -> tuple[str, str] | None:
    for script in islice(_scripts(html), MOST_SCRIPTS):
        found = next((date for value in _dates(script) if (date := parse_date(value))), None)
        if found:
            return found, "JSON-LD"
    return None


def _scripts(html: str) -> Iterator[str]:
    """Yield what is in the scripts with JSON-LD; each character is looked at once."""
    start = JSON_LD.search(html)
    while start is not None and (end := html.find(SCRIPT_END, start.end())) >= 0:
        yield html[start.end() : end]
        start = JSON_LD.search(html, end)


def _dates(script: str) -> Iterator[str]:
    try:
        root = msgspec.json.decode(script.strip().removeprefix("<!--").removesuffix("-->"))
    except (msgspec.DecodeError, RecursionError):
        yield from JSON_DATE.findall(script)[:1]  # broken JSON is common: line ends in strings, commas too many
        return
    stack: list[Any] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, Mapping):
            kinds = item.get("@type")
            if ARTICLE_TYPES & set(kinds if isinstance(kinds, list) else [kinds] if isinstance(kinds, str) else []):
                yield from (str(item[key]) for key in ("datePublished", "dateCreated") if item.get(key))
            stack.extend(item[key] for key in ("mainEntity", "@graph", "mainEntityOfPage") if key in item)


def _from_tags(html: str) -> tuple[str, str] | None:
    best: tuple[int, str, str] | None = None
    for match in TAG.finditer(html):
        attributes = {name.lower(): two or one or bare for name, two, one, bare in ATTRIBUTE.findall(match[2])}
        if match[1].lower() == "time":
            rank, where = len(RANK), "time element"
            value = attributes.get("datetime", "") if PUBLISHED_TIME.search(match[2]) else ""
        else:
            name = next((attributes[key].lower() for key in NAMING if key in attributes), "")
            rank, where, value = RANK.get(name, len(RANK)), f"meta {name}", attributes.get("content", "")
            if name not in RANK:
                continue
        if value and (best is None or rank < best[0]) and (date := parse_date(unescape(value))):
            best = (rank, date, where)
    return best[1:] if best else None
