"""What agencies and press databases deliver: NITF, NewsML and NewsML-G2, text exports of Nexis and Factiva."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from communique.articles.dates import find_date, parse_date
from communique.articles.decode import decode_source, normalise
from communique.articles.piece import Given, Piece, Problem, Reading
from communique.articles.streams import Stream
from communique.errors import SourceDamaged, SourceEmpty, SourceUnsafe

#: Elements that hold one article each.
ITEMS = ("newsItem", "NewsItem", "nitf")
#: Elements that hold an article's text, the surest first.
BODIES = ("body.content", "inlineXML", "body", "inlineData", "DataContent")
#: Elements of the text that are paragraphs.
PARAGRAPHS = frozenset(("p", "hl2", "li", "blockquote", "h1", "h2", "h3", "h4", "pre"))
#: Elements of the text that hold none of its words.
BESIDES = frozenset(("media", "script", "style", "figure", "body.head", "head", "table"))


def parse_xml(raw: bytes, source: str) -> Element:
    """Return the root of an XML document; SourceUnsafe when it declares entities, SourceDamaged when it is broken."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(raw, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise SourceUnsafe(
            source, "this XML declares entities, which can expand without end; it is not read"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise SourceDamaged(source, f"this XML is broken ({error})") from error
    return root


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def read_news_xml(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the articles of a NITF, NewsML or NewsML-G2 document."""
    raw = stream.read_all(reading.limits.max_bytes)
    root = parse_xml(raw, stream.source)
    items = list(_outermost(root, ITEMS))
    if not items:
        raise SourceEmpty(stream.source, "there are no news items in this XML")
    for number, item in enumerate(items, start=1):
        name = f"{stream.source}, item {number}" if len(items) > 1 else stream.source
        text = "\n\n".join(_paragraphs(item))
        if not text:
            yield Problem(name, f"{name}: there is no text in this news item")
            continue
        yield Piece(
            name,
            "text",
            text=text,
            raw=raw if len(items) == 1 else text.encode(),
            given=_given(item),
            reader="news-xml",
        )


def _outermost(root: Element, names: tuple[str, ...]) -> Iterator[Element]:
    """Yield elements of these names that lie in no other of them, without recursion."""
    stack = [root]
    while stack:
        element = stack.pop()
        if local_name(element) in names:
            yield element
        else:
            stack.extend(reversed(element))


def _paragraphs(item: Element) -> Iterator[str]:
    body = next((found for name in BODIES if (found := _first(item, name)) is not None), None)
    if body is None:
        return
    blocks = list(_outermost(body, (*PARAGRAPHS, *BESIDES)))
    for block in blocks:
        if local_name(block) in PARAGRAPHS and (text := _words(block)):
            yield text
    if not blocks:
        yield from (text for part in re.split(r"\n\s*\n", _content(body)) if (text := " ".join(part.split())))


def _first(item: Element, name: str) -> Element | None:
    return next((element for element in item.iter() if local_name(element) == name), None)


def _content(element: Element) -> str:
    """Return all characters in an element; what ``itertext`` gives, at any depth."""
    parts: list[str] = []
    stack: list[Any] = [element]
    while stack:
        top = stack.pop()
        if isinstance(top, str):
            parts.append(top)
            continue
        parts.append(top.text or "")
        for child in reversed(top):
            stack += [child.tail or "", child]
    return "".join(parts)


def _words(element: Element | None) -> str:
    return " ".join(normalise(_content(element)).split()) if element is not None else ""


#: Elements, and their attributes, that say when an item was published, the surest first.
DATED = (
    ("date.issue", "norm"), ("story.date", "norm"), ("pubdata", "date.publication"), ("contentCreated", ""),
    ("firstCreated", ""), ("versionCreated", ""), ("FirstCreated", ""), ("ThisRevisionCreated", ""),
    ("DateLine", ""), ("dateline", ""),
)  # fmt: skip


def _given(item: Element) -> Given:
    published = next(filter(None, (_dated(item, *place) for place in DATED)), None)
    publishers = (
        _named(item, "provider"),
        _attribute(item, "provider", "literal"),
        _attribute(item, "pubdata", "name"),
        _named(item, "creditline", "CreditLine", "distributor"),
    )
    return Given(
        title=_named(item, "hl1", "headline", "HeadLine", "title") or None,
        published=published,
        published_from="news item" if published else None,
        publisher=next(filter(None, publishers), None),
        author=_named(item, "byline", "by", "ByLine").removeprefix("By ") or None,
    )


def _dated(item: Element, name: str, attribute: str) -> str | None:
    element = _first(item, name)
    if element is None:
        return None
    return parse_date(element.get(attribute, "") if attribute else _content(element))


def _attribute(item: Element, name: str, attribute: str) -> str:
    element = _first(item, name)
    return element.get(attribute, "") if element is not None else ""


def _named(item: Element, *names: str) -> str:
    return next(filter(None, (_words(_first(item, name)) for name in names)), "")


NEXIS_PART = re.compile(
    r"^[ \t\f]*(?:Document )?\d{1,5} of \d{1,5}(?: DOCUMENTS?)?[ \t]*$", re.MULTILINE | re.IGNORECASE
)
NEXIS_FIELD = re.compile(r"^(LENGTH|LOAD-DATE|BODY|BYLINE|SECTION|HEADLINE|DATELINE|LANGUAGE|PUBLICATION-TYPE|GRAPHIC"
                         r"|SUBJECT|COUNTRY|CITY|STATE|ORGANIZATION|PERSON|COMPANY|TYPE|URL|HIGHLIGHT|SERIES|CORRECTION"
                         r"|JOURNAL-CODE|DOCUMENT-TYPE|ACC-NO):[ \t]*", re.MULTILINE | re.IGNORECASE)  # fmt: skip
COPYRIGHT = re.compile(r"^[^\S\n]*Copyright (?:\d{4}|\(c\)|©).*$", re.MULTILINE | re.IGNORECASE)
WRAPPED = re.compile(r"(?<=\S)[ \t]*\n[ \t]*(?=\S)")


def read_nexis(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the articles of a Nexis text export: head lines, fields in capitals, BODY."""
    text = normalise(decode_source(stream.read_all(reading.limits.max_bytes), stream.source))
    parts = [part for part in NEXIS_PART.split(text) if part.strip()]
    for number, part in enumerate(parts, start=1):
        name = f"{stream.source}, document {number}"
        head, fields = _nexis_fields(part)
        body = fields.get("body", "")
        if not body.strip():
            yield Problem(name, f"{name}: there is no text in this document")
            continue
        body = COPYRIGHT.split(body)[0]
        body = "\n\n".join(WRAPPED.sub(" ", one).strip() for one in re.split(r"\n\s*\n", body) if one.strip())
        lines = [line.strip() for line in head.splitlines() if line.strip() and not COPYRIGHT.match(line)]
        published = next(filter(None, map(find_date, lines)), None)
        dated = next((place for place, line in enumerate(lines) if find_date(line)), len(lines))
        yield Piece(
            name, "text", text=body, raw=part.encode(), reader="nexis",
            given=Given(
                title=_one(fields.get("headline")) or _one(next(iter(lines[dated + 1 :]), None)),
                published=published,
                published_from="Nexis head" if published else None,
                publisher=_one(next(iter(lines[:dated]), None)),
                author=_one(fields.get("byline")),
            ),
        )  # fmt: skip


def _nexis_fields(part: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the first field, and the fields; BODY ends where the next one begins."""
    pieces = NEXIS_FIELD.split(part)
    fields: dict[str, str] = {}
    for name, value in zip(pieces[1::2], pieces[2::2], strict=True):
        fields.setdefault(name.lower(), value)
    if "body" not in fields and "length" in fields:  # older exports have the text right behind LENGTH
        last = max(("length", "byline", "dateline", "section"), key=lambda key: part.find(fields.get(key, "\0")))
        _, _, fields["body"] = fields[last].partition("\n\n")
    return pieces[0], fields


def _one(value: str | None) -> str | None:
    return " ".join(value.split()) or None if value else None


FACTIVA_PART = re.compile(r"^Document [A-Za-z0-9]{20,40}[ \t]*$", re.MULTILINE)
FACTIVA_FIELD = re.compile(
    r"^(SE|HD|BY|CR|WC|PD|ET|SN|SC|ED|PG|VOL|LA|CY|LP|TD|CO|IN|NS|RE|IPC|IPD|PUB|AN|CT|RF|ART|CLM)(?:[ \t]+|\n)",
    re.MULTILINE,
)


def read_factiva(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the articles of a Factiva export in the display with field codes (HD, SN, PD, LP, TD ...)."""
    text = normalise(decode_source(stream.read_all(reading.limits.max_bytes), stream.source))
    parts = [part for part in FACTIVA_PART.split(text) if FACTIVA_FIELD.search(part)]
    for number, part in enumerate(parts, start=1):
        name = f"{stream.source}, document {number}"
        pieces = FACTIVA_FIELD.split(part)
        fields: Mapping[str, str] = dict(zip(pieces[1::2], map(str.strip, pieces[2::2]), strict=True))
        body = "\n\n".join(_factiva_paragraphs(fields))
        if not body:
            yield Problem(name, f"{name}: there is no text in this document")
            continue
        published = parse_date(" ".join(filter(None, (fields.get("PD"), fields.get("ET")))))
        yield Piece(
            name, "text", text=body, raw=part.encode(), reader="factiva",
            given=Given(
                title=_one(fields.get("HD")),
                published=published,
                published_from="Factiva PD" if published else None,
                publisher=_one(fields.get("SN")),
                author=_one((fields.get("BY") or "").removeprefix("By ")),
            ),
        )  # fmt: skip


def _factiva_paragraphs(fields: Mapping[str, str]) -> Iterator[str]:
    for field in ("LP", "TD"):
        for part in re.split(r"\n\s*\n", fields.get(field, "")):
            if words := " ".join(part.split()):
                yield words
