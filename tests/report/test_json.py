"""The JSON report: exactly the fields that others rely on."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from typing import Any

from gradtui.report.json import write_json
from gradtui.report.summary import Summary
from tests.report import runs


def written(summary: Summary) -> str:
    stream = io.StringIO()
    write_json(summary, stream)
    return stream.getvalue()


def read(summary: Summary) -> Any:
    return json.loads(written(summary))


def test_a_broken_run_reads_as_it_did(same_as_golden: Callable[[str, str], None]) -> None:
    same_as_golden("broken.json", written(runs.broken()))


def test_a_file_below_the_working_folder_is_relative_and_another_is_not() -> None:
    evidence = read(runs.broken())["findings"][0]["evidence"]
    assert [step["file"] for step in evidence] == ["train.py", "train.py", "/opt/site/lib.py"]


def test_a_folder_whose_name_only_begins_alike_is_another_folder() -> None:
    moved = dataclasses.replace(runs.ROUNDTRIP, file=f"{runs.FOLDER}-old/train.py")
    summary = dataclasses.replace(runs.broken(), findings=(moved,))
    assert read(summary)["findings"][0]["file"] == f"{runs.FOLDER}-old/train.py"


def test_an_exception_has_the_innermost_line_of_the_users() -> None:
    assert read(runs.raising())["outcome"] == {
        "status": 1,
        "exception": {
            "type": "RuntimeError",
            "message": "mat1 and mat2 shapes cannot be multiplied",
            "file": "train.py",
            "line": 3,
        },
    }


def test_without_an_exception_there_is_null() -> None:
    assert read(runs.healthy())["outcome"] == {"status": 0, "exception": None}


def test_a_stop_counts_its_parameters() -> None:
    stop = read(runs.broken())["stops"][0]
    assert stop["parameters"] == {"total": 5, "reached": 1, "cut": 4}


def test_a_name_in_another_script_comes_back_whole() -> None:
    renamed = dataclasses.replace(runs.ROUNDTRIP, message="`потеря` \udc80")
    summary = dataclasses.replace(runs.broken(), findings=(renamed,))
    assert written(summary).isascii()
    assert read(summary)["findings"][0]["message"] == "`потеря` \udc80"
