"""The page of benchmarks is made of the results, and of nothing else."""

from __future__ import annotations

from benchmarks.results import PAGE, page


def test_the_page_shows_the_results_that_are_kept() -> None:
    assert PAGE.read_text("utf-8") == page(), "make it anew: python -m benchmarks.results"
