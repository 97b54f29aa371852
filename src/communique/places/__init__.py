"""Countries, first-order divisions and cities by name, read from ``gazetteer.tsv.gz`` when first asked for.

The file is made by ``make gazetteer``; its head says where its facts come from.
"""

from communique.places.gazetteer import COLUMNS, FLAGS, HEADER, Gazetteer, Site, fold
from communique.places.resolve import TOWN, Evidence, resolve, weight

__all__ = ["COLUMNS", "FLAGS", "HEADER", "TOWN", "Evidence", "Gazetteer", "Site", "fold", "resolve", "weight"]
