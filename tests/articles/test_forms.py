"""What people really have: each form of source, told by its content, gives the articles that lie in it."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import tarfile
import tracemalloc
import zipfile
from base64 import b32encode, b64encode
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from communique.articles import Copy, Notice, OtherLanguage, Problem, read_named
from communique.config import Settings, load_settings
from communique.model import Article

FIRST = "Borduria rejected the offer of Syldavia on Monday, officials of both states said in Klow."
SECOND = "Syldavia has asked the council for a meeting on the matter, the ministry said on Tuesday."
PAGE = (
    f"<!DOCTYPE html><html><head><title>Talks fail</title></head><body><article><p>{FIRST}</p></article></body></html>"
)
#: The most that reading a stream of any size may hold: a few chunks, the buffers of a decompressor.
MEMORY = 40_000_000


def settings(**changes: object) -> Settings:
    base = load_settings()
    return msgspec.structs.replace(base, articles=msgspec.structs.replace(base.articles, **changes))


def read(path: Path | str, **changes: object) -> tuple[list[Article], list[Problem]]:
    articles, problems = [], []
    for item in read_named([str(path)], settings=settings(**changes)):
        if isinstance(item, Problem):
            assert "\n" not in item.line
            assert item.line.startswith(f"{item.source}: "), item
            problems.append(item)
        else:
            assert item[1].id
            articles.append(item[1])
    return articles, problems


def lines_of(problems: Iterable[Problem], path: Path) -> list[str]:
    """Name the file IT, and numbers of bytes N: they differ between versions of zlib."""
    return [re.sub(r"\d+,\d+(,\d+)?", "N", problem.line.replace(str(path), "IT")) for problem in problems]


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return out.getvalue()


def tarred(mode: str = "w", **files: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, raw in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return out.getvalue()


def warc(
    body: bytes,
    *,
    kind: str = "response",
    status: str = "200 OK",
    headers: str = "Content-Type: text/html",
    digest: str = "",
) -> bytes:
    if kind == "response":
        body = f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://example.org/a\r\n"
        f"WARC-Date: 2023-03-22T10:00:00Z\r\n"
        f"Content-Type: {'application/http' if kind == 'response' else 'text/plain'}\r\n"
        f"Content-Length: {len(body)}\r\n"
    )
    head += f"WARC-Block-Digest: {digest}\r\n" if digest else ""
    return head.encode() + b"\r\n" + body + b"\r\n\r\n"


def parquet(**columns: list[object]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def jsonl(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


MAIL = f"""From: The Desk <desk@example.org>
To: readers@example.org
Subject: =?utf-8?q?Talks_fail_in_Z=C3=BCrich?=
Date: Wed, 22 Mar 2023 10:05:00 -0400
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="x"

--x
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

{FIRST}

{SECOND}
{SECOND}
=E2=80=9CNo=E2=80=9D.
--x
Content-Type: text/html; charset=utf-8

<html><body><p>{FIRST}</p></body></html>
--x--
""".encode()

RSS = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>The Klow Courier</title><item><title>Talks fail</title><link>https://example.org/1</link>
<pubDate>Wed, 22 Mar 2023 10:05:00 +0300</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>{FIRST}</p><ul><li>{SECOND}</li></ul>]]></content:encoded></item>
<item><title>Nothing</title></item></channel></rss>""".encode()

ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Courier</title><entry><title>Talks fail</title>
<id>urn:1</id><updated>2023-03-22T10:05:00Z</updated><link href="https://example.org/1"/>
<content type="html">&lt;p&gt;{FIRST}&lt;/p&gt;</content></entry></feed>""".encode()

NITF = f"""<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "nitf-3-4.dtd"><nitf><head><title>t</title><docdata>
<date.issue norm="20230322T100500Z"/></docdata><pubdata name="Klow Wire"/></head><body><body.head><hedline>
<hl1>Talks fail</hl1></hedline><byline>By a reporter</byline></body.head><body.content><p>{FIRST}</p>
<media><p>A picture.</p></media><p>{SECOND}</p></body.content></body></nitf>""".encode()

NEWSML = f"""<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet><newsItem guid="urn:1"><itemMeta>
<versionCreated>2023-03-22T10:05:00Z</versionCreated><provider literal="Klow Wire"/></itemMeta><contentMeta>
<headline>Talks fail</headline><by>A reporter</by></contentMeta><contentSet>
<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>
<body><p>{FIRST}</p><p>{SECOND}</p></body></html></inlineXML></contentSet></newsItem></itemSet></newsMessage>""".encode()

NEXIS = f"""

                               1 of 2 DOCUMENTS

                                The Klow Courier

                             March 22, 2023 Wednesday

Talks fail

BYLINE: By a reporter

SECTION: A; Pg. 1

LENGTH: 512 words

BODY:

{FIRST.replace(" on Monday", chr(10) + "on Monday")}

{SECOND}

LOAD-DATE: March 23, 2023

Copyright 2023 The Klow Courier

                               2 of 2 DOCUMENTS

                                The Klow Courier

                             March 23, 2023 Thursday

HEADLINE: Talks go on

LENGTH: 9 words

BODY:

{SECOND}
""".encode()

FACTIVA = f"""HD
Talks fail
WC
512 words
PD
22 March 2023
ET
10:05 AM
SN
Klow Wire
LP
{FIRST}

TD
{SECOND}

Document KLOW000020230322ej3m000p1

HD
Talks go on
PD
23 March 2023
SN
Klow Wire
LP
{SECOND}

Document KLOW000020230323ej3m000p2
""".encode()

ROW = {"title": "Talks fail", "body": FIRST, "date": "2023-03-22T10:05:00Z", "source": {"name": "Courier"}}
CSV = f'\ufefftitle;body;date\n"Talks ""fail""";"{FIRST}\n\n{SECOND}";2023-03-22\n;;\n'.encode()
OTHER = "Quite another matter is on the table today."
BOTH = f"{FIRST}\n\n{SECOND}"


@pytest.mark.parametrize(
    ("raw", "texts", "title", "published", "publisher"),
    [
        (gzip.compress(FIRST.encode()), [FIRST], None, None, None),
        (gzip.compress(FIRST[:50].encode()) + gzip.compress(FIRST[50:].encode()) + b"\0" * 99, [FIRST], None, None,
         None),
        (bz2.compress(FIRST.encode()), [FIRST], None, None, None),
        (lzma.compress(PAGE.encode()), [f"Talks fail\n\n{FIRST}"], "Talks fail", None, None),
        (zipped(a=FIRST.encode(), **{"b/c": PAGE.encode(), ".d": b"x", "__MACOSX/e": b"y"}), [FIRST], None, None, None),
        (zipped(a=zipped(b=gzip.compress(FIRST.encode()))), [FIRST], None, None, None),
        (tarred(a=FIRST.encode()), [FIRST], None, None, None),
        (tarred("w:gz", a=FIRST.encode(), b=SECOND.encode()), [FIRST, SECOND], None, None, None),
        (warc(PAGE.encode()) + warc(b"", status="404 Not Found"), [f"Talks fail\n\n{FIRST}"], "Talks fail", None,
         "example.org"),
        (gzip.compress(warc(b"", kind="warcinfo")) + gzip.compress(warc(FIRST.encode(), kind="conversion")), [FIRST],
         None, None, None),
        (warc(gzip.compress(PAGE.encode()), headers="Content-Type: text/html\r\nContent-Encoding: gzip"),
         [f"Talks fail\n\n{FIRST}"], "Talks fail", None, "example.org"),
        (warc(f"{len(PAGE):x}\r\n{PAGE}\r\n0\r\n\r\n".encode(), headers="Transfer-Encoding: chunked"),
         [f"Talks fail\n\n{FIRST}"], "Talks fail", None, "example.org"),
        (warc(b"\x89PNG", headers="Content-Type: image/png") + warc(FIRST.encode(), headers="Content-Type: text/plain"),
         [FIRST], None, None, None),
        (jsonl(ROW, {**ROW, "body": SECOND}), [f"Talks fail\n\n{FIRST}", f"Talks fail\n\n{SECOND}"], "Talks fail",
         "2023-03-22T10:05:00+00:00", "Courier"),
        (json.dumps([ROW], indent=1).encode(), [f"Talks fail\n\n{FIRST}"], "Talks fail", "2023-03-22T10:05:00+00:00",
         "Courier"),
        (json.dumps({"status": "ok", "articles": [ROW]}, indent=1).encode(), [f"Talks fail\n\n{FIRST}"], "Talks fail",
         "2023-03-22T10:05:00+00:00", "Courier"),
        (CSV, [f'Talks "fail"\n\n{BOTH}'], 'Talks "fail"', "2023-03-22", None),
        (f"id\ttext\n1\t{FIRST}\n2\t{SECOND}\n".encode(), [FIRST, SECOND], None, None, None),
        (f"id\ttext\n1\t{FIRST}\n".encode("utf-16"), [FIRST], None, None, None),
        (f"id;text\n1;“{FIRST}”\n".encode("cp1252"), [f"“{FIRST}”"], None, None, None),
        (parquet(text=[FIRST, SECOND], url=["https://example.org/1", None]), [FIRST, SECOND], None, None, None),
        (MAIL, [f"Talks fail in Zürich\n\n{BOTH}\n{SECOND}\n“No”."], "Talks fail in Zürich",
         "2023-03-22T10:05:00-04:00", "The Desk"),
        (b"From desk@example.org Wed Mar 22 10:05:00 2023\n" + MAIL
         + b"\nFrom desk@example.org Wed Mar 22 10:06:00 2023\n"
         + MAIL.replace(FIRST.encode(), OTHER.encode()),
         [f"Talks fail in Zürich\n\n{BOTH}\n{SECOND}\n“No”.",
          f"Talks fail in Zürich\n\n{OTHER}\n\n{SECOND}\n{SECOND}\n“No”."],
         "Talks fail in Zürich", "2023-03-22T10:05:00-04:00", "The Desk"),
        (RSS, [f"Talks fail\n\n{BOTH}"], "Talks fail", "2023-03-22T10:05:00+03:00", "The Klow Courier"),
        (ATOM, [f"Talks fail\n\n{FIRST}"], "Talks fail", "2023-03-22T10:05:00+00:00", "Courier"),
        (NITF, [f"Talks fail\n\n{BOTH}"], "Talks fail", "2023-03-22T10:05:00+00:00", "Klow Wire"),
        (NEWSML, [f"Talks fail\n\n{BOTH}"], "Talks fail", "2023-03-22T10:05:00+00:00", "Klow Wire"),
        (NEXIS, [f"Talks fail\n\n{BOTH}", f"Talks go on\n\n{SECOND}"], "Talks fail", "2023-03-22", "The Klow Courier"),
        (FACTIVA, [f"Talks fail\n\n{BOTH}", f"Talks go on\n\n{SECOND}"], "Talks fail", "2023-03-22T10:05:00",
         "Klow Wire"),
    ],
    ids="gzip members bzip2 xz zip nested tar tgz warc wet warc-gzip warc-chunks warc-types jsonl array service csv "
    "tsv utf16 cp1252 parquet mail mbox rss atom nitf newsml nexis factiva".split(),
)  # fmt: skip
def test_form(
    tmp_path: Path, raw: bytes, texts: list[str], title: str | None, published: str | None, publisher: str | None
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(raw)
    articles, problems = read(path, keep_copies=True)
    assert [article.text for article in articles][: len(texts)] == texts
    assert (articles[0].title, articles[0].published, articles[0].publisher) == (title, published, publisher)
    assert (articles[0].published_from is None) == (published is None)
    assert all(article.language == "en" for article in articles)
    assert not [problem.line for problem in problems if problem.failed and "no text" not in problem.line]


def test_a_stream_on_standard_input_is_any_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(zipped(a=FIRST.encode(), b=SECOND.encode()))))
    articles, _ = read("-")
    assert [article.text for article in articles] == [FIRST, SECOND]


def test_guessed_columns_are_said_and_named_ones_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl(ROW, {**ROW, "body": SECOND}))
    _, (notice,) = read(path)
    assert isinstance(notice, Notice)
    assert not notice.failed
    assert "text from 'body', title from 'title', published from 'date'" in notice.line
    columns = msgspec.structs.replace(load_settings().articles.columns, text="title")
    articles, _ = read(path, columns=columns)
    assert articles[0].text == "Talks fail"


BOMB = jsonl(ROW) + b"\n" * 30_000_000


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (gzip.compress(FIRST.encode() * 100)[:-30], ["IT: the gzip data is cut short"]),
        (gzip.compress(b"")[:10] + b"\x07" * 200, ["IT: the gzip data is broken"]),
        (gzip.compress(BOMB), ["IT: N bytes expand to more than N, beyond articles.max_ratio = 200"]),
        (zipped(a=FIRST.encode(), b=BOMB), ["IT: N bytes expand to more than N, beyond articles.max_ratio = 200"]),
        (zipped(a=FIRST.encode())[:-40], ["IT: the ZIP archive is cut short or broken"]),
        (zipped(**{"word/document.xml": b"<w/>"}), ["IT: this is an office document, not text; save it as plain "
                                                   "text or as a web page"]),
        (tarred(a=b"x" * 20_000)[:9000], ["IT/a: the archive is cut short here",
                                             "IT: the tar archive is cut short or broken (unexpected end of data)"]),
        (warc(PAGE.encode())[:-60], ["IT, record 1: the WARC file is cut short here"]),
        (b"WARC/1.0\r\n" + b"x" * 100_000, ["IT: the headers of a WARC record have no end"]),
        (warc(PAGE.encode(), kind="rdsponse"),
         ["IT, record 1: there is no WARC type 'rdsponse'; the record is left out"]),
        (b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", ["IT, record 1: this WARC record does not say its length"]),
        (warc(FIRST.encode(), headers="Content-Encoding: br"),
         ["IT, record 1 (https://example.org/a): its content is compressed with Brotli, which is not read"]),
        (jsonl(ROW) + b'{"body": "x\n' + jsonl([1]), ["IT, line 2: this is not JSON (Input data was truncated)",
                                                      "IT, line 3: this is JSON, but not an object with named values"]),
        (b"[" * 100_000 + b"{}", ["IT: there are no words in it"]),
        (b'{"a": ' + b"[" * 100_000 + b"}\n1", ["IT, line 1: this JSON is nested too deep",
                                                "IT, line 2: this is JSON, but not an object with named values"]),
        (b'{"x": 1}\n', ["IT, line 1: this table has no column that looks like an article's text; it has: x; name "
                         "one with --text-column"]),
        (b"a,b,c\n1,2,3\n4,5,6\n7,8,9\n", ["IT: this table has no column that looks like an article's text; it has: "
                                           "a, b, c; name one with --text-column"]),
        (b'id,text\n1,"open\n2,more\n', ["IT: a quotation mark is never closed"]),
        (b"id,text,url\n1,two\n", ["IT, row 1: this row has 2 cells, and the table 3 columns"]),
        (b"PAR1" + b"x" * 100, ["IT: the Parquet file is cut short or broken (Parquet magic bytes not found in footer. "
                                "Either the file is corrupted or this is not a parquet file.)"]),
        (b"<rss><channel><item><title>x</title></item></channel></rss>",
         ["IT, item 1: the feed gives no text of this item"]),
        (b'<!DOCTYPE rss [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss><channel><title>&b;</title></channel></rss>',
         ["IT: this XML declares entities, which can expand without end; it is not read"]),
        (b'<?xml version="1.0"?><!DOCTYPE nitf [<!ENTITY a "aa">]><nitf><body>&a;</body></nitf>',
         ["IT: this XML declares entities, which can expand without end; it is not read"]),
        (b"<rss>" + b"<a>" * 100_000, ["IT: this XML is nested more than 200 deep"]),
        (b"<nitf>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</nitf>", ["IT: there is no text in this news item"]),
        (b"<nitf><p>", ["IT: this XML is broken (no element found: line 1, column 9)"]),
        (b"<urlset></urlset>", ["IT: there are no addresses in this site map"]),
        (MAIL.partition(b"\n\n")[0] + b"\n\n", ["IT: there is no text in this mail"]),
    ],
    ids="cut-gzip broken-gzip gzip-bomb zip-bomb cut-zip office cut-tar cut-warc endless-warc warc-type warc-length "
    "brotli bad-json brackets deep-json no-text no-columns open-quote cells parquet feed-item feed-entities entities "
    "deep-feed deep-xml broken-xml sitemap empty-mail".split(),
)  # fmt: skip
def test_what_is_bad_is_named(tmp_path: Path, raw: bytes, lines: list[str]) -> None:
    path = tmp_path / "bad"
    path.write_bytes(raw)
    _, problems = read(path)
    assert lines_of([problem for problem in problems if problem.failed], path) == lines


def test_sums_of_parquet_pages_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"text": [FIRST]})
    pq.write_table(
        table, path, compression="none", use_dictionary=False, write_statistics=False, write_page_checksum=True
    )
    raw = bytearray(path.read_bytes())
    raw[raw.index(FIRST.encode()) + 9] ^= 1  # in the page, which stands before the statistics
    path.write_bytes(raw)
    articles, problems = read(path)
    assert not articles
    assert "the Parquet file is cut short or broken" in problems[-1].line


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
@pytest.mark.parametrize("write", [bytes.hex, lambda d: b32encode(d).decode(), lambda d: b64encode(d).decode()])
def test_digests_of_warc_records_are_checked(tmp_path: Path, algorithm: str, write: Callable[[bytes], str]) -> None:
    path, body = tmp_path / "a.warc", FIRST.encode()
    told = f"{algorithm}:{write(hashlib.new(algorithm, body).digest())}"
    good = warc(body, kind="conversion", digest=told)
    bad = good.replace(FIRST.encode(), FIRST.encode().swapcase())
    path.write_bytes(bad + good + warc(SECOND.encode(), kind="conversion", digest="crc:12"))
    articles, problems = read(path)
    assert [article.text for article in articles] == [FIRST, SECOND]
    assert [p.line for p in problems if p.failed] == [
        f"{path}, record 1: the record's bytes are not those of its digest; it is left out"
    ]


def test_mail_that_nests_without_end_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad"
    levels = 3000
    head = b"From: a@example.org\nSubject: x\nMIME-Version: 1.0\n"
    path.write_bytes(
        head
        + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(levels))
        + b"x"
    )
    _, (problem,) = read(path)
    assert problem.failed


def test_archives_in_archives_have_an_end(tmp_path: Path) -> None:
    raw = FIRST.encode()
    for _ in range(9):
        raw = zipped(a=raw)
    path = tmp_path / "a.zip"
    path.write_bytes(raw)
    articles, (problem,) = read(path)
    assert articles == []
    assert "archives lie in each other deeper than articles.max_nesting = 5 allows" in problem.line


def test_what_expands_beyond_the_limit_is_stopped_and_what_came_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    rows = [{"text": f"{FIRST} It was the offer of number {number}."} for number in range(1000)]
    path.write_bytes(gzip.compress(jsonl(*rows)))
    articles, problems = read(path, max_expanded_bytes=100_000, keep_copies=True)
    assert articles == [] or len(articles) < 1000
    assert problems[-1].line.endswith("expands to more than articles.max_expanded_bytes = 100,000")


def test_a_cut_stream_gives_the_rows_before_the_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    rows = [{"text": f"{FIRST} It was the offer of number {os.urandom(8).hex()}."} for number in range(20_000)]
    path.write_bytes(gzip.compress(jsonl(*rows))[:200_000])
    articles, problems = read(path, keep_copies=True)
    assert len(articles) > 1000
    assert lines_of(problems, path)[-1] == "IT: the gzip data is cut short"


def test_a_large_stream_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wb", 1) as file:
        for number in range(400):
            file.write(json.dumps({"other": os.urandom(100_000).hex(), "text": f"{FIRST} {number}"}).encode() + b"\n")
    tracemalloc.start()
    articles, _ = read(path, keep_copies=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(articles) == 400
    assert peak < MEMORY


@pytest.mark.parametrize(
    "text",
    [
        f"Body, mind and soul\n\n{FIRST}",
        f"Text, Subtext\n\n{FIRST}\n\n{SECOND} And so on, and so forth.",
        f"Date: 22 March 2023\nFrom: the desk\n\n{FIRST}",
        f"{{{FIRST}}}",
        f"1 of 2\n\n{FIRST}",
        f"From the desk of the ministry\n\n{FIRST}",
        "Borduria, Syldavia, Freedonia\nKlow, Szohod, Sylvania\n",
        f"https://example.org/ has it:\n\n{FIRST}",
    ],
)
def test_what_only_looks_like_a_form_is_a_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "a").write_text(text, "utf-8")
    (article,), problems = read(tmp_path / "a")
    assert (article.reader, article.text, problems) == ("text", text.strip(), [])


def test_members_that_share_their_bytes_are_counted_once_for_each(tmp_path: Path) -> None:
    """The directory of a ZIP archive may name the same bytes again and again."""
    raw = bytearray(zipped(a=b"Borduria met Syldavia. " * 200_000))
    directory = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entry, tail = bytes(raw[directory:end]), raw[end:]
    times = 60
    tail[8:12] = times.to_bytes(2, "little") * 2
    tail[12:16] = (len(entry) * times).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(bytes(raw[:directory]) + entry * times + bytes(tail))
    _, problems = read(tmp_path / "a.zip", max_characters=10_000_000, max_ratio=2000, keep_copies=True)
    assert any("articles.max_ratio" in problem.line or "broken" in problem.line for problem in problems)


def test_patterns(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.txt").write_text(FIRST, "utf-8")
    (tmp_path / "two.txt").write_text(SECOND, "utf-8")
    (tmp_path / "[x].txt").write_text("Kept by its own name, whatever the brackets in it.", "utf-8")
    assert [len(read(tmp_path / pattern)[0]) for pattern in ("*.txt", "**/*.txt", "a", "[x].txt")] == [2, 3, 1, 1]


def test_unreadable_and_odd_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    _, (problem,) = read(tmp_path / "loop")
    assert problem.line.endswith(("Too many levels of symbolic links", "no such file or folder"))
    _, (problem,) = read("/dev/null")
    assert problem.line == "/dev/null: this is neither a file nor a folder"


FRENCH = (
    "Le ministre a déclaré lundi que les négociations se poursuivront à Genève malgré le désaccord des deux parties."
)
RUSSIAN = "Министр заявил в понедельник, что переговоры продолжатся в Женеве."


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (FRENCH, "this is in French; only English can be coded"),
        (RUSSIAN, "this is in Russian; only English can be coded"),
        ("外交部发言人表示，双方将继续对话，反对任何形式的制裁。", "this is in Chinese; only English can be coded"),
    ],
)
def test_other_languages_are_set_aside(tmp_path: Path, text: str, line: str) -> None:
    (tmp_path / "a.txt").write_text(text, "utf-8")
    _, (problem,) = read(tmp_path / "a.txt")
    assert isinstance(problem, OtherLanguage)
    assert problem.failed
    assert problem.line.endswith(line)


@pytest.mark.parametrize(
    "text", ["Russia condemned U.S.", "Talks end", "Moscow, Beijing", "12 a.", "Putin meets Xi.", f"{FIRST} {RUSSIAN}"]
)
def test_short_and_mixed_texts_count_as_english(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, "utf-8")
    assert len(read(tmp_path / "a.txt")[0]) == 1


STORY = " ".join(
    f"On day {n} the envoy of state {n * 7} told the council that point {n * 13} of the plan was not met."
    for n in range(30)
)
MORE = " ".join(
    f"Later clause {n} fell, and {n * 3} ministers of {n * 5} parties left hall {n * 11}." for n in range(60)
)


@pytest.mark.parametrize(
    ("other", "is_copy"),
    [
        (STORY, True),
        (f"Quite another headline\n\nKLOW (Reuters) - {STORY}", True),
        (STORY.upper(), True),
        (STORY[: len(STORY) // 3], True),
        (STORY.replace("day 7 ", "the seventh day "), True),
        (f"{STORY} {MORE}", False),
        (STORY.replace("envoy", "minister").replace("plan", "treaty").replace("told the", "has written to a"), False),
        (FIRST, False),
    ],
    ids="same headline capitals cut edited longer other short".split(),
)
def test_copies(tmp_path: Path, other: str, is_copy: bool) -> None:
    (tmp_path / "a.txt").write_text(STORY, "utf-8")
    (tmp_path / "b.txt").write_text(other, "utf-8")
    articles, problems = read(tmp_path)
    assert bool(problems) == is_copy
    if is_copy:
        (copy,) = problems
        assert isinstance(copy, Copy)
        assert (copy.failed, copy.copy_of, copy.article.text[:9]) == (False, articles[0].id, other[:9])
        assert "a copy of " in copy.line
    assert len(read(tmp_path, keep_copies=True)[0]) == 2
