"""The errors that Communiqué raises. Imports nothing of ours.

::

    CommuniqueError              anything that this library raises on purpose
    ├── SourceError              a source can't be read as an article
    │   ├── SourceNotFound       there is no such file or folder
    │   ├── SourceUnreadable     it is there, but the system does not let it be read
    │   ├── SourceEmpty          there is no text in it
    │   ├── SourceNotText        it is a picture, an archive, a program, ...
    │   ├── SourceTooLarge       it is larger than the settings allow
    │   ├── SourceDamaged        it is cut short or broken
    │   ├── SourceUnsafe         it would do harm: a bomb, nesting without end, a private address
    │   └── SourceNotFetched     the network or its rules do not give it
    ├── ConfigError              a settings file is wrong
    ├── ModelError               the language model's files are missing or damaged
    ├── RecordError              the record can't be opened, read or written; the message names the file
    │   ├── RecordNotFound       there is no such file
    │   ├── RecordBusy           another process has the file
    │   └── QueryError           a question to the record is wrong
    │       └── QueryStopped     it took longer than allowed
    └── DataError                a data file (atlas, lexicon, codebook) is wrong

Each message is one line that a person can act on.
"""

from __future__ import annotations


class CommuniqueError(Exception):
    """Anything that this library raises on purpose."""


class SourceError(CommuniqueError):
    """A source can't be read as an article. ``source`` names it, ``reason`` says why.

    >>> str(SourceEmpty("a.txt", "there is no text in it"))
    'a.txt: there is no text in it'
    """

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"{source}: {reason}")

    def __reduce__(self) -> tuple[type[SourceError], tuple[str, str]]:
        """Pickle by both parts, so that the error can cross a process boundary."""
        return (type(self), (self.source, self.reason))


class SourceNotFound(SourceError):  # noqa: N818 - the family's name says that it is an error
    """There is no such file or folder."""


class SourceUnreadable(SourceError):  # noqa: N818
    """The source is there, but the system does not let it be read."""


class SourceEmpty(SourceError):  # noqa: N818
    """There is no text in the source."""


class SourceNotText(SourceError):  # noqa: N818
    """The source is a picture, an archive, a program, ..."""


class SourceTooLarge(SourceError):  # noqa: N818
    """The source is larger than the settings allow."""


class SourceDamaged(SourceError):  # noqa: N818
    """The source is cut short or broken."""


class SourceUnsafe(SourceError):  # noqa: N818
    """Reading the source would do harm: it expands without end, or leads to a private address."""


class SourceNotFetched(SourceError):  # noqa: N818
    """The network, the host or its robots.txt do not give the source."""


class ConfigError(CommuniqueError):
    """A settings file is wrong."""


class ModelError(CommuniqueError):
    """The language model's files are missing or damaged."""


class DataError(CommuniqueError):
    """A data file (atlas, lexicon, codebook) is wrong."""


class RecordError(CommuniqueError):
    """The record can't be opened, read or written. ``path`` names the file, ``reason`` says why.

    >>> str(RecordNotFound("news.duckdb", "there is no such file"))
    'news.duckdb: there is no such file'
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")

    def __reduce__(self) -> tuple[type[RecordError], tuple[str, str]]:
        """Pickle by both parts, so that the error can cross a process boundary."""
        return (type(self), (self.path, self.reason))


class RecordNotFound(RecordError):  # noqa: N818 - the family's name says that it is an error
    """There is no such record."""


class RecordBusy(RecordError):  # noqa: N818
    """Another process has the record."""


class QueryError(RecordError):
    """A question to the record is wrong."""


class QueryStopped(QueryError):  # noqa: N818
    """A question to the record took longer than allowed."""
