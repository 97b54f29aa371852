"""Which place a name stands for, by which evidence."""

from __future__ import annotations

import gzip
import time
from importlib.resources import files

import pytest

from communique.places import Evidence, Gazetteer, resolve

#: Name, countries named in the sentence, in the article; the place: kind, country, or nothing.
NAMES = [
    ("Paris", "", "", ("city", "FRA")),
    ("Paris", "USA", "", ("city", "FRA")),
    ("Tripoli", "", "", None),
    ("Tripoli", "LBN", "", ("city", "LBN")),
    ("Tripoli", "", "LBY", ("city", "LBY")),
    ("Tripoli", "LBN LBY", "", None),
    ("Hyderabad", "", "PAK", ("city", "PAK")),
    ("Hyderabad", "", "", None),
    ("Georgia", "", "", ("country", "GEO")),
    ("Georgia", "USA", "", None),
    ("Georgia", "RUS", "GEO", ("country", "GEO")),
    ("Jordan", "USA", "", ("country", "JOR")),
    ("Texas", "", "", ("province", "USA")),
    ("Gaza", "ISR", "", ("province", "PSE")),
    ("Jenin", "ISR PSE", "", ("city", "PSE")),
    ("Bama", "UKR", "", None),
    ("Springfield", "USA", "", None),
    ("New Delhi", "USA", "", ("city", "IND")),
    ("New York", "", "", ("city", "USA")),
    ("Punjab", "", "", None),
    ("Punjab", "PAK", "", ("province", "PAK")),
    ("White House", "USA", "", None),
    ("Atlantis", "", "", None),
]


@pytest.mark.parametrize(("name", "sentence", "article", "wanted"), NAMES)
def test_resolve(name: str, sentence: str, article: str, wanted: tuple[str, str] | None) -> None:
    evidence = Evidence(countries=(frozenset(sentence.split()), frozenset(article.split())))
    site = resolve(Gazetteer.load().sites(name), evidence)
    assert (site and (site.kind, site.country)) == wanted


def test_qualified_names() -> None:
    texas = Gazetteer.load().sites("Texas")[:1]
    site = resolve(Gazetteer.load().sites("Paris"), Evidence(behind=texas))
    assert site is not None
    assert (site.province, site.geonameid) == ("Texas", 4717560)


def test_a_word_says_that_a_division_is_meant() -> None:
    sites = Gazetteer.load().sites("Donetsk")
    evidence = Evidence(countries=(frozenset(["UKR"]),))
    kinds = [site.kind for site in (resolve(sites, evidence), resolve(sites, evidence, division=True)) if site]
    assert kinds == ["city", "province"]


def test_file_is_small_says_whose_it_is_and_loads_fast() -> None:
    path = files("communique.places") / "gazetteer.tsv.gz"
    packed = path.read_bytes()
    assert len(packed) < 1_000_000
    head = gzip.decompress(packed).decode().splitlines()[:3]
    assert "GeoNames" in head[0]
    assert "CC BY 4.0" in head[1]
    began = time.process_time()
    Gazetteer(gzip.decompress(packed))
    assert time.process_time() - began < 0.1


def test_coordinates_are_on_earth() -> None:
    for name in ("Kyiv", "Suva", "Quito", "Honiara", "Reykjavík"):
        site = Gazetteer.load().sites(name)[0]
        assert -90 <= (site.latitude or 0) <= 90
        assert -180 <= (site.longitude or 0) <= 180
        assert site.geonameid
