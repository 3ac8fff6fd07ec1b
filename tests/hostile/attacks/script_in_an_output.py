"""Shows HTML and JavaScript, as a display, a result and on stderr, for whoever opens the feedback."""
# with --full

import sys

from IPython.display import HTML, Javascript, display

display(HTML("<script>alert('owned')</script>"), Javascript("alert('owned')"))
print("<script>alert('owned')</script>", file=sys.stderr)
print("tried")
