"""The user's own settings, `gradtui/config.toml` in their configuration folder. Only the screen reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gradtui.errors import CannotOpenError, UsageError

SHAPE = '[keys] has lines like step = "n" or down = ["j", "down"]'


def config_file(environment: Mapping[str, str]) -> Path:
    """Where the settings are kept, by the XDG base directories."""
    home = environment.get("XDG_CONFIG_HOME", "")
    # The specification has a relative path ignored.
    folder = (
        Path(home) if home.startswith("/") else Path(environment.get("HOME") or "~").expanduser() / ".config"
    )
    return folder / "gradtui" / "config.toml"


def keymap_in(file: Path, wanted: Mapping[str, list[str]]) -> dict[str, str]:
    """The keymap that a file wants; UsageError where it makes no sense. To tell takes the whole screen."""
    if not wanted:
        return {}
    from gradtui.tui.keymap import Unclear, keymap_of
    from gradtui.tui.screens.keys import scopes

    try:
        return keymap_of(wanted, scopes())
    except Unclear as error:
        raise UsageError(f"{file}: {error}") from None


def keys_in(file: Path) -> dict[str, list[str]]:
    """The keys that a file gives to actions, empty without one, whatever actions there are."""
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise CannotOpenError(f"{file} can't be read: {error}") from error
    import tomllib

    try:
        settings = tomllib.loads(text)
    except ValueError as error:
        raise CannotOpenError(f"{file} can't be read: {error}") from error
    unknown = sorted(set(settings) - {"keys"})
    if unknown:
        raise UsageError(f"{file} knows [keys] and not {', '.join(unknown)}")
    section = settings.get("keys", {})
    if not isinstance(section, dict):
        raise UsageError(f"{file}: {SHAPE}")
    return {name: _listed(file, keys) for name, keys in section.items()}


def _listed(file: Path, keys: object) -> list[str]:
    listed = [keys] if isinstance(keys, str) else keys
    if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
        raise UsageError(f"{file}: {SHAPE}")
    return listed
