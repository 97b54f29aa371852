"""Shards of articles that are cut short or have a bit flipped, and what ``scale`` makes of them."""

from __future__ import annotations

import gzip
import random
from base64 import b32encode
from collections import Counter
from collections.abc import Callable
from functools import partial
from hashlib import sha1
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from communique.config import load_settings
from communique.record import current_run
from communique.scale import Plan, Store, code_shard, find_shards
from communique.workers import Workers
from reliability.quick import Quick

#: Articles of a shard.
ARTICLES = 10
#: Of so many damaged shards one is cut short, the others have a bit flipped.
ONE_CUT = 3
#: Bytes that are left at least: of fewer nothing tells what they were.
LEFT = 16


def spoilt(raw: bytes, chance: random.Random) -> bytes:
    """Return the bytes cut short, or with a bit flipped."""
    if chance.randrange(ONE_CUT) == 0:
        return raw[: chance.randrange(LEFT, len(raw))]
    made = bytearray(raw)
    made[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(made)


def _text(number: int) -> str:
    return f"Talks of round {number}\n\nBorduria met Syldavia in round {number}, an aide said. It rained all the day."


def parquet(path: Path) -> None:
    """Write a shard with sums of its pages, as many writers do."""
    table = pa.table({"text": [_text(number) for number in range(ARTICLES)], "date": ["2023-03-22"] * ARTICLES})
    pq.write_table(table, path, write_page_checksum=True)


def _records(*, digests: bool = False) -> list[bytes]:
    made = []
    for number in range(ARTICLES):
        title, _, words = _text(number).partition("\n\n")
        page = f"<html><body><article><h1>{title}</h1><p>{words}</p></article></body></html>"
        body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}".encode()
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/{number}\r\n"
            f"Content-Type: application/http\r\nContent-Length: {len(body)}\r\n"
        )
        if digests:
            head += f"WARC-Block-Digest: sha1:{b32encode(sha1(body, usedforsecurity=False).digest()).decode()}\r\n"
        made.append(head.encode() + b"\r\n" + body + b"\r\n\r\n")
    return made


def warc(path: Path) -> None:
    """Write a shard whose every record is compressed for itself, as archives of the web are."""
    path.write_bytes(b"".join(map(gzip.compress, _records())))


def bare_warc(path: Path) -> None:
    """Write a shard that is not compressed, and so has no sums."""
    path.write_bytes(b"".join(_records()))


def warc_with_digests(path: Path) -> None:
    """Write a shard that is not compressed, each record with the digest of its block, as crawlers write them."""
    path.write_bytes(b"".join(_records(digests=True)))


#: Kinds of shards by their endings.
KINDS: dict[str, Callable[[Path], None]] = {
    "parquet": parquet,
    "warc.gz": warc,
    "warc": bare_warc,
    "digests.warc": warc_with_digests,
}


def damaged_shards(place: Path, times: int, chance: random.Random) -> Counter[str]:
    """Damage so many shards of each kind and code them; return how often what came of it.

    Raises ``AssertionError`` where the rows are not those that the note tells.
    """
    inside, output, settings = place / "in", str(place / "out"), load_settings()
    inside.mkdir()
    for ending, make in KINDS.items():
        whole = place / f"whole.{ending}"
        make(whole)
        for number in range(times):
            (inside / f"{number}.{ending}").write_bytes(spoilt(whole.read_bytes(), chance))
    same = partial(current_run, settings)
    plan = Plan(output, settings, same(), Quick, same)
    told: Counter[str] = Counter()
    with Workers(Quick, 1) as workers:
        whole_text = {ending: _texts(place / f"whole.{ending}", place / "sound", plan, workers) for ending in KINDS}
        for shard in find_shards(str(inside)):
            made = code_shard(shard, str(inside), plan, workers)
            rows = Store(output).rows(made)
            assert {name: table.num_rows for name, table in rows.items()} == {
                name: one.rows for name, one in made.tables.items()
            }, shard.name
            ending = shard.name.partition(".")[2]
            texts = set(rows["articles"]["text"].to_pylist())
            told[f"{ending}: {_came(texts, whole_text[ending], made.failed)}"] += 1
    return told


def _texts(path: Path, output: Path, plan: Plan, workers: Workers) -> set[str]:
    import msgspec

    (shard,) = find_shards(str(path))
    plan = msgspec.structs.replace(plan, output=str(output))
    return set(Store(plan.output).rows(code_shard(shard, str(path), plan, workers))["articles"]["text"].to_pylist())


def _came(texts: set[str], whole: set[str], failed: int) -> str:
    if texts == whole:
        return "whole"
    changed = "changed texts, " if texts - whole else ""
    return f"{changed}named" if failed else f"{changed or 'less, '}without a word"
