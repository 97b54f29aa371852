"""The public names, and that errors survive pickling (a cluster sends them about)."""

from __future__ import annotations

import pickle

import communique
from communique.errors import SourceEmpty


def test_public_names_are_there() -> None:
    for name in communique.__all__:
        assert getattr(communique, name) is not None
    assert set(communique.__all__) <= set(dir(communique))


def test_unknown_name() -> None:
    assert not hasattr(communique, "no_such_name")


def test_errors_pickle() -> None:
    error = pickle.loads(pickle.dumps(SourceEmpty("a.txt", "there is no text in it")))
    assert (type(error), str(error)) == (SourceEmpty, "a.txt: there is no text in it")
