"""How every figure of the book looks: one colour and one line style for each concept.

The colours are Okabe and Ito's, which colour-blind readers can tell apart; the line styles keep the
curves apart in grey too. Figures are SVG on a transparent ground; `_static/course.css` turns their
dark ink light in dark mode. Nothing random enters a file, so a rebuild gives the same bytes.
"""

import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib_inline.backend_inline import set_matplotlib_formats

# What a colour stands for, in every chapter.
COLOUR = {
    "x": "#0072B2",  # the input, before anything was done to it
    "x_hat": "#009E73",  # normalized: mean 0, variance v / (v + eps)
    "y": "#E69F00",  # the output, after gamma and beta
    "gradient": "#AA4499",  # anything that flows backward
    "running": "#56B4E9",  # running averages, and what eval uses
    "wrong": "#D55E00",  # a mistake, or a method that fails
    "reference": "#666666",  # a truth or a bound to compare with
}
LINE = {
    "x": "-",
    "x_hat": "--",
    "y": "-.",
    "gradient": (0, (5, 1)),
    "running": (0, (3, 1, 1, 1)),
    "wrong": ":",
    "reference": (0, (1, 1)),
}


def use_style():
    """Set matplotlib and the printing up for the book; call it in the first cell of a chapter."""
    if hasattr(sys.stdout, "flush_interval"):  # in a kernel: one in mid-line breaks the line
        sys.stdout.flush_interval = 60
    set_matplotlib_formats("svg", metadata={"Date": None})
    mpl.rcParams.update(
        {
            "svg.hashsalt": "batchnorm",  # ids in the SVG are the same on each build
            "svg.fonttype": "path",
            "figure.facecolor": "none",  # transparent; IPython keeps a figure's own face colour
            "axes.facecolor": "none",
            "figure.figsize": (6.4, 3.0),
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.25,
            "lines.linewidth": 2,
            "legend.frameon": False,
        }
    )


def panels(count, **options):
    """Make a row of `count` axes as wide as the page.

    Args:
        count: number of axes, an int.
        **options: passed on to `matplotlib.pyplot.subplots`.

    Returns:
        The figure, and an array of `count` axes.
    """
    return plt.subplots(1, count, squeeze=True, **options)
