"""Mail: newsletters in EML files and mbox folders."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import parseaddr

from communique.articles.dates import parse_date
from communique.articles.decode import decode_source, normalise
from communique.articles.piece import Given, Piece, Problem, Reading, problem_of
from communique.articles.streams import Stream
from communique.articles.tables import raw_lines
from communique.errors import SourceDamaged, SourceEmpty, SourceError, SourceTooLarge, SourceUnsafe

#: A plain part with fewer characters than this only says that the other part should be read.
FEWEST_CHARACTERS = 200
#: Parts that a mail may have; newsletters have some ten, most of them pictures.
MOST_PARTS = 200
SIGNATURE = "\n-- \n"
#: How a message begins in an mbox folder (RFC 4155): after an empty line, or, in folders of careless programs, at
#: any line that has the date, too.
MESSAGE_START = b"From "
DATED_START = re.compile(rb"From \S{1,200}\s[^\n]{0,60}\d\d:\d\d[^\n]{0,40}\d{4}\s*$")


def read_mail(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the article of one mail."""
    yield _message(stream.source, stream.read_all(reading.limits.max_bytes), "mail")


def read_mbox(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the articles of the mails in an mbox folder, one mail in memory at a time."""
    most = reading.limits.max_bytes
    for number, raw in enumerate(_messages(stream, most), start=1):
        name = f"{stream.source}, message {number}"
        try:
            if len(raw) > most:
                raise SourceTooLarge(name, f"larger than articles.max_bytes = {most:,} allows")
            yield _message(name, raw, "mbox")
        except SourceError as error:
            yield problem_of(error)


def _messages(stream: Stream, most: int) -> Iterator[bytes]:
    """Yield messages; of one larger than ``most`` bytes only a little more than that."""
    lines: list[bytes] = []
    size, blank = 0, True
    for line in raw_lines(stream, most):
        if line.startswith(MESSAGE_START) and (blank or DATED_START.match(line)):
            if lines:
                yield b"".join(lines)
            lines, size = [], 0
        elif size <= most:
            lines.append(line[1:] if line.startswith(b">From ") else line)
            size += len(line)
        blank = not line.strip()
    if lines:
        yield b"".join(lines)


def _message(name: str, raw: bytes, reader: str) -> Piece:
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        form, text = _body(message, name)
        given = _given(message)
    except RecursionError as error:
        raise SourceUnsafe(name, "the parts of this mail are nested too deep") from error
    except (
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
    ) as error:  # the parser's own slips on broken headers
        raise SourceDamaged(name, f"this mail is broken ({type(error).__name__})") from error
    return Piece(name, form, text=text, raw=raw, given=given, reader=reader)  # type: ignore[arg-type]


def _body(message: EmailMessage, name: str) -> tuple[str, str]:
    """Return the plain part, or the HTML part where the plain one is missing or a stub."""
    texts: dict[str, str] = {}
    for number, part in enumerate(message.walk()):
        if number > MOST_PARTS:
            break
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html") or kind in texts or part.get_content_disposition() == "attachment":
            continue
        raw = part.get_payload(decode=True)
        if isinstance(raw, bytes) and raw.strip():
            texts[kind] = decode_source(raw, name, declared=part.get_content_charset())
    plain = normalise(texts.get("text/plain", "")).partition(SIGNATURE)[0]
    if "text/html" in texts and len(plain.strip()) < FEWEST_CHARACTERS:
        return "html", texts["text/html"]
    if not plain.strip():
        raise SourceEmpty(name, "there is no text in this mail")
    return "text", plain


def _given(message: EmailMessage) -> Given:
    sender, address = parseaddr(str(message.get("From", "")))
    published = parse_date(str(message.get("Date", "")))
    return Given(
        title=" ".join(str(message.get("Subject", "")).split()) or None,
        published=published,
        published_from="mail header Date" if published else None,
        publisher=sender or address.rpartition("@")[2] or None,
    )
