"""Updates one display and clears the output ten thousand times, in alternation."""
# with --full

# shows:
from IPython.display import clear_output, display

handle = display("x", display_id="mine")
for number in range(10_000):
    handle.update(str(number))
    clear_output(wait=bool(number % 2))
print("tried")
