"""What the tests of faults and of threats share: a server on this machine, and settings with little patience."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from reliability.hostile import Server

from communique.config import Settings, load_settings

Impatient = Callable[..., Settings]


@pytest.fixture
def impatient() -> Impatient:
    """Settings without a cache, pauses and second tries, with changes to how web addresses are fetched."""

    def change(**changes: object) -> Settings:
        base = load_settings()
        quick = {"cache": "off", "interval": 0.0, "timeout": 1.0, "max_time": 1.5, "retries": 0}
        fetch = msgspec.structs.replace(base.articles.fetch, **{**quick, **changes})
        return msgspec.structs.replace(base, articles=msgspec.structs.replace(base.articles, fetch=fetch))

    return change


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server, and no proxy between."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with Server() as one:
        yield one
