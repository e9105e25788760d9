"""README says what is so: its report, help, rules and commands. `GOLDEN=write` writes the first two anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gradtui.model.findings import Rule
from gradtui.options import HELP

PROJECT = Path(__file__).parent.parent
README = PROJECT / "README.md"


def block(marker: str) -> str:
    """What stands in the code block behind a marker."""
    text = README.read_text(encoding="utf-8")
    match = re.search(rf"<!-- {marker} -->\n```\w*\n(.*?)```\n", text, re.DOTALL)
    assert match, f"README.md has no block {marker}"
    return match[1]


def expect(marker: str, text: str) -> None:
    if os.environ.get("GOLDEN") == "write":
        old = README.read_text(encoding="utf-8")
        head, _, rest = old.partition(f"<!-- {marker} -->\n```text\n")
        _, _, tail = rest.partition("```\n")
        README.write_text(f"{head}<!-- {marker} -->\n```text\n{text}```\n{tail}", encoding="utf-8")
    assert block(marker) == text


def test_the_report_is_what_the_command_prints() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gradtui", "--check", "demos/silent_numpy.py"],
        cwd=PROJECT,
        env={**os.environ, "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    report = done.stdout[done.stdout.index("gradtui  ") :].replace("+cpu", "")
    expect("report", report)


def test_the_help_is_what_the_command_prints() -> None:
    expect("help", HELP)


def test_every_rule_that_it_lists_exists_and_none_is_left_out() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(set(listed) & set(Rule)) == sorted(Rule)


@pytest.mark.parametrize("demo", sorted(path.name for path in (PROJECT / "demos").glob("*.py")))
def test_every_demo_is_listed(demo: str) -> None:
    assert f"`demos/{demo}`" in README.read_text(encoding="utf-8")


def test_the_command_for_the_tests_is_the_one_that_ci_runs() -> None:
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    # Everything but the line that runs it, which says what would be run.
    told = script.replace('exec bash -c "$command"', 'printf %s "$command"')
    assert told != script
    done = subprocess.run(
        ["bash", "-c", told.replace('$(dirname "$0")/..', str(PROJECT))],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == block("tests").strip()
    assert done.stdout.startswith("python3 -m venv")


def test_every_key_of_the_screen_is_told_with_what_it_does() -> None:
    from textual.binding import Binding

    from gradtui.tui.screens.help import NAMES
    from gradtui.tui.screens.main import MainScreen

    section = README.read_text(encoding="utf-8").partition("<!-- keys -->")[2].partition("## ")[0]
    rows = [line.strip("| ").partition(" | ") for line in section.splitlines() if line.startswith("| `")]
    told = {key: words for keys, _, words in rows for key in re.findall(r"`([^`]+)`", keys)}
    bound = [
        binding
        for part in MainScreen.__mro__
        for binding in part.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and part.__module__.startswith("gradtui.")
    ]
    assert len(bound) > 20
    for binding in bound:
        key = binding.key.split(",")[0]
        words = set(re.findall(r"\w+", told["1" if key.isdigit() else NAMES.get(key, key)].lower()))
        assert set(re.findall(r"\w+", binding.description.lower())) <= words, key
    panes = told["1"].partition("to a pane: ")[2].partition(";")[0].split(", ")
    numbered = {int(one.key): one.description.lower() for one in bound if one.key.isdigit()}
    assert [pane.partition(" ")[0] for pane in panes] == [numbered[n] for n in sorted(numbered)]


def test_every_action_that_can_be_given_a_key_is_listed() -> None:
    from gradtui.tui.screens.keys import scopes

    names = {item.id for scope in scopes() for item in scope if item.id is not None}
    assert set(block("actions").split()) == names


def test_where_a_change_goes_is_where_something_is() -> None:
    section = README.read_text(encoding="utf-8").split("Where a change goes:")[1].split("\n## ")[0]
    named = re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?|[a-z_]+\.py)`", section)

    assert len(named) > 12
    for path in named:
        assert any((folder / path).exists() for folder in (PROJECT, PROJECT / "gradtui")), path
