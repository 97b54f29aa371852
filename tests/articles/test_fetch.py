"""Fetching, against a server on this machine: nothing here leaves it."""

from __future__ import annotations

import gzip
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from communique.articles import OtherLanguage, Problem, Seen, Watch, read_named
from communique.articles.fetch import Fetcher, is_private
from communique.config import Settings, load_settings
from communique.errors import SourceError, SourceNotFetched, SourceTooLarge, SourceUnsafe
from communique.model import Article

TEXT = "Borduria rejected the offer of Syldavia on Monday, officials of both states said at the talks in Klow."
PAGE = f"<html><head><title>Talks fail</title></head><body><h1>Talks fail</h1><p>{TEXT}</p></body></html>".encode()

Answer = tuple[int, dict[str, str], bytes]


class Site:
    """A web site: paths to answers, and how often each was asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[BaseHTTPRequestHandler, int], Answer]] = {}
        self.asked: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.url = ""

    def put(self, path: str, body: bytes = PAGE, status: int = 200, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, {"Content-Type": "text/html", **named}, body)
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked[self.path] += 1
            site.agents.add(self.headers.get("User-Agent", ""))
            answer = site.answers.get(self.path, (404, {}, b""))
            status, headers, body = answer(self, site.asked[self.path]) if callable(answer) else answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def settings(**changes: object) -> Settings:
    base = load_settings()
    fetch = {"interval": 0.0, "allow_private": True, "cache": "off", "timeout": 2.0, **changes}
    of_articles = {name: fetch.pop(name) for name in ("max_bytes",) if name in fetch}
    changed = msgspec.structs.replace(
        base.articles, fetch=msgspec.structs.replace(base.articles.fetch, **fetch), **of_articles
    )
    return msgspec.structs.replace(base, articles=changed)


def fetcher(waits: list[float] | None = None, **changes: object) -> Fetcher:
    return Fetcher(settings(**changes).articles, sleep=(waits if waits is not None else []).append)


def refused(address: str, kind: type[SourceError] = SourceNotFetched, **changes: object) -> str:
    with pytest.raises(kind) as caught:
        fetcher(**changes).get(address)
    assert caught.value.source == address
    return caught.value.reason


def test_a_page_is_fetched_and_becomes_an_article(site: Site) -> None:
    address = site.put("/a", Content_Type="text/html; charset=utf-8")
    (item,) = read_named([address], settings=settings())
    assert not isinstance(item, Problem)
    name, article = item
    assert (name, article.title, article.url) == (address, "Talks fail", address)
    assert article.text == f"Talks fail\n\n{TEXT}"
    assert article.fetched is not None
    (agent,) = site.agents
    assert agent.startswith("communique/")


def test_lists_feeds_and_site_maps_lead_to_pages(site: Site, tmp_path: Path) -> None:
    first = site.put("/1", PAGE)
    second = site.put("/2", PAGE.replace(b"Monday", b"Tuesday").replace(b"offer", b"final plan"))
    (tmp_path / "list").write_text(f"# mine\n{first}\n{second}\n", "utf-8")
    sitemap = site.put(
        "/map.xml", f"<urlset><url><loc>{first}</loc></url><url><loc>{second}</loc></url></urlset>".encode()
    )
    index = site.put("/index.xml", f"<sitemapindex><sitemap><loc>{sitemap}</loc></sitemap></sitemapindex>".encode())
    for source in (str(tmp_path / "list"), sitemap, index):
        items = list(read_named([source], settings=settings()))
        assert [item[0] for item in items if not isinstance(item, Problem)] == [first, second]


def test_what_robots_txt_forbids_is_not_fetched(site: Site) -> None:
    address = site.put("/private/a")
    site.put("/robots.txt", b"User-agent: *\nDisallow: /\n\nUser-agent: communique\nDisallow: /private\n")
    assert refused(address) == "robots.txt of 127.0.0.1 forbids it"
    assert site.asked["/private/a"] == 0
    assert fetcher().get(site.put("/open")).content == PAGE
    assert fetcher(robots=False).get(address).content == PAGE


def test_a_robots_txt_that_fails_forbids_all(site: Site) -> None:
    site.put("/robots.txt", b"", 500)
    assert refused(site.put("/a")) == "robots.txt of 127.0.0.1 can't be had (status 500)"


def test_redirects_are_followed_to_a_limit_and_checked(site: Site) -> None:
    site.put("/b")
    assert fetcher().get(site.put("/a", b"", 302, Location="/b")).url == f"{site.url}/b"
    assert refused(site.put("/loop", b"", 301, Location="/loop")) == "redirects more than 5 times"
    assert "only http:// and https://" in refused(site.put("/file", b"", 302, Location="file:///etc/passwd"))
    site.put("/robots.txt", b"User-agent: *\nDisallow: /b\n")
    assert refused(f"{site.url}/a") == "robots.txt of 127.0.0.1 forbids it"


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
     "http://2130706433:{port}/", "http://0.0.0.0:{port}/", "http://169.254.169.254/", "http://10.0.0.1/",
     "http://0x7f.1:{port}/"],
)  # fmt: skip
def test_private_addresses_are_refused(site: Site, address: str) -> None:
    site.put("/")
    address = address.format(port=site.url.rpartition(":")[2])
    with pytest.raises((SourceUnsafe, SourceNotFetched)):
        fetcher(allow_private=False, retries=0).get(address)
    assert not site.asked


def test_private_addresses_are_refused_after_a_redirect_and_after_dns(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of the outside world lead to this machine, where the server says that it may be spoken to: then not."""
    from communique.articles import fetch

    inside = site.put("/inside")
    monkeypatch.setattr(fetch, "is_private", lambda address: address == "127.0.0.2")
    site.put("/out", b"", 302, Location=inside.replace("127.0.0.1", "127.0.0.2"))
    assert "127.0.0.2 is a private address" in refused(f"{site.url}/out", SourceUnsafe, allow_private=False)
    found = [(2, 1, 6, "", ("127.0.0.1", 80)), (2, 1, 6, "", ("127.0.0.2", 80))]
    monkeypatch.setattr(fetch.socket, "getaddrinfo", lambda *_, **__: found)
    reason = refused("http://news.example/", SourceUnsafe, allow_private=False)
    assert reason == "news.example is a private address; --allow-private lets it be fetched"


def test_is_private() -> None:
    private = ["10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "fc00::1", "fe80::1%eth0", "64:ff9b::7f00:1",
               "2002:7f00:1::", "224.0.0.1", "0.0.0.0", "255.255.255.255"]  # fmt: skip
    assert all(map(is_private, private))
    assert not any(map(is_private, ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]))


def test_sizes_are_limited(site: Site) -> None:
    large = b"<p>" + b"word " * 100_000
    assert "larger than articles.max_bytes" in refused(site.put("/a", large), SourceTooLarge, max_bytes=9999)
    bomb = gzip.compress(b"\0" * 50_000_000)
    reason = refused(site.put("/b", bomb, Content_Encoding="gzip"), SourceUnsafe, max_bytes=40_000_000)
    assert "expands to more than" in reason or "bytes expand" in reason
    fetched = fetcher().get(site.put("/c", gzip.compress(PAGE), Content_Encoding="gzip"))
    assert fetched.content == PAGE
    assert "coding that was not asked for" in refused(site.put("/d", b"x", Content_Encoding="br"))


def test_failures_that_may_pass_are_tried_again(site: Site) -> None:
    ok = (200, {"Content-Type": "text/html"}, PAGE)
    site.answers["/a"] = lambda _, times: ok if times > 2 else (503, {"Retry-After": "7"}, b"")
    waits: list[float] = []
    assert fetcher(waits).get(f"{site.url}/a").content == PAGE
    assert waits == [7.0, 7.0]
    assert refused(site.put("/gone", b"", 410)) == "the page is gone (status 410)"
    assert site.asked["/gone"] == 1
    assert refused(site.put("/busy", b"", 429)) == "too many requests (status 429)"
    assert site.asked["/busy"] == 3
    assert "no connection" in refused("http://127.0.0.1:9/", robots=False)


def test_a_server_that_stalls_or_drips_is_left(site: Site) -> None:
    def stall(*_: object) -> Answer:
        time.sleep(1.0)
        return (200, {}, PAGE)

    def drip(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(20):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                break
            time.sleep(0.1)
        return (200, {}, b"")

    site.answers.update({"/stall": stall, "/drip": drip})
    assert refused(f"{site.url}/stall", timeout=0.3, retries=0, robots=False) == "no answer within 0.3 seconds"
    assert refused(f"{site.url}/drip", max_time=0.3, retries=0, robots=False) == "takes longer than 0.3 seconds"


def test_a_host_is_asked_no_more_often_than_it_wants(site: Site) -> None:
    site.put("/robots.txt", b"User-agent: *\nCrawl-delay: 3\n")
    waits: list[float] = []
    now = [100.0]

    def sleep(seconds: float) -> None:
        waits.append(round(seconds, 3))
        now[0] += seconds

    polite = Fetcher(settings(interval=1.0).articles, clock=lambda: now[0], sleep=sleep)
    for path in ("/a", "/b"):
        polite.get(site.put(path))
    assert waits == [3.0, 3.0]


def test_answers_are_cached_and_asked_for_again_on_condition(site: Site, tmp_path: Path) -> None:
    site.put("/fresh", Cache_Control="max-age=600")
    conditions: list[str | None] = []

    def tagged(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        conditions.append(handler.headers.get("If-None-Match"))
        headers = {"ETag": '"1"', "Cache-Control": "no-cache", "Content-Type": "text/html"}
        return (304, headers, b"") if conditions[-1] else (200, headers, PAGE)

    site.answers["/tagged"] = tagged
    for _ in range(2):  # a second process finds what the first has kept
        one = fetcher(cache=str(tmp_path / "cache"))
        assert one.get(f"{site.url}/fresh").content == PAGE
        assert one.get(f"{site.url}/tagged").content == PAGE
        one.close()
    assert site.asked["/fresh"] == 1
    assert conditions == [None, '"1"']


@pytest.mark.parametrize(
    "address",
    ["http://", "http://a b/", "http://user:word@example.org/", "http://[::1", "http://\0/", "http://x:99999/"],
)
def test_what_is_no_address_is_named(address: str) -> None:
    (problem,) = read_named([address], settings=settings(retries=0))
    assert isinstance(problem, Problem)
    assert problem.line.startswith(f"{address}: ".replace("\0", "?"))  # the line can be shown anywhere


def test_charset_of_the_header_counts(site: Site) -> None:
    page = "<html><body><p>Переговоры в Женеве завершились в понедельник без совместного заявления.</p></body></html>"
    address = site.put("/a", page.encode("koi8-r"), Content_Type="text/html; charset=koi8-r")
    (item,) = read_named([address], settings=settings())
    assert isinstance(item, OtherLanguage)
    assert isinstance(item.article, Article)
    assert "Женеве" in item.article.text


def feed_of(site: Site, *items: tuple[str, str]) -> bytes:
    entries = "".join(
        f"<item><title>Talks {name}</title><link>{site.url}/{name}</link><guid>{name}</guid>"
        f"<pubDate>Wed, 22 Mar 2023 10:05:00 +0300</pubDate><description>{text}</description></item>"
        for name, text in items
    )
    return f"<rss version='2.0'><channel><title>Courier</title>{entries}</channel></rss>".encode()


LONG = " ".join(f"The envoy of state {n} told the council that point {n * 3} was not met." for n in range(20))


def long_text(seed: str) -> str:
    """A text that is no copy of another seed's."""
    chance = random.Random(seed)
    words = "the envoy of a state told council that ministers would meet again about borders water and trade".split()
    return ". ".join(" ".join(chance.choices(words, k=12)).capitalize() for _ in range(20))


def looked(site: Site, seen: Path, *feeds: str) -> tuple[list[str], list[str]]:
    """Look once, as a new process would; return addresses of what is new, and the lines of problems."""
    with Watch(feeds, settings=settings(retries=0), seen=Seen(seen)) as watching:
        items = list(watching.look())
    new = [item[1].url or "" for item in items if not isinstance(item, Problem)]
    return new, [item.line for item in items if isinstance(item, Problem)]


def test_watching_gives_what_is_new_once_and_outlives_bad_feeds(site: Site, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    site.put("/one")
    feed = site.put("/feed", feed_of(site, ("one", "A teaser."), ("two", LONG)))
    bad = site.put("/bad", b"<html>No feed</html>")
    new, lines = looked(site, seen, bad, f"{site.url}/none", feed)
    assert new == [f"{site.url}/two", f"{site.url}/one"]  # the oldest stands last in a feed
    assert lines == [f"{bad}: there are no items in this feed", f"{site.url}/none: no page there (status 404)"]
    assert site.asked["/two"] == 0  # the feed has its whole text
    assert looked(site, seen, feed) == ([], [])
    site.put("/three", PAGE.replace(b"Monday", b"Tuesday").replace(b"offer", b"final plan"))
    site.put("/feed", feed_of(site, ("three", ""), ("one", "A teaser."), ("two", LONG)))
    seen.write_bytes(seen.read_bytes() + b"cut o")  # a kill in the middle of a line
    assert looked(site, seen, feed) == ([f"{site.url}/three"], [])
    assert looked(site, seen, feed) == ([], [])


def test_a_feed_that_stalls_holds_up_no_other_host(site: Site, tmp_path: Path) -> None:
    """The first host answers only when the second, behind it in the list, has been asked for its last feed."""
    asked, feeds = threading.Event(), {n: feed_of(site, (n, long_text(n))) for n in ("one", "two", "three")}

    def stalls(*_: object) -> Answer:
        assert asked.wait(5)
        return 200, {}, feeds["one"]

    def last(*_: object) -> Answer:
        asked.set()
        return 200, {}, feeds["three"]

    site.answers |= {"/stalls": stalls, "/two.xml": (200, {}, feeds["two"]), "/last": last}
    other = site.url.replace("127.0.0.1", "localhost")
    new, lines = looked(site, tmp_path / "seen", f"{site.url}/stalls", f"{other}/two.xml", f"{other}/last")
    assert (new, lines) == ([f"{site.url}/{n}" for n in ("one", "two", "three")], [])


def test_a_host_is_asked_by_one_thread_at_a_time(site: Site, tmp_path: Path) -> None:
    busy = threading.Lock()

    def alone(handler: BaseHTTPRequestHandler, _: int) -> Answer:
        assert busy.acquire(blocking=False)
        time.sleep(0.01)
        busy.release()
        return 200, {}, feed_of(site, (handler.path[1:], long_text(handler.path)))

    paths = [f"/{n}" for n in range(12)]
    site.answers |= dict.fromkeys(paths, alone)
    new, lines = looked(site, tmp_path / "seen", *(site.url + path for path in paths))
    assert (new, lines) == ([site.url + path for path in paths], [])


def test_a_feed_from_the_web_leads_to_the_pages_of_its_teasers(site: Site, tmp_path: Path) -> None:
    site.put("/one")
    feed = site.put("/feed", feed_of(site, ("one", "A teaser."), ("two", LONG)))
    items = [item for item in read_named([feed], settings=settings()) if not isinstance(item, Problem)]
    assert [article.url for _, article in items] == [f"{site.url}/one", f"{site.url}/two"]
    assert site.asked["/two"] == 0
    (tmp_path / "feed.xml").write_bytes(site.answers["/feed"][2])  # type: ignore[index]
    local = list(read_named([str(tmp_path / "feed.xml")], settings=settings()))
    assert [item[1].text[-9:] for item in local if not isinstance(item, Problem)] == ["A teaser.", " not met."]


def test_a_feeds_date_counts_for_its_pages(site: Site, tmp_path: Path) -> None:
    site.put("/one")
    feed = site.put("/feed", feed_of(site, ("one", "A teaser.")))
    with Watch([feed], settings=settings(), seen=Seen(tmp_path / "seen")) as watching:
        (item,) = watching.look()
    assert not isinstance(item, Problem)
    assert (item[1].published, item[1].published_from) == ("2023-03-22T10:05:00+03:00", "feed")


def test_an_item_that_can_not_be_had_is_tried_again_and_given_up(site: Site, tmp_path: Path) -> None:
    feed = site.put("/feed", feed_of(site, ("gone", "")))
    with Watch([feed], settings=settings(), seen=Seen(tmp_path / "seen")) as watching:
        assert [len(list(watching.look())) for _ in range(5)] == [1, 1, 1, 0, 0]


def test_a_feed_that_is_no_text_is_named_and_the_others_go_on(site: Site, tmp_path: Path) -> None:
    feed = site.put("/feed", feed_of(site, ("two", LONG)))
    noise = site.put("/noise", bytes(range(32)) * 20)
    assert looked(site, tmp_path / "seen", noise, feed) == (
        [f"{site.url}/two"], [f"{noise}: this is binary data, not text"]
    )  # fmt: skip
