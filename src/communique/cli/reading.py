"""What commands that read articles share: their arguments, the atlas, sources to reports."""

from __future__ import annotations

import functools
import inspect
import os
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from communique.cli.app import TRACEBACK_VARIABLE, warn

if TYPE_CHECKING:
    from communique.actors import Atlas
    from communique.articles import Copies, Meter, Problem
    from communique.coder import Coder
    from communique.config import Settings
    from communique.model import Article, Report
    from communique.workers import Failure

    _Result = tuple[tuple[str, Article] | Problem, Report | Failure | None]

#: Arguments and options that several commands have.
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="Files of any kind that holds articles, folders, patterns, web addresses, or - for standard input.",
    ),
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


Jobs = Annotated[
    int, typer.Option("--jobs", "-j", metavar="N", min=0, help="Code in N processes; 0 stands for one for each core.")
]


class ActorSources(NamedTuple):
    """The files with the user's own actors, and whether the built-in atlas is wanted beside them."""

    files: Sequence[str] = ()
    builtin: bool = True


def actor_sources(settings: Settings, actors: Sequence[str] | None, no_atlas: bool) -> ActorSources:
    """Return where the actors come from, by the settings and the command line."""
    return ActorSources([*settings.actors.files, *(actors or ())], settings.actors.atlas and not no_atlas)


def load_atlas(files: Sequence[str], builtin: bool) -> Atlas | None:
    """Return the atlas with the files' actors, each bad line named; None stands for the built-in one alone."""
    if builtin and not files:
        return None
    from communique.actors import load_atlas

    atlas, problems = load_atlas(files, builtin=builtin)
    for problem in problems:
        warn(problem)
    return atlas


class ArticleOptions(NamedTuple):
    """How articles are read, as the command line says it; :meth:`over` lays it over the settings.

    A command that has a parameter of this type and the decorator :func:`with_article_options` has all these options.
    """

    text_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="The column of tables that holds the text.")
    ] = None
    title_column: Annotated[str | None, typer.Option(metavar="NAME", help="... the title.")] = None
    date_column: Annotated[str | None, typer.Option(metavar="NAME", help="... the date of publication.")] = None
    url_column: Annotated[str | None, typer.Option(metavar="NAME", help="... the address.")] = None
    publisher_column: Annotated[str | None, typer.Option(metavar="NAME", help="... the publisher.")] = None
    keep_copies: Annotated[
        bool, typer.Option("--keep-copies", help="Code copies of an article, too, such as syndicated ones.")
    ] = False
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from private and loopback addresses, too.")
    ] = False

    def over(self, settings: Settings) -> Settings:
        """Return the settings with what the command line says laid over them."""
        import msgspec

        replace = msgspec.structs.replace
        named = {
            field: value
            for field, option in COLUMN_OPTIONS.items()
            if (value := getattr(self, f"{option}_column")) is not None
        }
        articles = settings.articles
        return replace(
            settings,
            articles=replace(
                articles,
                columns=replace(articles.columns, **named),
                keep_copies=self.keep_copies or articles.keep_copies,
                fetch=replace(articles.fetch, allow_private=self.allow_private or articles.fetch.allow_private),
            ),
        )


#: What a column holds, and how its option is called.
COLUMN_OPTIONS = {"text": "text", "title": "title", "published": "date", "url": "url", "publisher": "publisher"}


def with_article_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of :class:`ArticleOptions` in the place of its parameter of that type."""
    signature = inspect.signature(command, eval_str=True)
    hints = typing.get_type_hints(ArticleOptions, include_extras=True)
    (taken,) = (name for name, one in signature.parameters.items() if one.annotation is ArticleOptions)
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=ArticleOptions._field_defaults[name],
            annotation=hints[name],
        )
        for name in ArticleOptions._fields
    ]

    @functools.wraps(command)
    def wrapper(**values: object) -> None:
        chosen = {name: values.pop(name) for name in ArticleOptions._fields}
        command(**values, **{taken: ArticleOptions(**chosen)})  # type: ignore[arg-type]

    kept = [one for name, one in signature.parameters.items() if name != taken]
    parameters = [*kept, *options]
    wrapper.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {one.name: one.annotation for one in parameters}
    return wrapper


def code_sources(
    sources: list[str],
    settings: Settings,
    published: str | None,
    atlas: Atlas | None,
    *,
    actors: ActorSources | None = None,
    jobs: int = 1,
) -> Iterator[tuple[str, Report | Problem]]:
    """Yield each article's source with its report, or with what is wrong; progress and a summary go to stderr."""
    from communique.articles import Meter
    from communique.cli.progress import follow

    meter = Meter()
    return follow(code_all(read(sources, settings, published, meter), atlas, actors=actors, jobs=jobs), sources, meter)


def code_all(
    items: Iterable[tuple[str, Article] | Problem],
    atlas: Atlas | None,
    *,
    actors: ActorSources | None = None,
    jobs: int = 1,
) -> Iterator[tuple[str, Report | Problem]]:
    """Yield each source with its report, or with what is to say of it, in the order of the items.

    ``actors`` says where the atlas comes from, for those processes that load their own when there are several ``jobs``.
    """
    from communique.articles import Problem

    jobs = jobs or os.cpu_count() or 1
    coded = _code_here(items, atlas) if jobs == 1 else _code_in_processes(items, actors or ActorSources(), jobs)
    for item, result in coded:
        if isinstance(item, Problem):
            yield item.source, item
        else:
            yield item[0], _named(item[0], result)


def _named(name: str, result: Report | Failure | None) -> Report | Problem:
    """Return a report, or the failure as a problem of its source."""
    from communique.articles import Problem
    from communique.model import Report

    if isinstance(result, Report):
        return result
    return Problem(name, f"{name}: {result.reason if result else 'no answer'}", "can't be coded")


def _code_here(items: Iterable[tuple[str, Article] | Problem], atlas: Atlas | None) -> Iterator[_Result]:
    """Code in this process. The coder is made when the first article is there, so that bad sources are named at once.

    Who asks for tracebacks gets that of the first defect.
    """
    from communique.articles import Problem
    from communique.workers import attempt

    coder: Coder | None = None
    for item in items:
        if isinstance(item, Problem):
            yield item, None
            continue
        coder = coder or make_coder(atlas)
        yield item, coder.code(item[1]) if os.environ.get(TRACEBACK_VARIABLE) else attempt(coder, item[1])


def _code_in_processes(
    items: Iterable[tuple[str, Article] | Problem], actors: ActorSources, jobs: int
) -> Iterator[_Result]:
    from communique.articles import Problem
    from communique.coder import Coder
    from communique.workers import Workers

    make = functools.partial(Coder.with_actors, actors.files, builtin=actors.builtin)
    with Workers(make, jobs) as workers:
        yield from workers.code_all((item, None if isinstance(item, Problem) else item[1]) for item in items)


def make_coder(atlas: Atlas | None) -> Coder:
    """Return a coder; loading takes a moment."""
    from communique.coder import Coder

    return Coder(atlas=atlas)


def read(
    sources: list[str],
    settings: Settings,
    published: str | None,
    meter: Meter | None = None,
    copies: Copies | None = None,
) -> Iterator[tuple[str, Article] | Problem]:
    """Yield each source by name with its article, or what is wrong with it."""
    from communique.articles import read_named

    return read_named(sources, settings=settings, published=published, meter=meter, copies=copies)
