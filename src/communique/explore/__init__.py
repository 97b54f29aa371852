"""The record in a browser: a local web explorer that reads, and writes nothing but a named reviewer's verdicts.

>>> from starlette.testclient import TestClient
>>> from communique.explore import create_app
>>> browser = TestClient(create_app("nowhere.duckdb"), base_url="http://localhost")
>>> browser.get("/events.json").json()["error"]
'there is no such record; make one with: communique record SOURCE... -r FILE'
"""

from communique.explore.app import create_app, listen, serve
from communique.explore.security import is_loopback

__all__ = ["create_app", "is_loopback", "listen", "serve"]
