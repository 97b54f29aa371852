"""Feeds and lists of addresses: RSS, Atom, site maps, plain lists. A feed's own text is read, addresses handed on."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from communique.articles.dates import parse_date
from communique.articles.decode import decode_source
from communique.articles.piece import Given, Piece, Problem, Reading
from communique.articles.streams import Stream
from communique.articles.wires import local_name, parse_xml
from communique.errors import SourceDamaged, SourceEmpty, SourceUnsafe

#: A declaration of entities of its own: no feed needs one, and a few lines of them expand to gigabytes.
ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
#: Elements in each other. Feeds have seven or so; the parsers of the standard library slow down with depth.
DEEPEST = 200
TAG = re.compile(r"<(/?)[A-Za-z][^<>]*?(/?)>")


#: What feedparser trips over in feeds that are broken in ways that it does not expect.
SLIPS = (AttributeError, LookupError, TypeError, ValueError, AssertionError, RecursionError)


#: A feed's own text with fewer characters than this is a teaser.
FULL_TEXT = 800


class Entry(msgspec.Struct, frozen=True):
    """One item of a feed. ``id`` is the feed's own; ``html`` what the feed gives of the text, if anything."""

    id: str
    html: str
    given: Given


def read_feed(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the items of a feed with the text that it gives itself."""
    raw = stream.read_all(reading.limits.max_bytes)
    entries = parse_feed(raw, stream.source)
    for number, entry in enumerate(entries, start=1):
        yield piece_of(entry, f"{stream.source}, item {number}")


def piece_of(entry: Entry, name: str) -> Piece:
    """Return the item of a feed as a piece."""
    raw = entry.html.encode("utf-8", "surrogatepass")
    return Piece(name, "item", text=entry.html, raw=raw, given=entry.given, reader="feed")


def parse_feed(raw: bytes, source: str) -> tuple[Entry, ...]:
    """Return the items of an RSS or Atom feed; raise a SourceError when it is none, or a trap.

    >>> feed = b"<rss><channel><title>Desk</title><item><title>Talks end</title><guid>1</guid></item></channel></rss>"
    >>> parse_feed(feed, "feed.xml")[0].given.title
    'Talks end'
    """
    import feedparser  # takes a moment to import

    check_xml(decode_source(raw, source), source)
    try:
        parsed = feedparser.parse(io.BytesIO(raw), sanitize_html=False, resolve_relative_uris=False)
    except SLIPS as error:
        raise SourceDamaged(source, f"this feed is broken ({type(error).__name__})") from error
    if not parsed.entries:
        if parsed.bozo and not parsed.version:
            raise SourceDamaged(source, "this feed is broken")
        raise SourceEmpty(source, "there are no items in this feed")
    publisher = _line(parsed.feed.get("title"))
    return tuple(_entry(entry, publisher) for entry in parsed.entries)


def check_xml(text: str, source: str) -> None:
    """Raise SourceUnsafe for XML that declares entities or nests without end."""
    if ENTITY.search(text):
        raise SourceUnsafe(source, "this XML declares entities, which can expand without end; it is not read")
    depth = 0
    for match in TAG.finditer(text):
        depth += -1 if match[1] else 0 if match[2] else 1
        if depth > DEEPEST and "<![CDATA[" not in text:
            raise SourceUnsafe(source, f"this XML is nested more than {DEEPEST} deep")


def _entry(entry: Any, feed_title: str | None) -> Entry:
    content = max((part.get("value") or "" for part in entry.get("content", ())), key=len, default="")
    origin = entry.get("source")
    published = next(
        filter(None, (parse_date(str(entry.get(key, ""))) for key in ("published", "created", "updated", "date"))), None
    )
    link = _line(entry.get("link"))
    return Entry(
        id=str(entry.get("id") or link or entry.get("title") or ""),
        html=content or entry.get("summary") or "",
        given=Given(
            title=_text_of(entry.get("title") or ""),
            published=published,
            published_from="feed" if published else None,
            url=link,
            publisher=_line(origin.get("title") if isinstance(origin, Mapping) else None) or feed_title,
            author=_line(entry.get("author")),
        ),
    )


def _text_of(html: str) -> str | None:
    return _line(re.sub(r"<[^<>]{1,200}>", "", html))


def _line(value: Any) -> str | None:
    return " ".join(str(value).split()) or None if value else None


def read_sitemap(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the addresses that a site map lists, or those of the site maps that an index lists."""
    root = parse_xml(stream.read_all(reading.limits.max_bytes), stream.source)
    found = False
    for element in root.iter():
        if local_name(element) == "loc" and (address := _line(element.text)):
            found = True
            yield Piece(address, "address")
    if not found:
        raise SourceEmpty(stream.source, "there are no addresses in this site map")


def read_addresses(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the addresses in a plain list, one a line; lines that begin with # are remarks."""
    for line in decode_source(stream.read_all(reading.limits.max_bytes), stream.source).splitlines():
        if (address := _line(line)) and not line.startswith("#"):
            yield Piece(address, "address")
