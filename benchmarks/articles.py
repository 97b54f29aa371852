"""Pages to articles, against our own pages in tests/articles/pages: ``make bench-articles`` (``--errors`` lists slips).

- Body F1: the words of the article's body against those expected, as multisets; the title apart.
- Dates: right when day, time and offset are what the page says; where a page tells the day alone, that.
- Furniture: phrases of menus, comments and related links that must not be in the article.
- Speed: small pages a second on one core from a WARC file to articles, against trafilatura alone on the same pages,
  decoded, with the same options, one after the other and the best of several rounds each.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from communique.articles import Problem, read_named, read_source
from communique.articles.decode import decode
from communique.config import load_settings

PAGES = Path(__file__).parents[1] / "tests/articles/pages"
#: Times that all pages are read in one round of the speed test, and rounds.
TIMES, ROUNDS = 10, 5
#: The marks of the issue.
MEDIAN_MARK, WORST_BUT_TWO_MARK, DATES_MARK, RATIO_MARK = 0.95, 0.90, 0.95, 0.8


class Expected(msgspec.Struct, frozen=True):
    """What should be read of a page."""

    title: str
    published: str | None
    absent: tuple[str, ...]
    body: str


class Score(msgspec.Struct, frozen=True):
    """What was read of a page, judged."""

    name: str
    f1: float
    missing: Counter[str]
    added: Counter[str]
    published: str | None
    expected: str | None
    title_right: bool
    furniture: tuple[str, ...]


def expected_of(page: Path) -> Expected:
    """Return what stands beside a page: fields, an empty line, the body."""
    head, _, body = page.with_suffix(".txt").read_text("utf-8").partition("\n\n")
    fields = [line.partition(": ")[::2] for line in head.splitlines()]
    values = dict(fields)
    absent = tuple(value for name, value in fields if name == "absent")
    return Expected(values["title"], values.get("published") or None, absent, body.strip())


def pages() -> list[Path]:
    """Return the pages in order."""
    return sorted(PAGES.glob("*.html"))


def score(page: Path) -> Score:
    """Read a page and judge what was read."""
    expected = expected_of(page)
    article = read_source(str(page), settings=load_settings())
    body = article.text.removeprefix(f"{article.title}\n\n") if article.title else article.text
    wanted, found = Counter(expected.body.split()), Counter(body.split())
    common = (wanted & found).total()
    f1 = 2 * common / (wanted.total() + found.total())
    return Score(
        page.stem,
        f1,
        wanted - found,
        found - wanted,
        article.published,
        expected.published,
        article.title == expected.title,
        tuple(phrase for phrase in expected.absent if phrase in article.text),
    )


def warc_of(raws: list[bytes]) -> bytes:
    """Return a WARC file with these pages as answers of a web server."""
    out = io.BytesIO()
    for number, raw in enumerate(raws):
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + raw
        out.write(
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/{number}\r\n"
            f"WARC-Date: 2024-07-01T00:00:00Z\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        )
        out.write(body + b"\r\n\r\n")
    return out.getvalue()


def speeds() -> tuple[float, float]:
    """Return pages a second of Communiqué, from WARC to article, and of trafilatura alone."""
    import trafilatura

    raws = [page.read_bytes() for page in pages()] * TIMES
    texts = [decode(raw) for raw in raws]
    settings = load_settings()
    settings = msgspec.structs.replace(settings, articles=msgspec.structs.replace(settings.articles, keep_copies=False))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pages.warc")
        path.write_bytes(warc_of(raws))

        def ours() -> None:
            for item in read_named([str(path)], settings=settings):
                assert not (isinstance(item, Problem) and item.failed), item

        def bare() -> None:
            for text in texts:
                trafilatura.bare_extraction(text, favor_precision=True, include_comments=False, with_metadata=True)

        best = {ours: float("inf"), bare: float("inf")}
        for _ in range(ROUNDS):  # by turns, so that a busy machine is busy for both
            for run in best:
                best[run] = min(best[run], _seconds(run))
    return len(raws) / best[ours], len(raws) / best[bare]


def _seconds(run: Callable[[], None]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def report(scores: list[Score], *, errors: bool) -> Iterator[str]:
    """Yield the lines of the report."""
    f1 = sorted(one.f1 for one in scores)
    dates = [one.published == one.expected for one in scores]
    yield f"pages                    {len(scores)}"
    yield f"body F1, median          {statistics.median(f1):.3f}  (mark {MEDIAN_MARK})"
    yield f"body F1, worst but two   {f1[2]:.3f}  (mark {WORST_BUT_TWO_MARK}; worst {f1[0]:.3f})"
    yield f"dates right              {sum(dates) / len(dates):.1%}  (mark {DATES_MARK:.0%})"
    yield f"titles right             {sum(one.title_right for one in scores) / len(scores):.1%}"
    yield f"phrases of furniture     {sum(len(one.furniture) for one in scores)}  (mark 0)"
    if errors:
        for one in scores:
            slips = [f"date {one.published}, not {one.expected}"] if one.published != one.expected else []
            slips += [f"furniture {phrase!r}" for phrase in one.furniture]
            slips += [] if one.title_right else ["title"]
            slips += [f"missing {' '.join(one.missing)[:100]!r}"] if one.missing else []
            slips += [f"added {' '.join(one.added)[:100]!r}"] if one.added else []
            if slips:
                yield f"  {one.name} ({one.f1:.3f}): {'; '.join(slips)}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--errors", action="store_true", help="list what is wrong with each page")
    parser.add_argument("--no-speed", action="store_true", help="leave the speed test out")
    options = parser.parse_args()
    for line in report([score(page) for page in pages()], errors=options.errors):
        print(line)
    if not options.no_speed:
        ours, bare = speeds()
        print(
            f"pages a second           {ours:.0f} from WARC, {bare:.0f} with trafilatura alone: {ours / bare:.2f}",
            end="",
        )
        print(f"  (mark {RATIO_MARK})")


if __name__ == "__main__":
    main()
