"""Pages in the manner of real sites of three decades: their text and date, and nothing of what stands around it.

The pages and what is expected of each lie in ``pages/``; ``make bench-articles`` prints the figures.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from benchmarks.articles import DATES_MARK, MEDIAN_MARK, WORST_BUT_TWO_MARK, pages, score

from communique.articles import Problem, read_sources
from communique.config import load_settings

#: No page has fewer of its words right than this; the lowest had 0.97 when the floor was set.
FLOOR = 0.9


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_page(page: Path) -> None:
    found = score(page)
    assert found.f1 >= FLOOR, (found.missing, found.added)
    assert found.furniture == ()


def test_marks() -> None:
    scores = [score(page) for page in pages()]
    assert len(scores) >= 30
    assert statistics.median(one.f1 for one in scores) >= MEDIAN_MARK
    assert sorted(one.f1 for one in scores)[2] >= WORST_BUT_TWO_MARK
    assert sum(one.published == one.expected for one in scores) >= DATES_MARK * len(scores)


@pytest.mark.parametrize(
    ("html", "published", "where"),
    [
        ('<meta property="article:published_time" content="2023-03-22T10:00:00+03:00">', "2023-03-22T10:00:00+03:00",
         "meta article:published_time"),
        ('<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "datePublished": "2023-03-22"}]}'
         "</script>", "2023-03-22", "JSON-LD"),
        ('<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2023-03-22",}</script>',
         "2023-03-22", "JSON-LD"),
        ('<script type="application/ld+json">{"@type": "WebPage", "datePublished": "1970-01-01"}</script>'
         '<meta name="pubdate" content="20230322">', "2023-03-22", "meta pubdate"),
        ('<time class="entry-date" datetime="2023-03-22T10:00">today</time>', "2023-03-22T10:00:00", "time element"),
        ("", "2022-12-01", "page text"),
    ],
)  # fmt: skip
def test_where_the_date_is_found(tmp_path: Path, html: str, published: str, where: str) -> None:
    text = "<p>Borduria rejected the offer of Syldavia, officials of both states said at the talks in Klow.</p>" * 3
    path = tmp_path / "a.html"
    path.write_text(f"<html><head>{html}</head><body><h1>Talks</h1><p>1 December 2022</p>{text}</body></html>", "utf-8")
    (article,) = read_sources([str(path)], settings=load_settings())
    assert not isinstance(article, Problem)
    assert (article.published, article.published_from) == (published, where)
