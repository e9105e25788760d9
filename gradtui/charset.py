"""Whether the terminal can show more than ASCII, as far as its surroundings say."""

from __future__ import annotations

import locale
from collections.abc import Mapping

VARIABLES = ("LC_ALL", "LC_CTYPE", "LANG")
"""The first that is set decides."""


def ascii_locale(environment: Mapping[str, str]) -> bool:
    """Whether the user's locale isn't one of UTF-8.

    A locale that says UTF-8 and isn't installed here, as over SSH, tells of the terminal all the same.
    """
    named = next((value for name in VARIABLES if (value := environment.get(name, ""))), "")
    return not (_is_utf8(named.partition(".")[2].partition("@")[0]) or _is_utf8(locale.getencoding()))


def _is_utf8(name: str) -> bool:
    return name.casefold().replace("-", "").replace("_", "") == "utf8"
