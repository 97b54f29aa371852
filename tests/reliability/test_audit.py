"""What the audit makes of an index's answers; nothing is asked."""

from __future__ import annotations

from typing import Any

import pytest

from reliability import audit


def told(version: str, *faults: str, withdrawn: str | None = None) -> dict[str, Any]:
    known = [{"id": fault, "link": None, "withdrawn": withdrawn} for fault in faults]
    return {"info": {"version": version}, "vulnerabilities": known}


@pytest.mark.parametrize(
    ("answers", "faults"),
    [
        ([told("1", "PYSEC-1")], ("PYSEC-1",)),
        ([told("1")], ()),
        ([told("1", "PYSEC-1", withdrawn="2026-01-01")], ()),
        ([None, told("1", "PYSEC-1")], ("PYSEC-1",)),  # a mirror that has the newest release alone
        ([None, told("2")], None),
        ([None, None], None),
    ],
)
def test_answers(monkeypatch: pytest.MonkeyPatch, answers: list[Any], faults: tuple[str, ...] | None) -> None:
    monkeypatch.setattr(audit, "read", lambda _: answers.pop(0))
    assert audit.ask("a", "1").faults == faults


def test_the_lock_is_read() -> None:
    packages = dict(audit.locked(audit.LOCK.read_text("utf-8")))
    assert {"numpy", "onnxruntime", "duckdb"} <= set(packages)
