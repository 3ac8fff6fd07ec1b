"""Prints, displays and raises a single text of 300 MB."""

# shows:
from IPython.display import display

HUGE = "x" * 300_000_000
display({"text/html": HUGE}, raw=True)
print(HUGE)
raise ValueError(HUGE)
