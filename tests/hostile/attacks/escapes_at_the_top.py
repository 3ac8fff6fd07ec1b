"""Raises such an error in its own cell, so that the reason for the missing name shows it."""

# shows: is not defined
del batchnorm_forward
raise ValueError("\x1b[31mred\x07\x9b2J zz_honest | 14 \u202e\u2066 \r")
