"""The command line: a shell over the library. Data on stdout, everything else on stderr.

One module for each family of commands; importing it adds them to the application.
"""

from communique.cli import actors, coding, explore, lexicon, order, record, review, scaling, watching
from communique.cli.app import app, main

__all__ = ["actors", "app", "coding", "explore", "lexicon", "main", "order", "record", "review", "scaling", "watching"]
