"""``communique scale``: many articles on many machines."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.app import DONE, SOME_FAILED, app, check_date, warn
from communique.cli.progress import duration
from communique.cli.reading import (
    ActorFiles,
    ArticleOptions,
    Config,
    NoAtlas,
    Published,
    actor_sources,
    load_atlas,
    with_article_options,
)

if TYPE_CHECKING:
    from communique.scale import Failed, Finished

#: Seconds between two lines of progress.
EVERY = 10.0


@app.command()
@with_article_options
def scale(
    place: Annotated[
        str, typer.Argument(metavar="INPUT", help="A folder of Parquet or WARC files, or an address such as s3://...")
    ],
    output: Annotated[str, typer.Argument(metavar="OUTPUT", help="The folder or address for what is coded.")],
    articles: ArticleOptions,
    ray_address: Annotated[
        str | None,
        typer.Option("--ray-address", metavar="ADDRESS", help="A Ray cluster's, or auto; else Ray is started here."),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=0, help="So many workers; else one for each core.")
    ] = 0,
    published: Published = None,
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
    config: Config = None,
) -> None:
    """Code shards of articles on a cluster; what is finished is not done again. Needs communique[ray]."""
    from communique.coder import Coder
    from communique.config import load_settings
    from communique.record import current_run
    from communique.scale import Failed, Plan, absolute, find_shards, write_manifest
    from communique.scale import scale as code_shards

    check_date(published)
    settings = articles.over(load_settings(config))
    own = actor_sources(settings, actors, no_atlas)
    load_atlas(*own)  # for its bad lines
    files = tuple(map(absolute, own.files))
    same = partial(current_run, settings, actor_files=files, builtin_atlas=own.builtin)
    make = partial(Coder.with_actors, files, builtin=own.builtin)
    plan = Plan(output, settings, same(), make, same, published)
    shards = find_shards(place)
    done = list(_follow(code_shards(place, plan, address=ray_address, workers=workers), len(shards)))
    manifest = write_manifest(output, plan.run, shards, [one for one in done if isinstance(one, Failed)])
    rows = ", ".join(f"{manifest.rows.get(name, 0):,} {name}" for name in ("statements", "events"))
    typer.echo(
        f"{output}: {len(manifest.shards):,} of {len(shards):,} shards, {manifest.articles:,} articles, {rows}, "
        f"{manifest.failed:,} failed"
    )
    raise typer.Exit(SOME_FAILED if manifest.failed or manifest.lost else DONE)


def _follow(results: Iterable[Finished | Failed], total: int) -> Iterator[Finished | Failed]:
    """Pass results on; show on stderr how far the work is, and name the shards that failed."""
    from communique.scale import Failed

    began = shown = time.monotonic()
    articles = 0
    for shards, result in enumerate(results, 1):
        if isinstance(result, Failed):
            warn(result.line)
        else:
            articles += result.articles
        now = time.monotonic()
        if now - shown > EVERY:
            left = duration((now - began) * (total - shards) / shards)
            rate = articles / (now - began)
            warn(f"{shards:,} of {total:,} shards, {articles:,} articles, {rate:.1f} a second, {left} left")
            shown = now
        yield result
