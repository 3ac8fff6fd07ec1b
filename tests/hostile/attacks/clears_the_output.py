"""Clears the output of the judge's cell, now and later, from a hook on every cell."""
# with --full

# shows: With gamma = 1 and beta = 0, y is not
from IPython.display import clear_output

get_ipython().events.register("post_execute", clear_output)
get_ipython().events.register("pre_execute", lambda: clear_output(wait=True))
print("tried")
