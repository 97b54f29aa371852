"""Whatever the bytes: articles or named problems, never an exception, and quickly."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.articles import test_forms as forms

from communique.articles import Problem, read_named
from communique.articles.piece import printable
from communique.config import load_settings

#: One of every form, to be broken.
WHOLE = (
    forms.gzip.compress(forms.FIRST.encode() * 9), forms.zipped(a=forms.FIRST.encode(), b=forms.PAGE.encode()),
    forms.tarred(a=forms.FIRST.encode()), forms.warc(forms.PAGE.encode()) * 2, forms.jsonl(forms.ROW, forms.ROW),
    forms.CSV, forms.parquet(text=[forms.FIRST, forms.SECOND]), forms.MAIL, forms.RSS, forms.ATOM, forms.NITF,
    forms.NEWSML, forms.NEXIS, forms.FACTIVA, forms.PAGE.encode(), forms.bz2.compress(b"x" * 99),
    forms.lzma.compress(b"x" * 99), b"From a Wed Mar 22 10:05:00 2023\n" + forms.MAIL,
    f"<urlset><url><loc>{forms.FIRST}</loc></url></urlset>".encode(),
)  # fmt: skip
#: Seconds that reading anything of these sizes may take on a busy machine.
SLOWEST = 5.0


def read(raw: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "any")
        path.write_bytes(raw)
        started = time.perf_counter()
        for item in read_named([str(path)], settings=load_settings()):
            if isinstance(item, Problem):
                assert item.line.startswith(f"{printable(item.source)}: ")
                assert "\n" not in item.line
            else:
                assert item[1].text
        assert time.perf_counter() - started < SLOWEST


@settings(max_examples=300)
@given(st.sampled_from(WHOLE), st.integers(0, 10**6), st.binary(max_size=12), st.integers(0, 40), st.booleans())
def test_broken_forms(whole: bytes, place: int, put: bytes, dropped: int, cut: bool) -> None:
    at = place % len(whole)
    read(whole[:at] if cut else whole[:at] + put + whole[at + dropped :])


@settings(max_examples=100)
@given(st.sampled_from(WHOLE), st.binary(max_size=300))
def test_beginnings_that_promise_more(whole: bytes, rest: bytes) -> None:
    for length in (4, 12, 40):
        read(whole[:length] + rest)


@pytest.mark.parametrize(
    "raw",
    [
        b"<div>" * 100_000, b"<p " + b"a=" * 500_000 + b">", b"<!--" * 300_000, b"<a href='" * 200_000,
        b"<html>" + b"<table><tr><td>" * 20_000 + b"Borduria met Syldavia.",
        b"<script type='application/ld+json'>" * 30_000,
        b"<html><script type='application/ld+json'>" + b"[" * 100_000 + b"</script><p>Borduria met Syldavia.</p>",
        b"a," * 2_000_000, b"a\t" * 1_000_000 + b"\n", b'"' * 1_000_000, b"text,b\n" + b'"' * 999_999,
        b"22 March " * 200_000, b"(((((" * 300_000, b"HD\nWC\nPD\nSN\nLP\n" * 100_000,
        b"1 of 2 DOCUMENTS\n" * 100_000 + b"BODY:\n",
        b"From: a\n" * 200_000, b"<rss>" + b"<item>" * 100_000, b"<rss><channel><item>" + b"<![CDATA[" * 100_000,
        b"http://a\n" * 3 + b"x", b"\r" * 3_000_000 + b"text", b"\xff\xfe" * 1_000_000, b"{" * 1_000_000,
        b"[{" * 500_000, b"WARC/1.0\r\n\r\n" * 10_000, b"WARC/1.0\r\nContent-Length: 99999999999999999999\r\n\r\nx",
        b"<html>" + b"<a href=x>Some link here</a> " * 150_000, b"&" * 1_000_000, b"<b>" + b"&#x41;" * 300_000,
        b"A" * 60 + b" (" + b"B" * 500_000, b" - " * 900_000,
    ],
    ids=range(30),
)  # fmt: skip
def test_what_is_made_to_be_slow(raw: bytes) -> None:
    read(raw)
