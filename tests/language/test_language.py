from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communique.language import Language, Marked
from communique.language.decode import apply_script
from communique.model import Article, Parsed, Span

TEXT = """Xi and Putin meet in Moscow

Chinese President Xi Jinping met Vladimir Putin in Moscow on Tuesday. “We are friends,” Xi told reporters.

Washington condemned the visit, saying that Beijing should press Russia to withdraw."""


def parse(text: str) -> Parsed:
    return Language.load().parse(Article(id="a", text=text))


def test_sentences_and_trees() -> None:
    parsed = parse(TEXT)
    assert len(parsed.sentences) == 4
    for sentence in parsed.sentences:
        roots = [i for i in range(sentence.first, sentence.last) if parsed.tokens[i].head == i]
        assert len(roots) == 1
        assert parsed.tokens[roots[0]].relation == "root"
        assert all(
            sentence.first <= parsed.tokens[i].head < sentence.last for i in range(sentence.first, sentence.last)
        )


def test_subject_and_object() -> None:
    parsed = parse("Russia condemned the United States on Monday.")
    found = {(t.span.of(parsed.article.text), t.relation) for t in parsed.tokens}
    assert {("Russia", "nsubj"), ("condemned", "root")} <= found


def test_attribution() -> None:
    parsed = parse(TEXT)
    said = {(a.cue.of(TEXT), a.speaker.of(TEXT) if a.speaker else None) for a in parsed.attributions}
    assert ("told", "Xi") in said


def test_names() -> None:
    parsed = parse(TEXT)
    assert ("Vladimir Putin", "person") in {(name.span.of(TEXT), name.kind) for name in parsed.names}


def test_the_same_in_any_batch() -> None:
    articles = [Article(id=str(i), text=text) for i, text in enumerate([TEXT, "Short.", TEXT * 3, ""])]
    together = list(Language.load().parse_all(articles))
    assert together == [Language.load().parse(article) for article in articles]
    assert together[3].sentences == ()


def test_a_paragraph_reads_the_same_beside_any_other() -> None:
    alone = parse(TEXT)
    beside = parse(f"{TEXT}\n\nWARSAW - Something wholly different!!! stood here: 12,345 £ & more.\n")
    assert beside.tokens[: len(alone.tokens)] == alone.tokens
    assert beside.attributions[: len(alone.attributions)] == alone.attributions


def test_relations_are_probabilities() -> None:
    answers = Language.load().relations([Marked("France praised Germany.", Span(0, 6), Span(15, 22))])
    assert sum(answers[0].values()) == pytest.approx(1.0, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_true_spans(text: str) -> None:
    parsed = parse(text)
    ends = 0
    for sentence in parsed.sentences:
        assert ends <= sentence.span.start < sentence.span.end <= len(text)
        ends = sentence.span.end
    assert all(token.span.of(text).strip() == token.span.of(text) != "" for token in parsed.tokens)


def test_long_paragraphs_are_cut_and_keep_every_word() -> None:
    text = "Russia condemned the attack . " * 200
    assert len(parse(text).tokens) == 1000


@pytest.mark.parametrize(
    ("form", "script", "lemma"), [("Parties", "L3y", "party"), ("is", "L2be", "be"), ("a", "L9", "a")]
)
def test_scripts(form: str, script: str, lemma: str) -> None:
    assert apply_script(form, script) == lemma
