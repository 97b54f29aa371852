"""Countries, first-order divisions and cities by name, read from ``gazetteer.tsv.gz`` when first asked for.

The file is made by ``make gazetteer``; its head says where its facts come from.
"""

from communique.events.places.gazetteer import COLUMNS, FLAGS, HEADER, Gazetteer, Site, fold
from communique.events.places.resolve import Evidence, resolve

__all__ = ["COLUMNS", "FLAGS", "HEADER", "Evidence", "Gazetteer", "Site", "fold", "resolve"]
