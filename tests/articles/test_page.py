"""HTML pages to Article: the body and nothing else."""

from __future__ import annotations

import pytest

from communique.articles.page import article_from_page, is_other_xml, is_page

BLOG = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"><html><head>
<title>World Notes: Two leaders meet</title></head><body><div id="header"><a href="/">World Notes</a></div>
<div id="main"><div class="post hentry"><h2 class="date-header">Wednesday, March 22, 2023</h2>
<h1 class="post-title">Two leaders meet</h1><div class="post-body entry-content">The president of Borduria met the
president of Syldavia on Tuesday, and they had very many things to tell each other.<br /><br />He said &#8220;we
agree&#8221; on <b>many</b> things and more. Khemed <a href="x">asked</a> for clarity, in a letter that was long.
<br /><br />The last one is short.</div><div class="post-footer">Posted by Bob at 10:00</div></div>
<div id="comments"><h4>2 comments:</h4><dl><dt>Ann said...</dt><dd class="comment-body"><p>Bob is right that Sondonesia
should attack San Theodoros now, and I have many more words to say about it.</p></dd></dl></div></div>
<div id="sidebar"><h2>Popular posts</h2><ul><li><a href="z">Nuevo Rico attacks in a new war of words</a></li></ul>
<p>The author is a teacher who lives in Klow and has threatened to write more of this.</p></div>
<div id="footer">Copyright 2021 World Notes</div></body></html>"""

NEWS = """<html><head><title>Talks fail - The Klow Courier</title>
<meta property="og:title" content="Talks fail"><meta property="og:site_name" content="The Klow Courier">
<meta name="author" content="Ann Lee"><meta property="article:published_time" content="2023-03-22T10:00:00Z">
<link rel="canonical" href="https://example.org/talks"></head><body><nav><ul><li><a href="/">Home</a></li></ul></nav>
<article><h1>Talks fail</h1><p>Borduria rejected the offer of Syldavia on Monday, officials of both states said.</p>
<blockquote><p>“There is nothing to add to what we said before,” the minister told them.</p></blockquote>
<ul><li>A first demand of the statement</li><li>A second demand of the statement</li></ul></article>
<aside><p>Subscribe to our newsletter, which attacks everybody each morning.</p></aside></body></html>"""


def test_blog_gives_its_post_alone() -> None:
    article = article_from_page(BLOG)
    assert article is not None
    assert article.text.split("\n\n") == [
        "Two leaders meet",
        "The president of Borduria met the president of Syldavia on Tuesday, and they had very many things to tell "
        "each other.",
        "He said “we agree” on many things and more. Khemed asked for clarity, in a letter that was long.",
        "The last one is short.",
    ]
    assert (article.title, article.published, article.reader) == ("Two leaders meet", "2023-03-22", "html")


def test_news_page_with_metadata() -> None:
    article = article_from_page(NEWS, published="1999-01-01")
    assert article is not None
    assert article.text.split("\n\n") == [
        "Talks fail",
        "Borduria rejected the offer of Syldavia on Monday, officials of both states said.",
        "“There is nothing to add to what we said before,” the minister told them.",
        "A first demand of the statement",
        "A second demand of the statement",
    ]
    assert article.title == "Talks fail"
    assert article.published == "2023-03-22T10:00:00+00:00"
    assert article.published_from == "meta article:published_time"
    assert article.publisher == "The Klow Courier"
    assert article.author == "Ann Lee"
    assert article.url == "https://example.org/talks"


def test_given_date_stands_in() -> None:
    article = article_from_page("<p>Borduria rejected the offer of Syldavia on Monday.</p>", published="2023-03-22")
    assert article is not None
    assert article.published == "2023-03-22"


def test_reading_is_deterministic() -> None:
    assert [article_from_page(BLOG) for _ in range(3)] == [article_from_page(BLOG)] * 3


@pytest.mark.parametrize("html", ["<html></html>", "<p></p>", "<script>alert('x')</script>", "<!DOCTYPE html>"])
def test_page_without_text_gives_none(html: str) -> None:
    assert article_from_page(html) is None


def test_deep_nesting_does_no_harm() -> None:
    depth = 50_000
    article_from_page("<div>" * depth + "<p>Borduria rejected the offer.</p>" + "</div>" * depth)


@pytest.mark.parametrize(
    ("text", "page", "other_xml"),
    [
        ("<!DOCTYPE html><p>x", True, False),
        ("\n<!-- saved from x -->\n<HTML>", True, False),
        ('<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html>', True, False),
        ("<p>A piece of a page.</p>", True, False),
        ("He wrote <p> in the text.", False, False),
        ("<Reuters> said so", False, False),
        ("<b>x", True, False),
        ("< less than", False, False),
        ('<?xml version="1.0"?><rss version="2.0"><channel>', False, True),
        ("<feed xmlns='http://www.w3.org/2005/Atom'>", False, True),
    ],
)
def test_pages_are_known_by_content(text: str, page: bool, other_xml: bool) -> None:
    assert (is_page(text), is_other_xml(text)) == (page, other_xml)
