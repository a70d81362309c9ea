"""Figures of the room's tests: in the house style, and none left open."""

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from gradlab.notebook import figures


@pytest.fixture
def house():
    """The house style, and no figure of another test."""
    with mpl.rc_context():
        mpl.rcParams["backend"] = "agg"
        figures.use_house_style()
        yield
    plt.close("all")
