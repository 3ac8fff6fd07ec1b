"""The catalogue: every wrong implementation we know, and the right but unusual ones.

An entry proves the checks (it must fail exactly those that it names), gives the hint, fills the
class report and the book's boxes on what goes wrong. An exercise's catalogue is a module, or, where
that would be long, a package whose modules hold a part each.
"""

from importlib import import_module

from autograder.mistakes.model import Mistake, Variant

__all__ = ["Mistake", "Variant", "mistakes_of", "variants_of"]


def mistakes_of(exercise: str) -> list[Mistake]:
    """Return the known mistakes of an exercise, such as "ex02_forward"."""
    return import_module(f"autograder.mistakes.{exercise}").CATALOGUE.mistakes


def variants_of(exercise: str) -> list[Variant]:
    """Return the right but unusual implementations of an exercise."""
    return import_module(f"autograder.mistakes.{exercise}").CATALOGUE.variants
