"""Replaces the builtin print, so that the answers of the request are printed twice and reversed."""
# with --full

import builtins

PRINT = builtins.print


def twice(*things, **options):
    PRINT(*things, **options)
    PRINT(*[str(thing)[::-1] for thing in things], **options)


print("tried")
builtins.print = twice
