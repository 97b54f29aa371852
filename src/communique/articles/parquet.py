"""The headers of a Parquet file's pages, looked at before anything is unpacked.

pyarrow believes each page about its own size: a page of a hundred bytes that says two billion takes two billion. So the
headers of the pages that will be read are read first; they are small structs in Thrift's compact protocol [1, 2].

[1] https://parquet.apache.org/docs/file-format/metadata/
[2] https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import IO, Any

from communique.articles.streams import Budget
from communique.errors import SourceDamaged

#: Longest header of a page: one holds the least and the largest value, which may be texts.
LONGEST_HEADER = 16_000_000
FIRST_LOOK = 4_096
#: Fields of a page's header, and of the header of a page of a dictionary within it.
UNPACKED, PACKED, DICTIONARY, VALUES = 2, 3, 7, 1
#: Fields of the footer, of a row group, of a column in it, and of what is told of that.
GROUPS, COLUMNS, TOLD, PATH, CHUNK_SIZE, OFFSETS = 4, 1, 3, 3, 7, (9, 11)
#: Deepest struct or list.
DEEPEST = 12


def check_pages(file: IO[bytes], columns: Collection[str], budget: Budget) -> None:
    """Look at the headers of all pages of some columns, and leave the file where it was.

    Raises ``SourceUnsafe`` where a page expands too far, ``SourceDamaged`` where its header is no header, tells of more
    bytes than its column has, or of more words in a dictionary than there are bytes.
    """
    place = file.tell()
    try:
        for chunk in _chunks(_footer(file)):
            if chunk.column in columns:
                _check_chunk(file, chunk, budget)
    except (ValueError, EOFError, KeyError, TypeError, AttributeError) as error:
        raise SourceDamaged(
            budget.source, f"the Parquet file is broken ({str(error) or 'it ends too soon'})"
        ) from error
    file.seek(place)


@dataclass(frozen=True)
class Chunk:
    """The pages of a column in a row group: where they begin and end."""

    column: str
    start: int
    end: int


def _footer(file: IO[bytes]) -> dict[int, Any]:
    """Read what the file says of itself; pyarrow, asked for this, ends the process where a type was changed."""
    end = file.seek(-8, io.SEEK_END)
    size = int.from_bytes(file.read(4), "little")
    file.seek(end - size)
    return _struct(io.BytesIO(file.read(size)), DEEPEST)


def _chunks(footer: dict[int, Any]) -> Iterator[Chunk]:
    for group in footer[GROUPS]:
        for column in group[COLUMNS]:
            told = column[TOLD]
            start = min(told[offset] for offset in OFFSETS if offset in told)
            yield Chunk(told[PATH][0].decode("utf-8", "replace"), start, start + told[CHUNK_SIZE])


def _check_chunk(file: IO[bytes], chunk: Chunk, budget: Budget) -> None:
    at = chunk.start
    while at < chunk.end:
        header, size = _header(file, at, chunk.end)
        packed, unpacked = header[PACKED], header[UNPACKED]
        words = header.get(DICTIONARY, {}).get(VALUES, 0)
        if not 0 <= packed <= chunk.end - at - size or unpacked < 0 or not 0 <= words <= 8 * unpacked:
            raise ValueError("a page says a size that it can't have")
        budget.check_ratio(packed, unpacked)
        at += size + packed


def _header(file: IO[bytes], at: int, end: int) -> tuple[dict[int, Any], int]:
    """Return the header of the page at ``at``, and how many bytes it takes; a short look is enough for nearly all."""
    look = FIRST_LOOK
    while True:
        file.seek(at)
        data = file.read(min(look, end - at))
        stream = io.BytesIO(data)
        try:
            return _struct(stream, DEEPEST), stream.tell()
        except EOFError:
            if len(data) < look or look >= LONGEST_HEADER:
                raise
            look *= 16


# --- Thrift's compact protocol ------------------------------------------------------------------------------

TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
WHOLE = frozenset([4, 5, 6])


def _struct(stream: IO[bytes], deepest: int) -> dict[int, Any]:
    """Read a struct: its fields by number.

    >>> _struct(io.BytesIO(bytes([0x15, 0x04, 0x15, 0xC8, 0x01, 0x00])), 1)
    {1: 2, 2: 100}
    """
    fields: dict[int, Any] = {}
    number = 0
    while (head := _byte(stream)) != 0:
        number = number + (head >> 4) if head >> 4 else _whole(stream)
        fields[number] = _value(stream, head & 15, deepest)
    return fields


def _value(stream: IO[bytes], kind: int, deepest: int) -> Any:
    if kind in (TRUE, FALSE):
        return kind == TRUE
    if kind == BYTE:
        return _byte(stream)
    if kind in WHOLE:
        return _whole(stream)
    if kind == DOUBLE:
        return _bytes(stream, 8)
    if kind == BINARY:
        return _bytes(stream, _varint(stream))
    if kind in (LIST, SET):
        return _list(stream, deepest)
    if kind == STRUCT and deepest:
        return _struct(stream, deepest - 1)
    raise ValueError(f"no value is of kind {kind} here")


def _list(stream: IO[bytes], deepest: int) -> list[Any]:
    head = _byte(stream)
    count = head >> 4 if head >> 4 < 15 else _varint(stream)
    if not deepest:
        raise ValueError("lists in lists")
    kind = head & 15
    if kind in (TRUE, FALSE):
        return [_byte(stream) == TRUE for _ in range(count)]
    return [_value(stream, kind, deepest - 1) for _ in range(count)]


def _whole(stream: IO[bytes]) -> int:
    value = _varint(stream)
    return (value >> 1) ^ -(value & 1)


def _varint(stream: IO[bytes]) -> int:
    value = 0
    for place in range(10):
        byte = _byte(stream)
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value
    raise ValueError("a number without an end")


def _byte(stream: IO[bytes]) -> int:
    return _bytes(stream, 1)[0]


def _bytes(stream: IO[bytes], count: int) -> bytes:
    if count > LONGEST_HEADER:
        raise ValueError(f"a value of {count:,} bytes in a header")
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
