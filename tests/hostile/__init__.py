"""Hostile and broken submissions, and the classroom in which the real command grades them."""
