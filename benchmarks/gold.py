"""Our gold articles: three sets and half of the briefs, whose errors were read; a fourth and the other half, unread."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.gold import scoring

from communique.articles import article_from_text
from communique.model import Article

GOLD = Path(scoring.__file__).parent
SECOND, THIRD, FOURTH = GOLD / "second", GOLD / "third", GOLD / "fourth"


def golds() -> dict[str, list[tuple[scoring.Gold, Article]]]:
    """Return the gold articles with what a careful reader lists, by set.

    Nobody has read what the coder makes of the fourth set and of the second half of the briefs: keep it so, and write
    others before you do. The briefs have no statements.
    """
    first = [scoring.read_gold(path) for path in scoring.gold_files()]
    return {
        "samples": [(gold, scoring.read_sample(gold)) for gold in first],
        "second set": _read_folder(SECOND),
        "third set": _read_folder(THIRD),
        "fourth set": _read_folder(FOURTH),
        "briefs, read": _read_briefs(odd=True),
        "briefs, unread": _read_briefs(odd=False),
    }


def prf(tallies: Iterable[scoring.Tally]) -> str:
    """Return precision, recall and F1 of all tallies together, in per cent."""
    total = sum(tallies, scoring.Tally())
    return f"P {100 * total.precision:5.1f}  R {100 * total.recall:5.1f}  F1 {100 * total.f1:5.1f}"


def _read_folder(folder: Path) -> list[tuple[scoring.Gold, Article]]:
    golds = [scoring.read_gold(path) for path in sorted(folder.glob("*.json"))]
    texts = [(folder / gold.source).read_text(encoding="utf-8") for gold in golds]
    return [(gold, article_from_text(text, published=gold.published)) for gold, text in zip(golds, texts, strict=True)]


def _read_briefs(*, odd: bool) -> list[tuple[scoring.Gold, Article]]:
    briefs = (brief for path in scoring.brief_files() for brief in scoring.read_briefs(path))
    chosen = (brief for brief in briefs if int(brief.source[-1]) % 2 == odd)
    return [(brief, article_from_text(brief.text, published=brief.published)) for brief in chosen]
