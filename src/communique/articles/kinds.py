"""What a source is, told by how it begins and never by its name."""

from __future__ import annotations

import csv
import re

import msgspec

from communique.articles.decode import NotText, decode
from communique.articles.page import is_other_xml, is_page
from communique.articles.streams import compression_of

#: Where tar archives say "ustar", and where the checksum stands that older ones have alone.
TAR_MARK, TAR_CHECKSUM, TAR_BLOCK = slice(257, 262), slice(148, 156), 512
WARC_START = re.compile(rb"\A\s{0,16}WARC/\d\.\d")
#: Office documents are ZIP archives that begin with one of these members.
OFFICE_MEMBERS = (b"[Content_Types].xml", b"mimetypeapplication/", b"_rels/.rels", b"word/", b"docProps/")

MBOX_START = re.compile(r"\AFrom [^\n]{1,200}\d{2}:\d{2}[^\n]{0,60}\d{4}[^\n]{0,20}\n[!-9;-~]{1,76}:")
HEADER = re.compile(r"^([!-9;-~]{1,76}):(?: |\t|$)")
#: Headers that mail has and the top of an article has not, and one of which every mail has.
MAIL_HEADERS = frozenset(
    "message-id mime-version received return-path content-type delivered-to x-mailer dkim-signature".split()
)
MAIL_NAMES = frozenset(("from", "subject", "date", "to"))

XML_ROOT = re.compile(r"<(?!\?|!)(?:[\w.-]{1,40}:)?([\w.-]{1,60})[\s/>]")
XML_ROOTS = {
    "rss": "feed", "feed": "feed", "rdf": "feed", "urlset": "sitemap", "sitemapindex": "sitemap", "nitf": "news-xml",
    "newsmessage": "news-xml", "newsitem": "news-xml", "newsml": "news-xml", "packageitem": "news-xml",
}  # fmt: skip

JSON_OBJECT = re.compile(r"\A\s*(?:\[\s*)?\{\s*(?:\"|\})")
URL_LINE = re.compile(r"https?://\S+")
NEXIS_START = re.compile(
    r"^[^\S\n]*(?:Document )?\d{1,5} of \d{1,5}(?: DOCUMENTS?)?[^\S\n]*$", re.MULTILINE | re.IGNORECASE
)
NEXIS_FIELD = re.compile(
    r"^(?:LENGTH|LOAD-DATE|BODY|BYLINE|SECTION|Length|Load-Date|Body|Byline|Section):", re.MULTILINE
)
FACTIVA_END = re.compile(r"^Document [A-Za-z0-9]{20,40}\s*$", re.MULTILINE)
FACTIVA_FIELDS = re.compile(r"^(?:HD|WC|PD|SN|LP|TD)(?:\s|$)", re.MULTILINE)
#: Different field marks that a Factiva export in the display with field codes has at least.
FACTIVA_MARKS = 4

#: Separators of tables, in the order in which they are tried.
SEPARATORS = "\t,;|"
#: A column's name is no longer than this, and a first line with fewer names makes no table.
NAME_CHARACTERS, NAME_WORDS, FEWEST_COLUMNS = 60, 3, 2
#: Columns in each of the first lines, from which a file with unknown names is a table all the same: prose with so many
#: commas, the same number in each line and no full stop in the first, was not among our texts.
TELLING_COLUMNS, TELLING_LINES = 3, 3


class Kind(msgspec.Struct, frozen=True):
    """What a source is: ``form`` is the reader's name, ``detail`` what that reader needs to know."""

    form: str
    detail: str = ""


def recognise(head: bytes, columns: frozenset[str]) -> Kind:
    """Return what the source is that begins with ``head``; ``columns`` are names that make a table of articles.

    Raises :class:`NotText` for what is none of the forms that can be read.

    >>> recognise(b"PAR1", frozenset()).form, recognise(b"Talks end", frozenset()).form
    ('parquet', 'text')
    """
    if (form := compression_of(head)) is not None:
        return Kind("compressed", form)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if head[30:80].startswith(OFFICE_MEMBERS):
            raise NotText("this is an office document, not text; save it as plain text or as a web page")
        return Kind("zip")
    if head.startswith(b"PAR1"):
        return Kind("parquet")
    if WARC_START.match(head):
        return Kind("warc")
    if _is_tar(head):
        return Kind("tar")
    return _recognise_text(decode(head), columns)


def _is_tar(head: bytes) -> bool:
    if head[TAR_MARK] == b"ustar":
        return True
    block = head[:TAR_BLOCK]
    if len(block) < TAR_BLOCK or not block[0]:
        return False
    try:
        stated = int(block[TAR_CHECKSUM].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return stated == sum(block) - sum(block[TAR_CHECKSUM]) + 8 * ord(" ")


def _recognise_text(text: str, columns: frozenset[str]) -> Kind:
    if is_page(text):
        return Kind("page")
    if is_other_xml(text):
        root = XML_ROOT.search(text)
        return Kind(XML_ROOTS.get(root[1].lower(), "xml") if root else "xml")
    if JSON_OBJECT.match(text):
        return Kind("json")
    if MBOX_START.match(text):
        return Kind("mbox")
    if is_mail(text):
        return Kind("mail")
    if len(set(FACTIVA_FIELDS.findall(text))) >= FACTIVA_MARKS:
        return Kind("factiva")
    if NEXIS_START.search(text[:NEXIS_LOOKED_AT]) and NEXIS_FIELD.search(text):
        return Kind("nexis")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if lines and all(URL_LINE.fullmatch(line.strip()) for line in lines):
        return Kind("urls")
    separator = _separator(lines[: TELLING_LINES + 1], columns)
    return Kind("table", separator) if separator else Kind("text")


#: Nexis begins with the number of the document, after a page break and some blank lines.
NEXIS_LOOKED_AT = 400


def is_mail(text: str) -> bool:
    """Say whether ``text`` begins with the headers of a mail.

    >>> is_mail("Subject: Talks\\nFrom: desk@example.org\\nMIME-Version: 1.0\\n\\nThe talks ended.")
    True
    """
    names: set[str] = set()
    for line in text.lstrip("\n").splitlines():
        if line[:1] in (" ", "\t") and names:
            continue
        match = HEADER.match(line)
        if match is None:
            break
        names.add(match[1].lower())
    return bool(names & MAIL_HEADERS) and len(names & MAIL_NAMES) >= FEWEST_COLUMNS


def _separator(lines: list[str], columns: frozenset[str]) -> str:
    """Return what parts the columns of a table, or nothing when the lines are none."""
    for separator in SEPARATORS if lines else "":
        names = [name.strip() for name in _fields(lines[0], separator)]
        if len(names) < FEWEST_COLUMNS or any(len(name) > NAME_CHARACTERS for name in names):
            continue
        named = bool(columns & {name.casefold() for name in names}) and _is_head(names, lines, separator)
        if named or _is_regular(names, lines, separator):
            return separator
    return ""


def _is_head(names: list[str], lines: list[str], separator: str) -> bool:
    """Say whether names of which one is known head a table, and are not a title ("Body, mind and soul")."""
    words = max(len(name.split()) for name in names)
    if len(names) >= TELLING_COLUMNS:
        return words <= NAME_WORDS
    spaced = f"{separator} " in lines[0]  # prose has a space behind a comma, tables mostly none
    return (
        words == 1
        and not spaced
        and (len(lines) == 1 or '"' in lines[1] or len(_fields(lines[1], separator)) == len(names))
    )


def _is_regular(names: list[str], lines: list[str], separator: str) -> bool:
    """Say whether lines are a table by their form alone: the same number of columns in each, and plain names."""
    counts = {len(_fields(line, separator)) for line in lines}
    plain = all(re.fullmatch(r"\w[\w .-]{0,59}", name) for name in names) and "." not in lines[0]
    return len(lines) > TELLING_LINES and len(names) >= TELLING_COLUMNS and counts == {len(names)} and plain


def _fields(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a field beyond csv's limit: no table of names
        return []
