"""Many articles on many machines: shards of articles in, shards of rows out, on any file system that pyarrow knows.

A shard is one file: Parquet, WARC, or anything else that holds articles. What comes out of one is a Parquet file for
each table of the record, and last of all a note that it is finished, so whatever dies on the way is done again and
nothing is there twice. Files are written under a temporary name and then renamed.

::

    OUTPUT/articles/NAME.parquet     one for each table of the record: sentences, entities, mentions, statements,
    OUTPUT/events/NAME.parquet       events, sources, problems; the columns are those of record/schema.sql
    OUTPUT/_done/NAME.json           a shard that is finished: counts, hashes, and the run that coded it
    OUTPUT/_tmp/                     what is being written
    OUTPUT/manifest.json             all of them, with totals
"""

from communique.scale.cluster import scale
from communique.scale.shards import (
    Failed,
    Finished,
    Manifest,
    Plan,
    Shard,
    Store,
    absolute,
    code_shard,
    find_shards,
    write_manifest,
)

__all__ = [
    "Failed",
    "Finished",
    "Manifest",
    "Plan",
    "Shard",
    "Store",
    "absolute",
    "code_shard",
    "find_shards",
    "scale",
    "write_manifest",
]
