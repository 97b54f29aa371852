"""ZIP, tar and WARC: files in files. Nothing is ever written to where an archive says."""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import tarfile
import zipfile
import zlib
from base64 import b32encode, b64encode
from collections.abc import Iterator
from typing import IO

from communique.articles.dates import parse_date
from communique.articles.piece import Given, Piece, Problem, Reading, printable, problem_of
from communique.articles.streams import CHUNK_BYTES, Budget, Stream
from communique.errors import SourceDamaged, SourceError, SourceNotText

#: Digests of WARC records that are checked; of others nothing is known.
DIGESTS = frozenset(["md5", "sha1", "sha256", "sha512"])
#: Set in the flags of an encrypted member (APPNOTE.TXT, 4.4.4).
ENCRYPTED = 0x1
#: What a broken archive makes the standard library raise.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
TAR_ERRORS = (tarfile.TarError, EOFError, OSError, ValueError, OverflowError)

#: A WARC record's headers are shorter than this, and so are those of the HTTP response in it.
HEADER_BYTES = 65_536
#: Kinds of WARC records that hold what a reader would see.
WARC_TYPES = frozenset(("response", "resource", "conversion"))
#: The others that there are; any further word is taken for damage, and named.
OTHER_WARC_TYPES = frozenset(("warcinfo", "request", "metadata", "revisit", "continuation"))
#: Content types that hold articles; what has no type is looked at.
TEXT_TYPES = frozenset(
    ("", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", "application/rss+xml",
     "application/atom+xml", "application/http")
)  # fmt: skip
HTTP_OK = "200"
FOLDED = re.compile(r"\r?\n[ \t]+")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]{0,100}\r\n")


def read_zip(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the files of a ZIP archive, each expanded only as far as it is read."""
    file = stream.seekable(reading.budget.spend)
    try:
        archive = zipfile.ZipFile(file)
    except ZIP_ERRORS as error:
        raise SourceDamaged(stream.source, "the ZIP archive is cut short or broken") from error
    packed = file.seek(0, io.SEEK_END)
    begun = reading.budget.spent
    with archive:
        for member in archive.infolist():
            if not member.filename or member.is_dir() or _is_hidden(member.filename):
                continue  # is_dir() looks at the last character
            name = f"{stream.source}/{printable(member.filename)}"
            if member.flag_bits & ENCRYPTED:
                yield Problem(name, f"{name}: this file is encrypted; unpack it with its password first")
                continue
            try:
                data = archive.open(member)
            except ZIP_ERRORS as error:
                yield Problem(name, f"{name}: this file of the archive is broken ({error})")
                continue
            with data:
                reading.budget.check_ratio(packed, reading.budget.spent - begun)  # members may share their bytes
                guarded = _Member(data, name, reading.budget, member.compress_size)
                yield Piece(name, "file", stream=Stream(guarded, name))  # type: ignore[arg-type]


def read_tar(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the files of a tar archive as they come; links and devices are left out."""
    found = False
    try:
        with tarfile.open(fileobj=stream.buffered(), mode="r|", errorlevel=1) as archive:
            for member in archive:
                if not member.isfile() or _is_hidden(member.name):
                    continue
                found = True
                name = f"{stream.source}/{printable(member.name)}"
                data = archive.extractfile(member)
                if data is not None:
                    guarded = _Member(data, name, reading.budget, None)
                    yield Piece(name, "file", stream=Stream(guarded, name))  # type: ignore[arg-type]
    except TAR_ERRORS as error:
        raise SourceDamaged(stream.source, f"the tar archive is cut short or broken ({error})") from error
    if not found:
        raise SourceDamaged(stream.source, "there are no files in this tar archive")


class _Member:
    """A file in an archive, read within the budget."""

    def __init__(self, file: IO[bytes], name: str, budget: Budget, packed: int | None) -> None:
        self._file, self._name, self._budget, self._packed = file, name, budget, packed
        self._out = 0

    def seekable(self) -> bool:
        return False

    def read(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except ZIP_ERRORS as error:
            if isinstance(error, SourceError):
                raise
            raise SourceDamaged(self._name, f"this file of the archive is broken ({error})") from error
        except tarfile.TarError as error:
            raise SourceDamaged(self._name, "the archive is cut short here") from error
        self._out += len(data)
        self._budget.spend(len(data))
        if self._packed is not None:
            self._budget.check_ratio(self._packed, self._out)
        return data


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in posixpath.normpath(name).split("/"))


def read_warc(stream: Stream, detail: str, reading: Reading) -> Iterator[Piece | Problem]:
    """Yield the pages and texts of a WARC file: answers with status 200, resources, and conversions to text."""
    file = stream.buffered()
    number = 0
    while (headers := _warc_headers(file, stream.source)) is not None:
        number += 1
        name = f"{stream.source}, record {number}"
        length = _length(headers, name)
        address = printable(headers.get("warc-target-uri", "").strip("<> "))
        wanted = headers.get("warc-type") in WARC_TYPES and not address.startswith("dns:")
        body = file.read(min(length, reading.limits.max_bytes + HEADER_BYTES)) if wanted else b""
        if wanted and len(body) < min(length, reading.limits.max_bytes + HEADER_BYTES):
            raise SourceDamaged(name, "the WARC file is cut short here")
        _skip(file, length - len(body), name)
        if headers.get("warc-type") not in WARC_TYPES | OTHER_WARC_TYPES:
            told = printable(headers.get("warc-type", ""))
            yield problem_of(SourceDamaged(name, f"there is no WARC type {told!r}; the record is left out"))
        if wanted:
            try:
                if len(body) == length:
                    _check_digest(headers.get("warc-block-digest", ""), body, name)
                yield from _warc_piece(f"{name} ({address})" if address else name, headers, body, reading)
            except SourceError as error:
                yield problem_of(error)


def _warc_headers(file: io.BufferedReader, source: str) -> dict[str, str] | None:
    """Return the next record's headers in lower case, or None at the end."""
    line = file.readline(HEADER_BYTES)
    while line in (b"\r\n", b"\n"):
        line = file.readline(HEADER_BYTES)
    if not line:
        return None
    if not line.startswith(b"WARC/"):
        raise SourceDamaged(source, f"no WARC record begins where one should ({line[:20]!r})")
    return _headers(_until_blank(file, source))


def _until_blank(file: io.BufferedReader, source: str) -> bytes:
    lines, size = [], 0
    while (line := file.readline(HEADER_BYTES)) not in (b"\r\n", b"\n"):
        size += len(line)
        if not line or size > HEADER_BYTES:
            raise SourceDamaged(source, "the headers of a WARC record have no end")
        lines.append(line)
    return b"".join(lines)


def _headers(raw: bytes) -> dict[str, str]:
    """Return headers by their names in lower case; of a repeated one the first, with folded lines joined."""
    headers: dict[str, str] = {}
    for line in FOLDED.sub(" ", raw.decode("utf-8", "replace")).splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return headers


def _length(headers: dict[str, str], name: str) -> int:
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise SourceDamaged(name, "this WARC record does not say its length")
    return int(length)


def _check_digest(told: str, body: bytes, name: str) -> None:
    """Raise SourceDamaged where a record's block is not what its writer took the digest of (WARC 1.1, section 5.8)."""
    algorithm, _, value = told.partition(":")
    algorithm = algorithm.strip().lower().replace("-", "")
    if algorithm not in DIGESTS or not value:
        return
    digest = hashlib.new(algorithm, body, usedforsecurity=False).digest()
    written = digest.hex(), b32encode(digest).decode().lower(), b64encode(digest).decode().lower()
    if value.strip().lower().rstrip("=") not in {one.rstrip("=") for one in written}:
        raise SourceDamaged(name, "the record's bytes are not those of its digest; it is left out")


def _skip(file: io.BufferedReader, size: int, name: str) -> None:
    while size > 0:
        data = file.read(min(size, CHUNK_BYTES))
        if not data:
            raise SourceDamaged(name, "the WARC file is cut short here")
        size -= len(data)


def _warc_piece(name: str, headers: dict[str, str], body: bytes, reading: Reading) -> Iterator[Piece | Problem]:
    content_type = headers.get("content-type", "")
    if headers.get("warc-type") == "response" and body.startswith(b"HTTP/"):
        head, _, body = body.partition(b"\r\n\r\n") if b"\r\n\r\n" in body[:HEADER_BYTES] else body.partition(b"\n\n")
        status, _, rest = head.partition(b"\n")
        if HTTP_OK.encode() not in status.split()[1:2]:
            return
        http = _headers(rest)
        content_type = http.get("content-type", "")
        if content_type.partition(";")[0].strip().lower() in TEXT_TYPES:
            body = _decoded(name, http, body, reading)
    if content_type.partition(";")[0].strip().lower() not in TEXT_TYPES or not body.strip():
        return
    given = Given(
        url=headers.get("warc-target-uri", "").strip("<> ") or None, fetched=parse_date(headers.get("warc-date", ""))
    )
    yield Piece(
        name,
        "file",
        given=given,
        reader="warc",
        charset=charset_of(content_type),
        stream=Stream(io.BytesIO(body), name),
    )


def charset_of(content_type: str) -> str | None:
    """Return the charset that a Content-Type names.

    >>> charset_of("text/html; charset=koi8-r")
    'koi8-r'
    """
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", content_type, re.IGNORECASE)
    return found[1] if found else None


def _decoded(name: str, http: dict[str, str], body: bytes, reading: Reading) -> bytes:
    """Return the body without chunks and content coding: archives keep them, or not, and the headers stay."""
    if "chunked" in http.get("transfer-encoding", "").lower() and CHUNK_SIZE.match(body):
        body = _unchunked(body)
    coding = http.get("content-encoding", "").lower()
    if coding in ("gzip", "x-gzip", "deflate") and body.lstrip()[:1] != b"<":
        return inflate(name, body, reading.limits.max_bytes, reading.budget)
    if coding == "br" and body.lstrip()[:1] != b"<":
        raise SourceNotText(name, "its content is compressed with Brotli, which is not read")
    return body


def _unchunked(body: bytes) -> bytes:
    parts, position = [], 0
    while (match := CHUNK_SIZE.match(body, position)) is not None and (size := int(match[1], 16)):
        parts.append(body[match.end() : match.end() + size])
        position = match.end() + size + len(b"\r\n")
    return b"".join(parts)


def inflate(name: str, body: bytes, most: int, budget: Budget) -> bytes:
    """Return a gzip or deflate body of HTTP, expanded to ``most`` bytes or raise SourceError."""
    windows = (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS)  # gzip or zlib by their header; bare deflate
    for window in windows:
        expander = zlib.decompressobj(window)
        try:
            data = expander.decompress(body, most + 1)
        except zlib.error:
            continue
        budget.spend(len(data))
        budget.check_ratio(len(body), len(data))
        return data
    raise SourceDamaged(name, "its compressed content is broken")
