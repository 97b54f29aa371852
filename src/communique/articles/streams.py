"""Bytes that come in a stream: looked into before they are read, expanded within limits, never all in memory."""

from __future__ import annotations

import bz2
import io
import lzma
import tempfile
import zlib
from collections.abc import Callable
from typing import IO, Protocol

from communique.errors import SourceDamaged, SourceTooLarge, SourceUnreadable, SourceUnsafe

#: Bytes of a source that are looked at to tell what it is. Page furniture before the first tag that tells is shorter.
HEAD_BYTES = 65_536
#: Bytes read and expanded at a time.
CHUNK_BYTES = 262_144
#: Bytes that any source may expand to, whatever the ratio: short runs of blanks compress well and do no harm.
FREE_BYTES = 10_000_000
#: Bytes kept in memory before a stream that must be read from its end goes to a temporary file.
SPOOL_BYTES = 16_000_000
#: zlib: read gzip headers.
GZIP_WINDOW = 31


class Budget:
    """What one source, with all that lies in it, may still expand to.

    >>> Budget("a.gz", most=100, ratio=200).spend(101)
    Traceback (most recent call last):
        ...
    communique.errors.SourceUnsafe: a.gz: expands to more than articles.max_expanded_bytes = 100
    """

    def __init__(self, source: str, *, most: int, ratio: int) -> None:
        self.source, self.most, self.ratio = source, most, ratio
        self.spent = 0

    def spend(self, size: int) -> None:
        """Count ``size`` expanded bytes; raise SourceUnsafe when they are more than all that is allowed."""
        self.spent += size
        if self.spent > self.most:
            raise SourceUnsafe(self.source, f"expands to more than articles.max_expanded_bytes = {self.most:,}")

    def check_ratio(self, packed: int, expanded: int) -> None:
        """Raise SourceUnsafe when ``packed`` bytes became more than the settings allow."""
        if expanded > FREE_BYTES and expanded > self.ratio * max(packed, 1):
            raise SourceUnsafe(
                self.source,
                f"{packed:,} bytes expand to more than {expanded:,}, beyond articles.max_ratio = {self.ratio}",
            )


class Stream:
    """A binary file that can be looked into. ``source`` names it in what goes wrong.

    >>> stream = Stream(io.BytesIO(b"From a to z"), "a.txt")
    >>> stream.head(4), stream.read_all(100)
    (b'From', b'From a to z')
    """

    def __init__(self, file: IO[bytes], source: str) -> None:
        self.source = source
        self._file = file
        self._head = b""

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """Return up to ``size`` first bytes without using them up."""
        while len(self._head) < size and (more := self._read(size - len(self._head))):
            self._head += more
        return self._head[:size]

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most ``size``; none at the end."""
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        return self._read(size)

    def read_all(self, most: int) -> bytes:
        """Return all that is left, or raise SourceTooLarge when that is more than ``most`` bytes."""
        parts, size = [], 0
        while data := self.read(min(CHUNK_BYTES, most + 1 - size)):
            parts.append(data)
            size += len(data)
            if size > most:
                raise SourceTooLarge(self.source, f"larger than articles.max_bytes = {most:,} allows")
        return b"".join(parts)

    def buffered(self) -> io.BufferedReader:
        """Return what is left as a file with lines."""
        return io.BufferedReader(_Raw(self.read), CHUNK_BYTES)

    def seekable(self, spend: Callable[[int], None]) -> IO[bytes]:
        """Return what is left as a file that can be read from its end: itself, or a copy that ``spend`` counts."""
        if not self._head_used() and self._file.seekable():
            self._file.seek(0)
            return self._file
        spooled = tempfile.SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115 - closed by who reads it
        while data := self.read(CHUNK_BYTES):
            spend(len(data))
            spooled.write(data)
        spooled.seek(0)
        return spooled

    def _head_used(self) -> bool:
        return self._file.seekable() and self._file.tell() != len(self._head)

    def _read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            raise SourceUnreadable(self.source, error.strerror or str(error)) from error


class _Raw(io.RawIOBase):
    """A read function as a raw file."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._take = read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._take(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Expander(Protocol):
    """What the standard library's decompressors have in common."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


#: Compressed forms: how they begin, what they are called, what expands them, and what that raises.
COMPRESSED: tuple[tuple[bytes, str, Callable[[], _Expander]], ...] = (
    (b"\x1f\x8b\x08", "gzip", lambda: zlib.decompressobj(GZIP_WINDOW)),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", "xz", lzma.LZMADecompressor),
)
BROKEN = (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError)


def compression_of(head: bytes) -> str | None:
    """Return the name of the compression that bytes begin with.

    >>> compression_of(b"BZh91AY"), compression_of(b"Borduria")
    ('bzip2', None)
    """
    return next((name for mark, name, _ in COMPRESSED if head.startswith(mark)), None)


def expand(stream: Stream, name: str, budget: Budget) -> Stream:
    """Return the stream that a compressed one holds: all its members, one after the other.

    Reading raises SourceDamaged at the place where it is cut short or broken, and SourceUnsafe where it grows beyond
    the budget.
    """
    return Stream(_Expanded(stream, name, budget), stream.source)  # type: ignore[arg-type]


class _Expanded:
    """A compressed stream, read as what it holds."""

    def __init__(self, stream: Stream, name: str, budget: Budget) -> None:
        self._stream, self._name, self._budget = stream, name, budget
        self._make = next(make for _, form, make in COMPRESSED if form == name)
        self._expander: _Expander | None = None
        self._packed = b""
        self._in = self._out = 0

    def seekable(self) -> bool:
        return False

    def read(self, size: int) -> bytes:
        while True:
            if not self._packed and not self._needs_no_input():
                self._packed = self._stream.read(CHUNK_BYTES)
                self._in += len(self._packed)
            if self._expander is None:
                self._packed = self._packed.lstrip(b"\0")  # padding between members
                if not self._packed:
                    return b""
                self._expander = self._make()
            data = self._step(size)
            if data:
                self._out += len(data)
                self._budget.spend(len(data))
                self._budget.check_ratio(self._in, self._out)
                return data

    def _needs_no_input(self) -> bool:
        """Say whether the expander holds input that it has not turned into output yet."""
        return self._expander is not None and not getattr(self._expander, "needs_input", True)

    def _step(self, size: int) -> bytes:
        expander = self._expander
        assert expander is not None
        if not self._packed and not self._needs_no_input():
            raise SourceDamaged(self._stream.source, f"the {self._name} data is cut short")
        try:
            data = expander.decompress(self._packed, size)
        except BROKEN as error:
            raise SourceDamaged(self._stream.source, f"the {self._name} data is broken") from error
        self._packed = getattr(expander, "unconsumed_tail", b"")
        if expander.eof:
            self._packed = getattr(expander, "unused_data", b"")
            self._expander = None
        return data
