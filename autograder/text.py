"""Text of strangers, made fit to print."""


def escaped(text: str) -> str:
    """Return text in one line, with nothing that a terminal obeys or that no file can hold."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
