"""The implementations that define "right": NumPy, computed in float64, importing nothing of ours."""
