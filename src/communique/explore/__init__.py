"""The record in a browser: a local web explorer that reads, and writes nothing but a named reviewer's verdicts.

>>> from communique.explore import create_app
>>> [route.path for route in create_app("news.duckdb").routes][:3]
['/', '/today.json', '/today.csv']
"""

from communique.explore.app import create_app, listen, serve
from communique.explore.security import is_loopback

__all__ = ["create_app", "is_loopback", "listen", "serve"]
