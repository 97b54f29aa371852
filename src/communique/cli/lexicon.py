"""``communique lexicon``: try the frames on a sentence, and check them."""

from __future__ import annotations

from typing import Annotated

import typer

from communique.cli.app import DONE, SOME_FAILED, app, check_date
from communique.cli.reading import ActorFiles, NoAtlas, Published, load_atlas

lexicon = typer.Typer(no_args_is_help=True, help="The predicates that tell events: try them on a sentence, check them.")
app.add_typer(lexicon, name="lexicon")

NOBODY = "–"


@lexicon.command("test")
def try_sentence(
    sentence: Annotated[str, typer.Argument(metavar="SENTENCE", help="A sentence as an article would have it.")],
    published: Published = None,
    actors: ActorFiles = None,
    no_atlas: NoAtlas = False,
) -> None:
    """Show for each word of a sentence that the lexicon has which frames fit, who is who, and which do not fit."""
    from communique.actors import Atlas, find_cast
    from communique.articles import article_from_text
    from communique.events import try_lexicon
    from communique.language import Language
    from communique.statements import find_statements

    check_date(published)
    atlas = load_atlas(actors or (), builtin=not no_atlas) or Atlas.load()
    parsed = Language.load().parse(article_from_text(sentence, published=published))
    cast = find_cast(parsed, atlas)
    names = {entity.id: entity.name for entity in cast.entities}
    trials = list(try_lexicon(parsed, cast, find_statements(parsed, cast)))
    for trial in trials:
        sides = [", ".join(names[one] for one in ids) or NOBODY for ids in (trial.actors, trial.recipients)]
        parties = f"  {sides[0]} → {sides[1]}  {trial.status}" if trial.fitting else "  no frame fits"
        typer.echo(f"{trial.span.of(parsed.article.text)}{parties}")
        for sign, frames in (("+", trial.fitting), ("-", trial.others)):
            for frame in frames:
                typer.echo(f"  {sign} {frame}")
    if not trials:
        typer.echo("no word of the lexicon in the sentence")


@lexicon.command("check")
def check() -> None:
    """Look for frames that contradict each other, stand there twice, or name a class that is not there."""
    from communique.events.lexicon import Lexicon, check_lexicon

    found = list(check_lexicon())
    for line in found:
        typer.echo(line)
    if not found:
        typer.echo(f"{sum(1 for _ in Lexicon.load())} frames, nothing wrong")
    raise typer.Exit(SOME_FAILED if found else DONE)
