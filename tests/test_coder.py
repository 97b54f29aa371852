from __future__ import annotations

from pathlib import Path

import pytest

from communique import Coder
from communique.actors import load_atlas
from communique.model import Report, Span

TEXT = """Xi and Putin meet in Moscow

Chinese President Xi Jinping met Vladimir Putin in Moscow on Tuesday. “We are friends,” Xi told reporters through a
translator. The United States condemned Russia. Beijing did not sanction Moscow."""


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder()


@pytest.fixture(scope="module")
def report(coder: Coder) -> Report:
    return coder.code(TEXT, published="2023-03-22")


def test_a_meeting_and_a_condemnation(report: Report) -> None:
    found = {(event.event, event.actors, event.recipients) for event in report.events if event.status == "asserted"}
    assert ("ACCUSE", ("USA",), ("RUS",)) in found
    assert any(event == "CONSULT" and "per:xi-jinping" in actors for event, actors, _ in found)


def test_what_did_not_happen_is_not_asserted(report: Report) -> None:
    assert all(event.status != "asserted" for event in report.events if event.event == "SANCTION")


def test_a_quotation_has_its_speaker(report: Report) -> None:
    (statement,) = [s for s in report.statements if s.kind == "direct"]
    assert statement.speakers == ("per:xi-jinping",)
    assert [piece.of(report.article.text) for piece in statement.content] == ["“We are friends,”"]
    assert statement.channel == "through a translator"


def test_references_are_listed_and_ids_unique(report: Report) -> None:
    known = {entity.id for entity in report.entities}
    used = {one for event in report.events for one in (*event.actors, *event.recipients)}
    used |= {one for s in report.statements for one in (*s.speakers, *s.addressees, *s.about)}
    assert used <= known
    for rows in (report.events, report.statements, report.mentions, report.entities):
        assert len({row.id for row in rows}) == len(rows)


def test_a_second_run_gives_the_same(coder: Coder, report: Report) -> None:
    assert coder.code(TEXT, published="2023-03-22") == report


def test_alone_or_among_others_is_the_same(coder: Coder, report: Report) -> None:
    among = list(coder.code_all(["Short text.", TEXT, "", TEXT * 2], published="2023-03-22"))
    assert [event.id for event in among[1].events] == [event.id for event in report.events]
    assert among[2].events == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "“",
        '"""',
        "”Xi said“",
        "said said said",
        "\u202e\ud7ff\ufeff",
        "x" * 20_000,
        "“a " * 300,
        "Xi, " * 400,
        "\x00",
    ],
)
def test_odd_texts_never_break(coder: Coder, text: str) -> None:
    report = coder.code(text)
    length = len(report.article.text)
    spans: list[Span] = [mention.span for mention in report.mentions]
    spans += [piece for statement in report.statements for piece in statement.content]
    assert all(0 <= span.start < span.end <= length for span in spans)


def test_relation(coder: Coder) -> None:
    relation = coder.relation("France condemned Russia.", actor=(0, 6), recipient=(17, 23))
    assert relation.event == "ACCUSE"
    with pytest.raises(ValueError, match="is not in a sentence"):
        coder.relation("short", actor=(0, 99), recipient=(0, 1))


def test_a_world_of_your_own(tmp_path: Path) -> None:
    path = tmp_path / "actors.csv"
    rows = ("name,kind,country,sectors,forms,since,until", "Freedonia,state,FRE,GOV,Freedonian,,",
            "Rufus Firefly,person,FRE,GOV,Firefly,1933,1940", "Rufus Firefly,person,FRE,ELI,,1940,",
            "Sylvania,state,SYL,GOV,Sylvanian,,")  # fmt: skip
    path.write_text("\n".join(rows), encoding="utf-8")
    coder = Coder(atlas=load_atlas([path], builtin=False)[0])
    report = coder.code("Freedonia condemned Sylvania. Firefly threatened France with war.", published="1935-01-01")
    assert ("ACCUSE", ("FRE",), ("SYL",)) in {(event.event, event.actors, event.recipients) for event in report.events}
    known = {entity.name: entity.sectors for entity in report.entities}
    assert known["Rufus Firefly"] == ("GOV",)
    assert "FRA" not in {entity.id for entity in report.entities}
