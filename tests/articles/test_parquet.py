"""Pages of Parquet files, honest and not."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.articles import read_sources
from communique.articles.parquet import check_pages
from communique.articles.streams import Budget
from communique.config import load_settings
from communique.errors import SourceDamaged, SourceError, SourceUnsafe

ROWS = pa.table({"text": [f"Xi met Putin {n}. " * (n % 50) for n in range(500)], "tags": [["a", "b"]] * 500})
#: Two billion as a number of the protocol, twice itself as none is below zero.
BILLIONS = bytes([0x80, 0xD0, 0xAC, 0xF3, 0x0E])


def budget() -> Budget:
    return Budget("a.parquet", most=10**9, ratio=200)


def written(**options: Any) -> io.BytesIO:
    file = io.BytesIO()
    pq.write_table(ROWS, file, row_group_size=200, **options)
    return file


def header(unpacked: bytes, packed: int, *more: int) -> bytes:
    """A page's header: kind 0, its two sizes, what else there is, the end."""
    return bytes([0x15, 0, 0x15, *unpacked, 0x15, 2 * packed, *more, 0])


def check(content: bytes) -> None:
    """Look at pages of one column in a file that has nothing else."""
    told = {3: [b"text"], 7: len(content), 9: 4}
    footer = struct({4: [struct({1: [struct({3: struct(told)})]})]})
    file = io.BytesIO(b"PAR1" + content + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    check_pages(file, ["text"], budget())


def varint(value: int) -> bytes:
    low = value & 127
    return bytes([low]) if value < 128 else bytes([low | 128]) + varint(value >> 7)


def struct(fields: dict[int, Any]) -> bytes:
    """A struct in Thrift's compact protocol; bytes stand for structs, in lists also for texts."""
    content, before = b"", 0
    for number, value in fields.items():
        kind, data = field(value)
        content += bytes([(number - before) << 4 | kind]) + data
        before = number
    return content + b"\0"


def field(value: Any) -> tuple[int, bytes]:
    if isinstance(value, int):
        return 6, varint(2 * value)
    if isinstance(value, list):
        text = not value[0].endswith(b"\0")
        items = b"".join(varint(len(item)) + item if text else item for item in value)
        return 9, bytes([len(value) << 4 | (8 if text else 12)]) + items
    return 12, value


@pytest.mark.parametrize(
    "options",
    [
        {}, {"compression": "zstd"}, {"compression": "gzip", "data_page_version": "2.0"}, {"write_page_index": True},
        {"use_dictionary": False, "data_page_size": 200}, {"write_page_checksum": True}, {"compression": "none"},
    ],
)  # fmt: skip
def test_honest_files_pass_and_stay_where_they_were(options: dict[str, Any]) -> None:
    file = written(**options)
    file.seek(7)
    check_pages(file, ["text", "tags"], budget())
    assert file.tell() == 7


def test_a_page_that_expands_too_far() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["a" * 30_000_000], "other": ["b"]}), file, compression="zstd")
    with pytest.raises(SourceUnsafe, match=r"beyond articles.max_ratio = 200"):
        check_pages(file, ["text"], budget())
    check_pages(file, ["other"], budget())


def test_sizes_that_are_true() -> None:
    check(header(bytes([8]), 4) + b"news" + header(bytes([4]), 0))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (header(BILLIONS, 4) + b"news", "4 bytes expand to more than 2,000,000,000"),
        (header(bytes([8]), 60) + b"news", "a size that it can't have"),
        (header(bytes([7]), 4) + b"news", "a size that it can't have"),  # below zero
        (
            header(bytes([8]), 4, 0x4C, 0x15, *BILLIONS, 0) + b"news",
            "a size that it can't have",
        ),  # a dictionary's words
        (bytes([0x15, 0, 0]), "is broken"),
        (bytes([0x15, 0, 0x15]), "ends too soon"),
        (bytes([0x1D]), "is broken"),
        (bytes([0x19, 0xFC, 0xFF, 0xFF, 0x7F]), "ends too soon"),  # a list of two million
        (bytes([0x1C] * 20), "is broken"),  # structs in structs
        (bytes([0x15] + [0xFF] * 12), "is broken"),
        (bytes([0x18] + [0xFF] * 9 + [1]), "is broken"),  # a text of 2^64 bytes
    ],
)
def test_sizes_that_are_not(content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        check(content)


@given(st.binary(max_size=200))
def test_any_header_ends(content: bytes) -> None:
    with contextlib.suppress(SourceDamaged, SourceUnsafe):
        check(content)


def test_a_column_whose_type_was_changed(tmp_path: Path) -> None:
    """pyarrow ends the process where it is asked about such a column ("does not support BOOLEAN")."""
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["Xi met Putin."], "date": ["2023-03-21"]}), file, compression="zstd")
    content, path = file.getvalue(), tmp_path / "a.parquet"
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    for at in range(footer, footer + 200):
        path.write_bytes(content[:at] + b"\0" + content[at + 1 :])
        list(read_sources([str(path)], settings=load_settings()))
