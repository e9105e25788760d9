"""What the command does with recordings: where one goes, what is one, and what is reported of several."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from gradtui.errors import GradtuiError
from gradtui.model.messages import PROTOCOL
from gradtui.model.recording import Recording
from gradtui.model.stops import Outcome
from gradtui.options import Options, parse
from gradtui.recordings import output_file, title_among, title_of, with_recordings, writer_for
from gradtui.session.recorded import ReadRecording

RECORDING = Recording(PROTOCOL, "0.1.0", "train.py", 1.5e9)


def written(file: Path) -> None:
    """Write a recording of nothing."""
    writer_for(parse(["-o", str(file), "train.py"]), {}).close(Outcome(0))


def ranks(*numbers: int, program: str = "train.py") -> list[Recording]:
    return [Recording(PROTOCOL, "0.1.0", program, 1.5e9, rank, 8) for rank in numbers]


@pytest.mark.parametrize(
    ("typed", "rank", "file"),
    [
        ("run.gtr", None, "run.gtr"),
        ("run.gtr", "3", "run.rank3.gtr"),
        ("logs/run", "0", "logs/run.rank0"),
        ("{rank}/run.gtr", "3", "3/run.gtr"),
        ("{rank}.gtr", None, "0.gtr"),
        ("run.gtr", "three", "run.gtr"),
        ("{pid}.gtr", None, "PID.gtr"),
    ],
)
def test_each_process_of_a_run_has_a_file_of_its_own(typed: str, rank: str | None, file: str) -> None:
    found = output_file(typed, {} if rank is None else {"RANK": rank})
    assert found == file.replace("PID", str(os.getpid()))


def test_a_recording_says_which_of_how_many_it_is(tmp_path: Path) -> None:
    options = parse(["-o", str(tmp_path / "run.gtr"), "train.py"])
    writer = writer_for(options, {"RANK": "1", "WORLD_SIZE": "4"})
    writer.close(Outcome(0))

    assert writer.path == str(tmp_path / "run.rank1.gtr")
    assert b'"rank":1,"ranks":4}' in Path(writer.path).read_bytes()


def test_only_recordings_are_written_over(tmp_path: Path) -> None:
    model, run = tmp_path / "model.py", tmp_path / "run.gtr"
    model.write_text("weights = 1\n", encoding="utf-8")

    with pytest.raises(GradtuiError, match=r"model\.py is there already and is no recording"):
        writer_for(parse(["-o", str(model), "train.py"]), {})
    assert model.read_text(encoding="utf-8") == "weights = 1\n"
    for _ in range(2):
        written(run)


def test_what_a_file_is_its_content_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(Path("train.py"))
    Path("run.json").write_text("print(1)\n", encoding="utf-8")

    assert with_recordings(parse(["train.py"])) == Options("recordings", ("train.py",))
    assert with_recordings(parse(["run.json", "train.py"])).form == "script"
    assert with_recordings(parse(["-m", "train.py"])).form == "module"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("-o b.gtr a.gtr", "--output says how a script is to be run, and a.gtr is a recording"),
        ("--stop-at 3 a.gtr", "--stop-at says how"),
        ("--python python3 a.gtr", "--python says how"),
        ("a.gtr script.py", "script.py is no recording, and beside a recording"),
        ("a.gtr missing.gtr", "missing.gtr isn't there, and beside a recording"),
        ("--listen a.gtr", "--listen says how"),
        ("--json - a.gtr a.gtr", "--json tells of one recording, and these are 2"),
        ("--export a.svg a.gtr a.gtr", "--export tells of one recording, and these are 2"),
    ],
)
def test_what_makes_no_sense_with_a_recording_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    written(Path("a.gtr"))
    Path("script.py").touch()

    with pytest.raises(GradtuiError) as caught:
        with_recordings(parse(words.split()))
    assert str(caught.value).startswith(sentence)


def test_what_is_called_a_recording_and_is_none_is_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("evil.gtr").write_text("open('here', 'w')\n", encoding="utf-8")
    Path("empty.gtr").touch()
    for file in ("evil.gtr", "empty.gtr"):
        with pytest.raises(GradtuiError, match=f"{file} isn't a recording, and isn't run"):
            with_recordings(parse([file]))


def test_a_folder_of_ranks_is_opened_rank_by_rank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()
    names = [f"runs/run.rank{rank}.gtr" for rank in (0, 1, 2, 10, 11)]
    for name in reversed(names):
        written(Path(name))
    Path("runs/train.log").touch()

    assert with_recordings(parse(["runs"])) == Options("recordings", tuple(names))
    Path("runs/__main__.py").touch()
    assert with_recordings(parse(["runs", "--lr"])) == Options("script", ("runs", "--lr"))
    Path("empty").mkdir()
    assert with_recordings(parse(["empty"])) == Options("script", ("empty",))


@pytest.mark.parametrize("typed", ["new/", ".", "missing/run.gtr"])
def test_a_file_that_cannot_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GradtuiError, match=f"can't write {typed}: "):
        writer_for(parse(["-o", typed, "train.py"]), {})


def test_a_folder_can_be_named_by_the_rank(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    writer = writer_for(parse(["-o", f"{tmp_path}/{{rank}}/run.gtr", "train.py"]), {"RANK": "1"})
    writer.close(Outcome(0))
    assert (tmp_path / "1" / "run.gtr").exists()


def test_an_empty_file_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "run.gtr").touch()
    written(tmp_path / "run.gtr")


@pytest.mark.parametrize(
    ("recordings", "title"),
    [
        ([RECORDING], "train.py"),
        (ranks(2), "train.py, rank 2 of 8"),
        (ranks(4, 0, 2, 3, 7, 5), "train.py, ranks 0, 2 to 5, 7"),
        (ranks(0, 1), "train.py, ranks 0, 1"),
        ([*ranks(0), *ranks(1, program="eval.py")], "train.py, rank 0 of 8, eval.py, rank 1 of 8"),
        ([RECORDING, RECORDING], "train.py"),
    ],
)
def test_a_report_on_several_says_of_which(recordings: list[Recording], title: str) -> None:
    assert title_of(recordings) == title


def test_a_report_on_several_runs_of_one_script_says_when_each_was() -> None:
    first, second = (ReadRecording(file, RECORDING, (), Outcome(0)) for file in ("a.gtr", "b.gtr"))
    other = replace(second, recording=replace(RECORDING, program="eval.py"))

    assert title_among([first], [first, second]) == f"train.py (a.gtr, {RECORDING.when})"
    assert title_among([first], [first, other]) == "train.py"
