"""Bytes from anywhere to :class:`~communique.model.Article`. The only user of trafilatura and httpx.

What a source is, is told by what is in it, never by a file's name. Text is normalised once, here (Unicode NFC, one
kind of line end), and never changes afterwards.
"""

from communique.articles.copies import Copies
from communique.articles.piece import Copy, Meter, Notice, OtherLanguage, Problem
from communique.articles.sources import read_named, read_source, read_sources, size_of
from communique.articles.text import article_from_text
from communique.articles.watch import Seen, Watch

__all__ = [
    "Copies",
    "Copy",
    "Meter",
    "Notice",
    "OtherLanguage",
    "Problem",
    "Seen",
    "Watch",
    "article_from_text",
    "read_named",
    "read_source",
    "read_sources",
    "size_of",
]
