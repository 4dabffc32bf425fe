"""Figures as files: the bytes that Matplotlib saves, from one drawing in place of two."""

import io
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from medtransfer.plotting import DPI, png


def drawn(**options: Any) -> Figure:  # noqa: ANN401
    """An image with a colour bar beside lines with a legend."""
    figure, (left, right) = plt.subplots(1, 2, **options)
    figure.colorbar(left.imshow(np.arange(12).reshape(3, 4)), ax=left, label="grey level")
    right.plot([0, 1, 4], label="squares")
    right.set(title="growth", xlabel="step", ylabel="value")
    right.legend()
    return figure


@pytest.mark.parametrize("options", [{}, {"layout": "tight"}, {"layout": "none"}, {"dpi": 50, "facecolor": "0.9"}])
def test_png_is_what_savefig_gives_and_the_figure_is_closed(options: dict[str, Any]) -> None:
    expected, other = io.BytesIO(), drawn(**options)
    other.savefig(expected, format="png", dpi=DPI, metadata={"Software": None})
    plt.close(other)
    figure = drawn(**options)
    assert png(figure) == expected.getvalue()
    assert not plt.fignum_exists(figure.number)
