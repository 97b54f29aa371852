"""Who said what, and to whom: reported speech and thought with its speaker."""

from communique.statements.find import find_statements
from communique.statements.quotes import find_quotes

__all__ = ["find_quotes", "find_statements"]
