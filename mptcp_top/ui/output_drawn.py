"""What Textual remembers of what was drawn, and should not."""

from contextlib import suppress
from pkgutil import resolve_name


def forget_who_is_gone() -> None:
    """Let go of the widgets that are not there any more.

    Textual 8.2 remembers a pair of colours for each of the last thousand widgets (``lru_cache`` on a method that was
    to be one of the class), and with them all lines they were last drawn with: 30 MB after a day of changing screens.
    """
    with suppress(ImportError, AttributeError):  # another Textual, which may do without
        resolve_name("textual._styles_cache:StylesCache.get_inner_outer").cache_clear()
