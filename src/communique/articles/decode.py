"""Bytes to characters, and characters to the one form that spans point into."""

from __future__ import annotations

import codecs
import re
import unicodedata

import chardet

from communique.errors import SourceNotText

#: Byte order marks and their encodings, the longest first: UTF-32-LE starts like UTF-16-LE.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: How files that are not text begin, and what to call them.
SIGNATURES = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"(\xb5/\xfd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (b"SQLite format 3\x00", "a database"),
    (b"PAR1", "a Parquet file"),
)

#: HTML says its own encoding within its first 1024 bytes (WHATWG HTML, 4.2.5.4).
META_BYTES = 1024
META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.IGNORECASE)

#: Web pages that say Latin-1 are read as its superset (WHATWG Encoding Standard, section 4.2).
WEB_ALIASES = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}

#: Share of control bytes above which bytes are no text. Broken texts that we made have under 1 %, and the
#: pictures, archives and programs that we looked at have 10 % or more.
MAX_CONTROL_SHARE = 0.05
CONTROL_BYTES = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"

#: Bytes that chardet looks at, counted from shortly before the first one that is not ASCII.
DETECT_BYTES = 65_536
DETECT_MARGIN = 256

#: Bytes that UTF-8 can't hold, for each character beyond ASCII that it can, up to which a text still counts as
#: broken UTF-8 rather than as another encoding. In single-byte encodings almost no byte is half of such a pair.
MAX_BROKEN_SHARE = 0.25

LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
#: Characters that show nothing and would part a name in two: soft hyphen, zero-width space, word joiner, BOM.
INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
SURROGATES = re.compile("[\ud800-\udfff]")


class NotText(ValueError):  # noqa: N818 - what was found, not a fault of ours
    """The bytes are no text; the message says what they seem to be."""


def decode(raw: bytes, *, declared: str | None = None) -> str:
    """Return the characters that ``raw`` holds, or raise :class:`NotText`. ``declared`` is the charset of a header.

    The encoding is, in this order:

    1. the one that a byte order mark names;
    2. UTF-8, when there is more than ASCII and all bytes agree: other encodings look so by chance only in a few words;
    3. the one that a header or an HTML page names, when the bytes agree;
    4. UTF-8, when nearly all bytes agree: broken ones become U+FFFD;
    5. the one that chardet finds, or else Windows-1252.

    >>> decode("Москва сообщила".encode("utf-16"))
    'Москва сообщила'
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    _check_is_text(raw)
    for text in (_decode_as_utf8(raw), _decode_as(raw, declared), _decode_as(raw, _declared_in(raw))):
        if text is not None:
            return text
    if _is_nearly_utf8(raw):
        return raw.decode("utf-8", "replace")
    return raw.decode(_detect(raw), "replace")


def decode_source(raw: bytes, source: str, *, declared: str | None = None) -> str:
    """Do as :func:`decode` for bytes of a source, and name it where they are no text: raises ``SourceNotText``."""
    try:
        return decode(raw, declared=declared)
    except NotText as error:
        raise SourceNotText(source, str(error)) from error


def encoding_of(head: bytes) -> str:
    """Return the encoding of a stream of lines that begins with ``head``; UTF-8 where its bytes agree.

    >>> encoding_of("Zürich".encode("utf-16"))
    'utf-16'
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    whole = head[: head.rfind(b"\n") + 1] or head  # the last line may be cut within a character
    return "utf-8" if whole.isascii() or _is_nearly_utf8(whole) else _detect(head)


def decode_line(line: bytes, encoding: str) -> str:
    """Return the characters of one line in ``encoding``, or of one that has another in Windows-1252.

    >>> decode_line("Zürich".encode("cp1252"), "utf-8")
    'Zürich'
    """
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace") if encoding.startswith("utf-8") else line.decode(encoding, "replace")


def normalise(text: str) -> str:
    """Return ``text`` in the form that spans point into: NFC, ``\\n`` line ends, nothing unprintable.

    >>> normalise("Cafe\\u0301\\r\\nso\\u00adviet")
    'Café\\nsoviet'
    """
    text = LINE_ENDS.sub("\n", text)
    text = INVISIBLE.sub("", text)
    text = CONTROLS.sub(" ", text)
    text = SURROGATES.sub("\ufffd", text)
    return unicodedata.normalize("NFC", text)


def _check_is_text(raw: bytes) -> None:
    for signature, what in SIGNATURES:
        if raw.startswith(signature):
            raise NotText(f"this is {what}, not text")
    controls = len(raw) - len(raw.translate(None, CONTROL_BYTES))
    if controls > MAX_CONTROL_SHARE * len(raw) and not _is_bare_utf16(raw):
        raise NotText("this is binary data, not text")


def _is_bare_utf16(raw: bytes) -> bool:
    """Say whether chardet takes bytes with many zeros for UTF-16 or UTF-32 without a byte order mark."""
    return raw.count(0) > 0 and _detect(raw).lower().startswith(("utf-16", "utf-32"))


def _decode_as_utf8(raw: bytes) -> str | None:
    if raw.isascii():
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _declared_in(raw: bytes) -> str | None:
    found = META_CHARSET.search(raw[:META_BYTES])
    return found.group(1).decode("ascii") if found else None


def _decode_as(raw: bytes, name: str | None) -> str | None:
    if not name:
        return None
    try:
        return raw.decode(WEB_ALIASES.get(name.lower(), name))
    except (LookupError, UnicodeDecodeError, ValueError):
        return None


def _is_nearly_utf8(raw: bytes) -> bool:
    if 0 in raw and _is_bare_utf16(raw):
        return False
    text = raw.decode("utf-8", "replace")
    genuine = raw.count("\ufffd".encode())
    broken = text.count("\ufffd") - genuine
    if broken == 0:
        return True
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore")) - broken
    return broken <= MAX_BROKEN_SHARE * beyond_ascii


def _detect(raw: bytes) -> str:
    """Return the name of an encoding that Python knows, by chardet's judgement."""
    beyond = re.search(rb"[^\x01-\x7f]", raw)
    start = max(0, beyond.start() - DETECT_MARGIN) if beyond else 0
    start -= start % 4  # keeps UTF-16 and UTF-32 units whole
    found = chardet.detect(raw[start : start + DETECT_BYTES])["encoding"]
    if found is None or found.lower() in ("ascii", "utf-8"):
        return "cp1252"
    try:
        return codecs.lookup(found).name
    except LookupError:
        return "cp1252"
