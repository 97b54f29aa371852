"""Bytes to characters: a table of encodings, and what must hold for any bytes and any text."""

from __future__ import annotations

import contextlib
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.articles.decode import NotText, decode, normalise

RUSSIAN = (
    "Министр иностранных дел заявил в понедельник, что переговоры продолжатся в Женеве. "
    "«Мы не видим причин для спешки», — сказал он журналистам после встречи с послами."
)
ENGLISH = "The minister said “no comment” — twice. Then he left the café."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ENGLISH, "utf-8"),
        (ENGLISH, "utf-8-sig"),
        (ENGLISH, "utf-16"),
        (ENGLISH, "utf-32"),
        (ENGLISH, "cp1252"),
        ("The minister said no.", "ascii"),
        ("The minister said no to the envoy, and then he left the room.", "utf-16-le"),
        (RUSSIAN, "utf-8"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN.replace("«", "").replace("»", "").replace("—", "-"), "koi8-r"),
        (RUSSIAN, "utf-16"),
        ("外交部发言人在星期一的例行记者会上表示，双方将继续对话，并且反对任何形式的制裁。" * 3, "gb18030"),
    ],
)
def test_encoding_is_found(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("page", "encoding"),
    [
        (f'<html><meta charset="windows-1251"><p>{RUSSIAN}</p>', "cp1251"),
        (f"<html><meta http-equiv=Content-Type content='text/html; charset=koi8-r'><p>{RUSSIAN[:60]}</p>", "koi8-r"),
        ("<html><meta charset=iso-8859-1><p>“No”, he said.</p>", "cp1252"),
        ("<html><meta charset=cp1251><p>Said “no” to Zürich, 日本.</p>", "utf-8"),  # a declaration that is wrong
        ("<html><meta charset=no-such-thing><p>“No”, he said.</p>", "utf-8"),
    ],
)
def test_page_names_its_encoding(page: str, encoding: str) -> None:
    assert decode(page.encode(encoding)) == page


def test_broken_utf8_keeps_the_rest() -> None:
    broken = RUSSIAN.encode()[:41] + b"\xff" + RUSSIAN.encode()[42:]
    assert decode(broken).endswith(RUSSIAN[30:])


@pytest.mark.parametrize(
    "raw",
    [
        b"%PDF-1.7\n1 0 obj",
        b"PK\x03\x04" + b"word/document.xml",
        b"\x89PNG\r\n\x1a\n" + b"IHDR",
        b"\x7fELF\x02\x01",
        bytes(range(256)) * 8,
        b"\x00" * 100,
    ],
)
def test_binary_is_refused(raw: bytes) -> None:
    with pytest.raises(NotText):
        decode(raw)


def test_a_lone_nul_does_not_make_text_binary() -> None:
    raw = b"The envoy said that the talks went well.\x00 Then she left the city for good."
    assert normalise(decode(raw)) == "The envoy said that the talks went well.  Then she left the city for good."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\u2028d\x0ce", "a\nb\nc\nd\ne"),
        ("Cafe\u0301", "Café"),
        ("so\u00adviet\u200b \ufeffbloc", "soviet bloc"),
        ("\x1b[31mred", " [31mred"),
        ("\ud800x", "\ufffdx"),
        ("„Nein“, ‘no’, «non», 「不」", "„Nein“, ‘no’, «non», 「不」"),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text(st.characters()))
def test_normalised_text_is_nfc_printable_and_stays_so(text: str) -> None:
    result = normalise(text)
    assert unicodedata.is_normalized("NFC", result)
    assert normalise(result) == result
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", result)
    result.encode("utf-8")


@given(st.binary(max_size=400))
def test_any_bytes_decode_or_are_named(raw: bytes) -> None:
    with contextlib.suppress(NotText):
        assert decode(raw) == decode(raw)


@given(st.text(min_size=1))
def test_text_in_utf8_comes_back(text: str) -> None:
    raw = text.encode("utf-8", "ignore")
    try:
        assert decode(b"\xef\xbb\xbf" + raw) == raw.decode()
    except NotText:
        pytest.fail("a byte order mark settles it")
