"""Who is told, asked, urged: sentences in, entities out, through the whole coder."""

from __future__ import annotations

import pytest

from communique import Coder

#: A sentence, the cue of its statement, and the ids of those whom it is said to; "~" for somebody without a name.
CASES = [
    ("Lavrov told Blinken that the talks were over.", "told", ("per:antony-blinken",)),
    ("The United Nations urged North Korea to return to talks.", "urged", ("PRK",)),
    ("France asked Germany and Italy to pay more.", "asked", ("DEU", "ITA")),
    ("Turkey called on Israel to stop the strikes.", "called", ("ISR",)),
    ("Beijing warned Washington that the sale would harm ties.", "warned", ("USA",)),
    ("Ukraine demanded that Russia return the children.", "demanded", ("RUS",)),
    ("Macron wrote to Putin that the border must be opened.", "wrote", ("per:vladimir-putin",)),
    ("Iran threatened Israel with a harsh answer.", "threatened", ("ISR",)),
    ("Japan thanked Australia for its help.", "thanked", ()),
    ("China said that Russia had asked for nothing.", "said", ()),
    ("Scholz told reporters in Berlin that the plan was dead.", "told", ("~",)),
]


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder()


@pytest.mark.parametrize(("text", "cue", "wanted"), CASES, ids=[case[1] + " " + case[0][:14] for case in CASES])
def test_addressees(coder: Coder, text: str, cue: str, wanted: tuple[str, ...]) -> None:
    report = coder.code(text, published="2023-11-20")
    told = [found.addressees for found in report.statements if found.cue and cue in found.cue.of(text)]
    assert told
    names = tuple("~" if one.startswith("nom:") else one for one in told[0])
    assert names == wanted


def test_reporters_are_of_no_country(coder: Coder) -> None:
    report = coder.code("Scholz told reporters in Berlin that the plan was dead.", published="2023-11-20")
    addressees = [one for found in report.statements for one in found.addressees]
    assert [entity.country for entity in report.entities if entity.id in addressees] == [None]
