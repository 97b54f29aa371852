"""Who is in the news: the atlas, the mentions in an article, and whom each mention stands for."""

from communique.actors.atlas import Atlas
from communique.actors.cast import Cast
from communique.actors.find import find_cast
from communique.actors.own import ActorRow, write_csv
from communique.actors.phrases import is_place, resolve_phrase, resolve_span
from communique.actors.senses import Sense, choose, like, selects, senses
from communique.actors.sources import ActorFile, load_atlas, read_actors

__all__ = [
    "ActorFile",
    "ActorRow",
    "Atlas",
    "Cast",
    "Sense",
    "choose",
    "find_cast",
    "is_place",
    "like",
    "load_atlas",
    "read_actors",
    "resolve_phrase",
    "resolve_span",
    "selects",
    "senses",
    "write_csv",
]
