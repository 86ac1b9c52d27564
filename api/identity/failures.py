"""What is said of a failure on a page of logins: by its code, in the reader's language."""

from catalog.errors import VitrineError
from serving.words import Words


def said_of(words: Words, error: VitrineError) -> str:
    """Return what went wrong, for a person.

    The words are found by the code and the field, else by the code alone. Those that end with a
    colon are followed by the error's own sentence, as are errors of a code that has no words.
    """
    by_code = f"error_{error.code}"
    text = (error.field and words.found(f"{by_code}_{error.field}")) or words.found(by_code)
    if not isinstance(text, str):
        return error.message
    return f"{text} {error.message}" if text.endswith(":") else text
