"""Who is mentioned over and within a stretch of text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from communique.actors.cast import Cast
from communique.model import Mention, Span

SPANS = st.builds(lambda start, length: Span(start, start + length), st.integers(0, 30), st.integers(1, 12))


def cast_of(spans: list[Span]) -> Cast:
    ordered = sorted(spans, key=lambda span: (span.start, -span.end))
    return Cast((), tuple(Mention(f"m{n}", span, "name", span, None) for n, span in enumerate(ordered)))


@given(st.lists(SPANS, max_size=12), SPANS)
def test_mentions_over_and_at_a_span_are_those_that_a_look_at_all_finds(spans: list[Span], span: Span) -> None:
    cast = cast_of(spans)
    assert cast.over(span) == tuple(m for m in cast.mentions if m.span.covers(span))
    assert cast.at(span) == tuple(m for m in cast.mentions if span.covers(m.span))
