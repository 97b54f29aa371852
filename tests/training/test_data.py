"""Conversion of public data, on rows made up here."""

from __future__ import annotations

from pathlib import Path

import pytest

from communique.language.decode import apply_script
from training import data

CONLLU = """# newdoc id = a
# newpar id = a-p1
# sent_id = 1
# text = They don't stop.
1\tThey\tthey\tPRON\tPRP\t_\t4\tnsubj\t_\t_
2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdo\tdo\tAUX\tVBP\t_\t4\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t4\tadvmod\t_\t_
4\tstop\tstop\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No
5\t.\t.\tPUNCT\t.\t_\t4\tpunct\t_\t_

# sent_id = 2
# text = Why?
1\tWhy\twhy\tADV\tWRB\t_\t0\troot\t_\tSpaceAfter=No
2\t?\t?\tPUNCT\t.\t_\t1\tpunct\t_\t_

"""


COMMAS = """# newdoc id = b
# text = Yes, stop!
1\tYes\tyes\tINTJ\tUH\t_\t3\tdiscourse\t_\tSpaceAfter=No
2\t,\t,\tPUNCT\t,\t_\t1\tpunct\t_\t_
3\tstop\tstop\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No
4\t!\t!\tPUNCT\t.\t_\t3\tpunct\t_\t_

"""


def test_treebank(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    path.write_text(CONLLU, encoding="utf-8")
    (example,) = data.read_treebank(path)
    assert example.text.rstrip() == "They don't stop. Why?"
    assert [w.of(example.text) for w in example.words] == ["They", "do", "n't", "stop", ".", "Why", "?"]
    assert example.starts == [1, 0, 0, 0, 0, 1, 0]
    assert example.heads == [4, 4, 4, 0, 4, 0, 6]


@pytest.mark.parametrize(
    ("form", "lemma"), [("Countries", "country"), ("was", "be"), ("Putin", "Putin"), ("US", "US"), ("the", "the")]
)
def test_scripts_give_the_lemma_back(form: str, lemma: str) -> None:
    assert apply_script(form, data.lemma_script(form, lemma)) == lemma


def test_attributions(tmp_path: Path) -> None:
    text = "Title here\n\n“Yes,” Ann said on Monday, “we agree.”"
    (tmp_path / "doc.txt").write_text(text, encoding="utf-8")
    first, second, cue = text.index("“Yes"), text.index("“we"), text.index("said")
    rows = [
        f"T1\tSource {text.index('Ann')} {text.index('Ann') + 3}\tAnn",
        f"T2\tCue {cue} {cue + 4}\tsaid",
        f"T3\tContent {first} {first + 6};{second} {len(text)}\t…",
        "T4\tAttribution 1 2\tx",
        "E1\tAttribution:T4 Source:T1 Cue:T2 Content:T3",
    ]
    (tmp_path / "doc_ab.ann").write_text("\n".join(rows), encoding="utf-8")
    title, body = data.read_attributions(tmp_path, None)
    assert title.attributions == []
    ((cue_words, pointers),) = body.attributions
    words = [w.of(body.text) for w in body.words]
    assert [words[word] for word in cue_words] == ["said"]
    assert [words[p] for p in pointers] == ["said", "said", "Ann", "Ann", "“", "”", "Ann", ","]


def test_a_cue_whose_content_lies_in_another_paragraph_is_neither_taught_nor_denied(tmp_path: Path) -> None:
    text = "Ann had much to say.\n\nNo talks before May."
    (tmp_path / "doc.txt").write_text(text, encoding="utf-8")
    rows = [
        f"T1\tCue {text.index('say')} {text.index('say') + 3}\tsay",
        f"T2\tContent {text.index('No')} {len(text)}\t…",
        "E1\tAttribution:T9 Cue:T1 Content:T2",
    ]
    (tmp_path / "doc_ab.ann").write_text("\n".join(rows), encoding="utf-8")
    first, second = data.read_attributions(tmp_path, None)
    assert first.cues == [0, 0, 0, 0, data.MISSING, 0]
    assert first.attributions == second.attributions == []


@pytest.mark.parametrize(
    ("final_only", "text", "heads"),
    [(True, "They don't stop Why", [4, 4, 4, 0, 0]), (False, "They don't stop Why", [4, 4, 4, 0, 0])],
)
def test_a_paragraph_without_its_stops(tmp_path: Path, final_only: bool, text: str, heads: list[int]) -> None:
    path = tmp_path / "a.conllu"
    path.write_text(CONLLU, encoding="utf-8")
    (example,) = data.read_treebank(path)
    bare = data.without_punctuation(example, final_only=final_only)
    assert bare.text == text
    assert [w.of(bare.text) for w in bare.words] == ["They", "do", "n't", "stop", "Why"]
    assert bare.heads == heads
    assert bare.starts == [1, 0, 0, 0, 1]


def test_punctuation_in_a_sentence_goes_only_when_all_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    path.write_text(COMMAS, encoding="utf-8")
    (example,) = data.read_treebank(path)
    assert data.without_punctuation(example, final_only=True).text == "Yes, stop"
    bare = data.without_punctuation(example, final_only=False)
    assert (bare.text, bare.heads) == ("Yes stop", [2, 0])


def test_marked_relation(tmp_path: Path) -> None:
    path = tmp_path / "plv.tsv"
    header = "sentence_id\tsentence\tmarked_sentence\tactor\trecipient\tevent\tpenta\n"
    path.write_text(header + "7\tx\t<s>France</s> praised <t>Chad</t>.\tFrance\tChad\tSUPPORT\t1\n", encoding="utf-8")
    (example,) = data.read_relations(path)
    assert example.actor is not None
    assert example.recipient is not None
    assert (example.actor.of(example.text), example.recipient.of(example.text)) == ("France", "Chad")
    assert data.RELATIONS[example.event] == "SUPPORT"


def test_our_own_relations_are_well_formed() -> None:
    examples = list(data.read_own_relations(Path(data.__file__).with_name("relations.tsv")))
    assert {data.RELATIONS[e.event] for e in examples} == set(data.RELATIONS)
    assert len({(e.text, e.actor, e.recipient) for e in examples}) == len(examples)
    for example in examples:
        assert example.actor is not None
        assert example.recipient is not None
        assert example.actor.of(example.text).strip()
        assert example.recipient.of(example.text).strip()
        assert not example.actor.overlaps(example.recipient)
