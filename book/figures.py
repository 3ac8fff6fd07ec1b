"""How every figure of the book looks: one colour and one line style for each concept.

The colours are Okabe and Ito's, which colour-blind readers can tell apart; the line styles keep the
curves apart in grey too. Figures are SVG on a transparent ground; `_static/course.css` turns their
dark ink light in dark mode. Nothing random enters a file, so a rebuild gives the same bytes.

A phone shows a figure 352 px wide. At `WIDTH` the usual text, of 11 points, is then set in 10.5 px;
smaller than 10 points nothing may be (`tests/test_site.py` measures it).
"""

import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.scale import LogScale, register_scale
from matplotlib_inline.backend_inline import set_matplotlib_formats

WIDTH = 5.0  # inches

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


class PlainLogScale(LogScale):
    """A logarithmic axis with numbers as code has them, such as 1e-6: exponents read badly."""

    def set_default_locators_and_formatters(self, axis):
        """Do as LogScale does, but for the numbers at the ticks."""
        super().set_default_locators_and_formatters(axis)
        axis.set_major_formatter(lambda value, _: number(value))


def number(value):
    """Write a positive number in as few characters as it takes, such as 100 or 1e-6."""
    if 1e-3 <= value < 1e4:
        return f"{value:g}"
    digits, exponent = f"{value:.3e}".split("e")
    return f"{float(digits):g}e{int(exponent)}"


def use_style():
    """Set matplotlib and the printing up for the book; call it in the first cell of a chapter."""
    if hasattr(sys.stdout, "flush_interval"):  # in a kernel: one in mid-line breaks the line
        sys.stdout.flush_interval = 60
    set_matplotlib_formats("svg", metadata={"Date": None})
    register_scale(PlainLogScale)
    mpl.rcParams.update(
        {
            "svg.hashsalt": "batchnorm",  # ids in the SVG are the same on each build
            "svg.fonttype": "path",
            "figure.facecolor": "none",  # transparent; IPython keeps a figure's own face colour
            "axes.facecolor": "none",
            "figure.figsize": (WIDTH, 3.0),
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.titlesize": "medium",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.25,
            "lines.linewidth": 2,
            "legend.frameon": False,
        }
    )


def panels(count, height, **options):
    """Make a row of `count` axes.

    Args:
        count: number of axes, an int; with three, only where each has few numbers at its ticks.
        height: of the figure, in inches.
        **options: passed on to `matplotlib.pyplot.subplots`.

    Returns:
        The figure, and an array of `count` axes.
    """
    return plt.subplots(1, count, figsize=(WIDTH, height), **options)


def grid(count, height):
    """Make `count` axes with the same scales, two in a row.

    Args:
        count: number of axes, an int.
        height: of one row, in inches.

    Returns:
        The figure, and an array of `count` axes.
    """
    rows = -(-count // 2)
    size = (WIDTH, height * rows)
    fig, axes = plt.subplots(rows, 2, figsize=size, sharex=True, sharey=True, squeeze=False)
    for ax in axes.flat[count:]:
        ax.set_visible(False)
    for ax in axes.flat[max(count - 2, 0) : count]:  # the lowest of each column
        ax.tick_params(labelbottom=True)
    return fig, axes.flat[:count]
