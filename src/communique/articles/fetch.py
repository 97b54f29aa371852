"""Web addresses to bytes: politely, within limits, and never into a private network. The only user of httpx."""

from __future__ import annotations

import email.utils
import ipaddress
import os
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from communique.articles.archives import charset_of, inflate
from communique.articles.streams import Budget
from communique.config import ArticleSettings
from communique.errors import SourceNotFetched, SourceTooLarge, SourceUnsafe

if TYPE_CHECKING:
    import httpx

NAME = "communique"
#: What a robots.txt may be long (RFC 9309, 2.5, asks for 500 KiB at least); the rest is not looked at.
ROBOTS_BYTES = 512_000
#: Answers that may be another one soon.
PASSING = frozenset((429, 502, 503, 504))
#: Seconds before the second try; each further one waits twice as long. What a host asks for counts, up to the second.
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
#: The longest Crawl-delay in seconds that is kept; some hosts forbid crawling by asking for days.
LONGEST_INTERVAL = 30.0
REDIRECTS = frozenset((301, 302, 303, 307, 308))
STATUS_WORDS = {401: "a login is needed", 402: "it must be paid for", 403: "the host refuses it", 404: "no page there",
                410: "the page is gone", 429: "too many requests", 451: "withheld for legal reasons"}  # fmt: skip
HTTP_ERRORS = 400
SERVER_ERRORS = 500
SCHEMES = ("http", "https")
CODINGS = ("", "identity", "gzip", "x-gzip", "deflate")
CACHE_OFF = "off"


class Fetched(msgspec.Struct, frozen=True):
    """What an address gave: ``url`` is where it was at last, ``fetched`` when, ``charset`` what its host says."""

    url: str
    content: bytes
    charset: str | None
    fetched: str


class Fetcher:
    """Fetches web addresses. Several threads may do so with one; each host is asked by one of them at a time.

    Each host is asked no more often than the settings say, robots.txt is obeyed, answers are cached by HTTP's rules,
    and every address is checked before a connection is made: also after a redirect, and after the name is resolved.
    """

    def __init__(
        self,
        limits: ArticleSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open the cache; no connection is made yet."""
        import httpx

        self._limits, self._settings = limits, limits.fetch
        self._clock, self._sleep = clock, sleep
        contact = f"; {self._settings.contact}" if self._settings.contact else ""
        self._agent = f"{NAME}/{metadata.version(NAME)} (event coding of news{contact})"
        self._robots: dict[str, Any] = {}
        self._asked: dict[str, float] = {}
        self._turns: dict[str, threading.Lock] = {}
        headers = {
            "User-Agent": self._agent,
            "Accept": "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, */*;q=0.5",
            "Accept-Encoding": "gzip",
        }
        self._client = httpx.Client(
            transport=self._transport(), headers=headers, timeout=self._settings.timeout, follow_redirects=False
        )

    def close(self) -> None:
        """Close connections and cache."""
        self._client.close()

    def get(self, address: str) -> Fetched:
        """Return what is at an address; raise SourceNotFetched, SourceTooLarge or SourceUnsafe.

        1. check scheme and address, and what robots.txt says;
        2. wait until the host may be asked again;
        3. ask, and again after failures that may pass;
        4. follow a redirect by starting over with its address.
        """
        here = address
        for _ in range(self._settings.max_redirects + 1):
            self._check(address, here)
            if self._settings.robots and not self._may_fetch(address, here):
                raise SourceNotFetched(address, f"robots.txt of {_host(here)} forbids it")
            answer = self._ask(address, here, self._limits.max_bytes)
            if answer.status not in REDIRECTS:
                return self._fetched(address, here, answer)
            here = self._redirected(address, here, answer.headers)
        raise SourceNotFetched(address, f"redirects more than {self._settings.max_redirects} times")

    def _fetched(self, address: str, here: str, answer: _Answer) -> Fetched:
        if answer.status >= HTTP_ERRORS or not answer.content:
            reason = STATUS_WORDS.get(
                answer.status, "the host answers" if answer.status >= HTTP_ERRORS else "nothing there"
            )
            raise SourceNotFetched(address, f"{reason} (status {answer.status})")
        return Fetched(
            url=here,
            content=answer.content,
            charset=charset_of(answer.headers.get("content-type", "")),
            fetched=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _check(self, address: str, here: str) -> None:
        import httpx

        try:
            url = httpx.URL(here)
        except (httpx.InvalidURL, ValueError) as error:
            raise SourceNotFetched(address, f"this is no web address ({error})") from error
        if url.scheme not in SCHEMES or not url.host:
            raise SourceNotFetched(address, f"leads to {here!r}; only http:// and https:// addresses are fetched")
        if url.userinfo:
            raise SourceNotFetched(address, "addresses with a password in them are not fetched")

    def _redirected(self, address: str, here: str, headers: Mapping[str, str]) -> str:
        import httpx

        try:
            return str(httpx.URL(here).join(headers.get("location", "")))
        except (httpx.InvalidURL, ValueError) as error:
            raise SourceNotFetched(address, "redirects to what is no web address") from error

    def _may_fetch(self, address: str, here: str) -> bool:
        """Say whether robots.txt lets us (RFC 9309): a missing one does, one that can't be had does not."""
        origin = _origin(here)
        if origin not in self._robots:
            self._robots[origin] = self._robots_of(address, origin)
        rules = self._robots[origin]
        return rules is None or bool(rules.can_fetch(here, NAME))

    def _robots_of(self, address: str, origin: str) -> Any:
        from protego import Protego

        here = f"{origin}/robots.txt"
        for _ in range(self._settings.max_redirects + 1):
            self._check(address, here)
            answer = self._ask(address, here, ROBOTS_BYTES, cut=True)
            if answer.status not in REDIRECTS:
                break
            here = self._redirected(address, here, answer.headers)
        if answer.status >= SERVER_ERRORS:
            raise SourceNotFetched(address, f"robots.txt of {_host(origin)} can't be had (status {answer.status})")
        if answer.status >= HTTP_ERRORS or answer.status in REDIRECTS:
            return None
        return Protego.parse(answer.content.decode("utf-8", "replace"))

    def _ask(self, address: str, here: str, most: int, *, cut: bool = False) -> _Answer:
        """Ask for one address, again after failures that may pass."""
        wait = FIRST_WAIT
        for left in range(self._settings.retries, -1, -1):
            try:
                with self._turns.setdefault(_host(here), threading.Lock()):
                    self._wait_for(here)
                    answer = self._ask_once(address, here, most, cut=cut)
            except SourceNotFetched as error:
                if not left or not isinstance(error, _MayPass):
                    raise SourceNotFetched(error.source, error.reason) from error
                answer = None
            if answer is not None and (not left or answer.status not in PASSING):
                return answer
            self._sleep(_wait_asked(answer.headers, wait) if answer is not None else wait)
            wait *= 2
        raise AssertionError("the last try returns or raises")

    def _ask_once(self, address: str, here: str, most: int, *, cut: bool) -> _Answer:
        import httpx

        started = self._clock()
        parts: list[bytes] = []
        size = 0
        try:
            with self._client.stream("GET", here) as response:
                coding = response.headers.get("content-encoding", "").lower()
                for data in response.iter_raw():
                    parts.append(data)
                    size += len(data)
                    if size > most:
                        break
                    if self._clock() - started > self._settings.max_time:
                        raise SourceNotFetched(address, f"takes longer than {self._settings.max_time:g} seconds")
                status, headers = response.status_code, _headers(response.headers.raw)
        except SourceUnsafe as error:  # the guard knows the host, not what was asked for
            raise SourceUnsafe(
                address, f"{error.source} is a private address; --allow-private lets it be fetched"
            ) from error
        except httpx.TimeoutException as error:
            raise _MayPass(address, f"no answer within {self._settings.timeout:g} seconds") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, OSError) as error:
            raise _MayPass(
                address, f"no connection ({' '.join(str(error).split()) or type(error).__name__})"
            ) from error
        content = b"".join(parts)
        if size > most and not cut:
            raise SourceTooLarge(address, f"larger than articles.max_bytes = {most:,} allows")
        if coding not in CODINGS:
            raise SourceNotFetched(address, f"comes in a coding that was not asked for ({coding})")
        if content and coding not in ("", "identity"):
            budget = Budget(address, most=most, ratio=self._limits.max_ratio)
            content = inflate(address, content, most, budget)
        return _Answer(status, headers, content[:most])

    def _wait_for(self, here: str) -> None:
        """Wait until the host may be asked again."""
        origin = _origin(here)
        rules = self._robots.get(origin)
        interval = self._settings.interval
        if rules is not None and (delay := rules.crawl_delay(NAME)):
            interval = max(interval, min(float(delay), LONGEST_INTERVAL))
        host = _host(here)
        now = self._clock()
        if host in self._asked and (wait := self._asked[host] + interval - now) > 0:
            self._sleep(wait)
            now += wait
        self._asked[host] = max(now, self._clock())

    def _transport(self) -> Any:
        guard = _guard(self._settings.allow_private)
        folder = self._settings.cache
        if folder == CACHE_OFF:
            return guard
        from hishel import SqliteStorage
        from hishel.httpx import CacheTransport

        path = Path(folder or cache_folder())
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError:
            return guard  # a cache saves time; without a place for one, we do without
        return CacheTransport(guard, storage=SqliteStorage(database_path=path / "http.db"), rfc=True)


class _Answer(msgspec.Struct, frozen=True):
    """What a host said."""

    status: int
    headers: dict[str, str]
    content: bytes


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their names in lower case; a host may put any bytes into both, which httpx does not stand."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


class _MayPass(SourceNotFetched):
    """A failure that a further try may not meet."""


def cache_folder() -> Path:
    """Return the folder where answers are kept between runs, by the XDG rules."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / NAME


def _wait_asked(headers: Mapping[str, str], wait: float) -> float:
    """Return the seconds that Retry-After asks for, or ``wait``."""
    asked = headers.get("retry-after", "").strip()
    if asked.isdigit():
        return min(float(asked), LONGEST_WAIT)
    try:
        until = email.utils.parsedate_to_datetime(asked)
    except (TypeError, ValueError):
        return wait
    seconds = (until - datetime.now(until.tzinfo or UTC)).total_seconds()
    return min(max(seconds, wait), LONGEST_WAIT)


def _origin(address: str) -> str:
    import httpx

    url = httpx.URL(address)
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _host(address: str) -> str:
    import httpx

    return httpx.URL(address).host


def is_private(address: str) -> bool:
    """Say whether an IP address is none of the public internet's; IPv4 in IPv6 counts as what it stands for.

    >>> is_private("127.0.0.1"), is_private("::ffff:10.0.0.1"), is_private("93.184.216.34")
    (True, True, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            ip = inner
        elif ip in NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return not ip.is_global or ip.is_multicast


#: IPv4 addresses behind a translator (RFC 6052).
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _guard(allow_private: bool) -> httpx.BaseTransport:
    """Return the transport that connects only where it may.

    A name is resolved once and the connection made to the address that was checked, so that a name can't turn into a
    private address between the two. Behind a proxy the proxy resolves; what can be checked is checked all the same.
    """
    import httpx

    class Guard(httpx.BaseTransport):
        def __init__(self) -> None:
            self._direct = httpx.HTTPTransport()
            self._proxied: dict[str, httpx.HTTPTransport] = {}

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            host = request.url.host
            proxy = _proxy_for(request.url.scheme, host)
            if proxy is not None:
                if not allow_private and _is_literal(host) and is_private(host):
                    raise SourceUnsafe(host, "a private address")
                if proxy not in self._proxied:
                    self._proxied[proxy] = httpx.HTTPTransport(proxy=proxy)
                return _send(self._proxied[proxy], request)
            address = _resolve(host, request.url.port or (443 if request.url.scheme == "https" else 80))
            if not allow_private and is_private(address):
                raise SourceUnsafe(host, "a private address")
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # Host among them, made of the name
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            return _send(self._direct, pinned)

        def close(self) -> None:
            for transport in (self._direct, *self._proxied.values()):
                transport.close()

    def _send(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        """Ask, and once more at once where the host has closed a connection that was kept (RFC 9110, 9.2.2; GET only).

        That may happen at any moment between two questions, and says nothing of the host.
        """
        events: list[str] = []
        request.extensions = {**request.extensions, "trace": lambda event, info: events.append(event)}
        try:
            return transport.handle_request(request)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if "connection.connect_tcp.started" in events:
                raise
        return transport.handle_request(request)

    def _resolve(host: str, port: int) -> str:
        """Return the host's first address; when one of several is private, that one, so that it is refused."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"the name {host} is not known") from error
        addresses = [str(one[4][0]) for one in found]
        return next((one for one in addresses if not allow_private and is_private(one)), addresses[0])

    return Guard()


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _proxy_for(scheme: str, host: str) -> str | None:
    """Return the proxy that the environment names for a host, if any."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return proxy if proxy and not urllib.request.proxy_bypass(host) else None
