"""The predicates that tell events, as frames in data files that a political scientist can read and change.

The format is told in ``README.md`` beside the files. A frame is one line: which words, which arguments they
need, and the PLOVER type (the file's name), modes and CAMEO code that they then stand for.

>>> lexicon = Lexicon.load()
>>> {frame.event for frame in lexicon.frames("criticise", "verb")}
{'ACCUSE'}
"""

from communique.events.lexicon.check import check_lexicon
from communique.events.lexicon.frames import Frame, Lexicon, LexiconError, Part, Slot, Use, parse_slot
from communique.events.lexicon.inflection import base_form
from communique.events.lexicon.words import Matter, Words

__all__ = [
    "Frame",
    "Lexicon",
    "LexiconError",
    "Matter",
    "Part",
    "Slot",
    "Use",
    "Words",
    "base_form",
    "check_lexicon",
    "parse_slot",
]
