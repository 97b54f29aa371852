"""Files, folders and standard input: each bad source is one clear line, and the others are still read."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest

from communique.articles import Problem, read_sources
from communique.config import Settings, load_settings
from communique.model import Article

TEXT = "Talks end\n\nThe talks in Klow ended."
PAGE = "<html><title>Talks end</title><body><p>The talks in Klow ended, officials said on Monday.</p></body></html>"


@pytest.fixture
def settings() -> Settings:
    return load_settings()


def one_line(problem: Article | Problem) -> str:
    assert isinstance(problem, Problem), problem
    assert "\n" not in problem.line
    source = problem.source.replace("\0", "?")  # the line can be shown anywhere
    assert problem.line.startswith(f"{source}: ")
    return problem.line.removeprefix(f"{source}: ")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "there is no text in it"),
        (b" \n\t\r\n", "there is no text in it"),
        ("\ufeff\u200b\n".encode(), "there is no text in it"),
        (b"%PDF-1.4\n", "this is a PDF document, not text"),
        (bytes(range(256)) * 16, "this is binary data, not text"),
        (b"\x00" * 4096, "this is binary data, not text"),
        (b"<html><body></body></html>", "no article text found in this page"),
        (b"<?xml version='1.0'?><rss></rss>", "there are no items in this feed"),
        (b"<?xml version='1.0'?><svg></svg>", "this is XML, but neither a web page nor a feed nor a news item"),
        (b"word " * 2_000_000, "larger than articles.max_bytes = 8,000,000 allows"),
        (b"x" * 2_000_000, "its text has 2,000,000 characters, more than articles.max_characters = 1,000,000 allows"),
    ],
    ids=["empty", "blank", "invisible", "pdf", "binary", "zeros", "bare page", "feed", "xml", "huge", "long"],
)
def test_bad_file_is_named_and_the_rest_is_read(tmp_path: Path, settings: Settings, raw: bytes, reason: str) -> None:
    (tmp_path / "bad").write_bytes(raw)
    (tmp_path / "good.txt").write_text(TEXT, "utf-8")
    bad, good = read_sources([str(tmp_path / "bad"), str(tmp_path / "good.txt")], settings=settings)
    line = one_line(bad)
    assert line == reason
    assert isinstance(good, Article)
    assert good.text == TEXT


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("/no/such/file", "no such file or folder"),
        ("nul\0byte", "embedded null byte"),
        ("ftp://example.org/a", "only http:// and https:// addresses are fetched"),
        ("no*such", "no file fits this pattern"),
    ],
)
def test_missing_source(settings: Settings, source: str, reason: str) -> None:
    (problem,) = read_sources([source], settings=settings)
    assert one_line(problem) == reason


def test_folder_is_read_in_order_and_in_full(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.txt").write_text("Hidden", "utf-8")
    (tmp_path / "b" / "two.dat").write_text(PAGE, "utf-8")
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "one.txt").write_text(TEXT, "utf-8")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
    one, picture, two = read_sources([str(tmp_path)], settings=settings)
    assert isinstance(one, Article)
    assert isinstance(two, Article)
    assert (one.reader, two.reader) == ("text", "html")
    assert one_line(picture) == "this is a PNG picture, not text"


def test_empty_folder(tmp_path: Path, settings: Settings) -> None:
    (problem,) = read_sources([str(tmp_path)], settings=settings)
    assert one_line(problem) == "there are no files in this folder"


def test_standard_input(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode("utf-16"))))
    (article,) = read_sources(["-"], settings=settings, published="2023-03-22")
    assert isinstance(article, Article)
    assert (article.text, article.published) == (TEXT, "2023-03-22")


def test_ten_megabytes_on_one_line(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "line"
    path.write_bytes(b"Borduria met Syldavia. " * 450_000)
    larger = msgspec.structs.replace(settings.articles, max_bytes=20_000_000, max_characters=20_000_000)
    (article,) = read_sources([str(path)], settings=msgspec.structs.replace(settings, articles=larger))
    assert isinstance(article, Article)
    assert len(article.text) == len("Borduria met Syldavia. ") * 450_000 - 1
