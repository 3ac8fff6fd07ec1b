"""The implementations that define "right": in float64, importing nothing of ours."""
