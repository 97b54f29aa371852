"""The network and the mean of several; where torch is installed."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from training.average import FIRST, average  # noqa: E402
from training.network import Layer, Shape  # noqa: E402


def test_a_layer_without_a_mask_reads_what_one_reads_with_nothing_masked() -> None:
    torch.manual_seed(7)
    layer, x = Layer(Shape(24, 1, 32, 1e-5)).eval(), torch.randn(2, 5, 24)
    assert torch.allclose(layer(x, None), layer(x, torch.zeros(2, 1, 1, 5)), atol=1e-6)


def test_the_mean_keeps_most_of_the_first() -> None:
    mean = average({"x": torch.zeros(2)}, [{"x": torch.ones(2)}, {"x": torch.full((2,), 3.0)}])
    assert mean["x"].tolist() == pytest.approx([2.0 * (1.0 - FIRST)] * 2)
