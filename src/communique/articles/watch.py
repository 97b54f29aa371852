"""Feeds over time: what is new in them since the last look, remembered across restarts."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue

from communique.articles.copies import Copies
from communique.articles.feeds import Entry, parse_feed, piece_of
from communique.articles.piece import Problem, problem_of
from communique.articles.sources import Library, Named, sift
from communique.config import Settings
from communique.errors import ConfigError, SourceError
from communique.model import content_id

#: Looks after which an item that can't be had is given up.
MOST_TRIES = 3
#: Hosts that are asked for their feeds at once, so that one that stalls does not hold up the others.
HOSTS_AT_ONCE = 8


class Seen:
    """The items that were handled, in a file to which a line is added for each: what a kill cuts off is one line.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "seen")
    >>> Seen(path).add("a1"), "a1" in Seen(path)
    (None, True)
    """

    def __init__(self, path: Path) -> None:
        """Read what was seen before; raise ConfigError when the file can't be used."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = path.read_bytes() if path.exists() else b""
            if raw and not raw.endswith(b"\n"):
                path.write_bytes(raw := raw[: raw.rfind(b"\n") + 1])
            path.open("ab").close()
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or 'can not be used'}") from error
        self._ids = set(raw.decode("ascii", "replace").split())

    def __contains__(self, item: str) -> bool:
        """Say whether an item was handled."""
        return item in self._ids

    def add(self, item: str) -> None:
        """Remember an item, in the file first; raise ConfigError when that can't be written, as on a full disk."""
        try:
            with self._path.open("ab") as file:
                file.write(item.encode("ascii", "replace") + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ConfigError(f"{self._path}: {error.strerror or 'can not be written'}") from error
        self._ids.add(item)


class Watch:
    """Looks at feeds again and again, and gives each new item once."""

    def __init__(self, feeds: Iterable[str], *, settings: Settings, seen: Seen, copies: Copies | None = None) -> None:
        """Watch the feeds at these addresses; nothing is fetched yet."""
        self._feeds, self._settings, self._seen = tuple(feeds), settings, seen
        self._copies = copies or Copies(likeness=settings.articles.copy_likeness)
        self._library = Library(settings, None)
        self._failed: Counter[str] = Counter()
        self._ended = threading.Event()

    def __enter__(self) -> Watch:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close connections; a host that is being waited for is left to itself."""
        self._ended.set()
        self._library.__exit__()

    def look(self) -> Iterator[Named]:
        """Yield what is new in the feeds, the oldest first; an item counts as handled when the next one is asked for.

        A feed that fails is a Problem, and the others go on.
        """
        coming = self._ask_for_feeds()
        for feed in self._feeds:
            try:
                entries = coming[feed].result()
            except SourceError as error:
                yield problem_of(error)
                continue
            for entry in reversed(entries):
                key = content_id(feed, entry.id)
                if key not in self._seen:
                    yield from self._handle(feed, entry, key)

    def _ask_for_feeds(self) -> Mapping[str, Future[tuple[Entry, ...]]]:
        """Ask several hosts at once, each for one feed after the other, by threads that nobody has to wait for."""
        self._library.open_fetcher()
        coming: dict[str, Future[tuple[Entry, ...]]] = {feed: Future() for feed in self._feeds}
        hosts: dict[str, list[str]] = {}
        for feed in coming:
            hosts.setdefault("/".join(feed.lower().split("/", 3)[:3]), []).append(feed)
        waiting: SimpleQueue[Sequence[str]] = SimpleQueue()
        for feeds in hosts.values():
            waiting.put(feeds)

        def ask() -> None:
            try:
                while not self._ended.is_set():
                    for feed in waiting.get_nowait():
                        self._ask_for(feed, coming[feed])
            except Empty:
                return

        for _ in range(min(HOSTS_AT_ONCE, len(hosts))):
            threading.Thread(target=ask, daemon=True).start()
        return coming

    def _ask_for(self, feed: str, coming: Future[tuple[Entry, ...]]) -> None:
        try:
            coming.set_result(parse_feed(self._library.fetch(feed).content, feed))
        except BaseException as error:  # whoever waits for the feed raises it
            coming.set_exception(error)

    def _handle(self, feed: str, entry: Entry, key: str) -> Iterator[Named]:
        name = entry.given.url or f"{feed} ({entry.given.title or entry.id})"
        try:
            for item in self._library.read_item(piece_of(entry, name), fetch=True):
                yield item if isinstance(item, Problem) else sift(*item, settings=self._settings, copies=self._copies)
        except SourceError as error:
            yield problem_of(error)
            self._failed[key] += 1
            if self._failed[key] < MOST_TRIES:
                return
        self._seen.add(key)
