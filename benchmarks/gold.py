"""Our gold articles, in two sets: those that rules were mended on, and a second that was written blind."""

from __future__ import annotations

from pathlib import Path

from tests.gold import scoring

from communique.articles import article_from_text
from communique.model import Article

GOLD = Path(scoring.__file__).parent
SECOND = GOLD / "second"


def golds() -> dict[str, list[tuple[scoring.Gold, Article]]]:
    """Return the gold articles with what a careful reader lists, by set."""
    first = [scoring.read_gold(path) for path in scoring.gold_files()]
    second = [scoring.read_gold(path) for path in sorted(SECOND.glob("*.json"))]
    return {
        "samples": [(gold, scoring.read_sample(gold)) for gold in first],
        "second set": [(gold, _read(gold)) for gold in second],
    }


def _read(gold: scoring.Gold) -> Article:
    text = (SECOND / gold.source).read_text(encoding="utf-8")
    return article_from_text(text, published=gold.published)
