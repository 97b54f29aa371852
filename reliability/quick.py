"""The program with a stand-in for the coder: it loads no model and finds one event in each sentence.

For trials of what the program does with reports, by the hundred. What is coded depends on the text alone, as ever.
"""

from __future__ import annotations

from communique.cli import main, reading
from communique.language.words import find_paragraphs
from communique.model import Article, Entity, Event, Mention, Report, Sentence, Span, content_id


class Quick:
    """Codes articles in no time, and without sense."""

    def code(self, article: Article) -> Report:
        """Return a report with a sentence, a mention and an event for each paragraph."""
        spans = find_paragraphs(article.text)
        firsts = [Span(span.start, span.start + 1) for span in spans]
        key = article.id
        return Report(
            article=article,
            entities=(Entity("BOR", "Borduria", "state", "BOR"),),
            mentions=tuple(Mention(content_id(key, "m", one), one, one, "name", "BOR") for one in firsts),
            statements=(),
            events=tuple(
                Event(
                    id=content_id(key, "e", one), sentence=number, event="CONSULT", modes=(), contexts=(), cameo="040",
                    score=1.0, quad="verbal cooperation", actors=("BOR",), recipients=(), trigger=one,
                    status="asserted", statement_id=None, date=None, confidence=0.5, why="stand-in",
                )
                for number, one in enumerate(firsts)
            ),
            sentences=tuple(Sentence(number, span, number, number + 1) for number, span in enumerate(spans)),
        )  # fmt: skip


if __name__ == "__main__":
    reading.make_coder = lambda atlas: Quick()  # type: ignore[assignment,return-value]
    main()
