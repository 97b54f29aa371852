"""What commands that read articles share: their arguments, the atlas, sources to reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.app import warn
from communique.errors import CommuniqueError

if TYPE_CHECKING:
    from communique.actors import Atlas
    from communique.articles import Problem
    from communique.coder import Coder
    from communique.config import Settings
    from communique.model import Article, Report

#: Arguments and options that several commands have.
Sources = Annotated[
    list[str], typer.Argument(metavar="SOURCE...", help="Text or HTML files, folders, or - for standard input.")
]
MaybeSources = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SOURCE...]", help="Text or HTML files, folders, or -; without any, the record is asked."),
]
Published = Annotated[
    str | None,
    typer.Option("--published", metavar="DATE", help="Date (YYYY-MM-DD) of sources that name none themselves."),
]
Config = Annotated[str | None, typer.Option("--config", metavar="FILE", help="A TOML file with settings of your own.")]
ActorFiles = Annotated[
    list[str] | None,
    typer.Option("--actors", metavar="FILE", help="Actors of your own: our CSV or a PETRARCH dictionary; repeatable."),
]
NoAtlas = Annotated[bool, typer.Option("--no-atlas", help="Leave out the built-in atlas: know your own actors only.")]


def load_atlas(files: Sequence[str], *, builtin: bool) -> Atlas | None:
    """Return the atlas with the files' actors, each bad line named; None stands for the built-in one alone."""
    if builtin and not files:
        return None
    from communique.actors import load_atlas

    atlas, problems = load_atlas(files, builtin=builtin)
    for problem in problems:
        warn(problem)
    return atlas


def code_all(items: Iterable[tuple[str, Article] | Problem], atlas: Atlas | None) -> Iterator[tuple[str, Report | str]]:
    """Yield each source with its report, or with the line that says why there is none.

    The coder is made when the first article is there, so that bad sources are named at once.
    """
    from communique.articles import Problem

    coder: Coder | None = None
    for item in items:
        if isinstance(item, Problem):
            yield item.source, item.line
            continue
        name, article = item
        coder = coder or make_coder(atlas)
        try:
            yield name, coder.code(article)
        except CommuniqueError as error:
            yield name, f"{name}: {error}"


def make_coder(atlas: Atlas | None) -> Coder:
    """Return a coder; loading takes a moment."""
    from communique.coder import Coder

    return Coder(atlas=atlas)


def read(sources: list[str], settings: Settings, published: str | None) -> Iterator[tuple[str, Article] | Problem]:
    """Yield each source by name with its article, or what is wrong with it."""
    from communique.articles import read_named

    return read_named(sources, settings=settings, published=published)
