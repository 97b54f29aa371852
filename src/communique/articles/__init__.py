"""Bytes from anywhere to :class:`~communique.model.Article`. The only user of trafilatura.

Plain text and HTML pages are told apart by what is in them, never by a file's name. Text is
normalised once, here (Unicode NFC, one kind of line end), and never changes afterwards.
"""

from communique.articles.sources import Problem, read_named, read_source, read_sources
from communique.articles.text import article_from_text

__all__ = ["Problem", "article_from_text", "read_named", "read_source", "read_sources"]
