"""`gradtui --check` as it is installed: the report, the JSON, the streams and the exit status."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.end_to_end.commands import GRADTUI, Command, Terminal, gradtui

HEALTHY = Path(__file__).parent.parent / "programs" / "healthy"
TRAINING = """\
import sys
import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(12):
    hidden = net[0](torch.randn(3, 4)){cut}
    loss = net[2](hidden).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("step", step)
{end}
"""


def training(folder: Path, *, cut: str = "", end: str = "") -> str:
    """A small training script; `cut` follows the first layer's output, `end` stands at its end."""
    return script(folder, TRAINING.format(cut=cut, end=end), "train.py")


def script(folder: Path, text: str, name: str = "script.py") -> str:
    (folder / name).write_text(dedent(text), encoding="utf-8")
    return name


def test_healthy_training_ends_with_0_and_says_what_was_judged(tmp_path: Path) -> None:
    done = gradtui("--check", training(tmp_path), cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "step 6\n" in done.stdout
    assert "step 7\n" not in done.stdout  # the eighth step is the last, and the program ends in it
    assert "8 steps judged" in done.stdout
    assert done.stderr == ""


def test_a_cut_ends_with_1_and_names_its_line_without_escape_codes(check: Command, tmp_path: Path) -> None:
    done = check(training(tmp_path, cut=".detach()"))

    assert done.returncode == 1, done.stderr
    assert "detach  train.py:8" in done.stdout
    assert "0 (weight, bias)" in done.stdout
    assert "\x1b" not in done.stdout


def test_paths_are_as_where_it_was_started_though_the_program_goes_elsewhere_and_removes_that(
    check: Command,
    tmp_path: Path,
) -> None:
    away = "\nfolder = tempfile.mkdtemp()\nos.chdir(folder)\nos.rmdir(folder)\n"
    whole = TRAINING.format(cut=".detach()", end="")
    text = "import os, tempfile\n" + whole.replace("\nfor", away + "for", 1)

    done = check(script(tmp_path, text, "train.py"))

    assert done.returncode == 1, done.stderr
    assert "detach  train.py:12" in done.stdout
    assert done.stderr == ""


def test_json_on_stdout_is_alone_there_and_the_program_prints_to_stderr(
    check: Command, tmp_path: Path
) -> None:
    done = check("--json", "-", training(tmp_path, cut=".detach()"))
    report = json.loads(done.stdout)

    assert done.returncode == 1
    assert "step 0\n" in done.stderr
    assert report["version"] == 1
    assert report["script"] == "train.py"
    assert report["torch"].startswith("2.")
    assert report["outcome"] == {"status": 0, "exception": None}
    first = report["findings"][0]
    assert (first["rule"], first["severity"], first["file"], first["line"]) == (
        "detach", "error", "train.py", 8,
    )  # fmt: skip
    stop = report["stops"][0]
    assert (stop["kind"], stop["line"], stop["parameters"]) == (
        "backward", 11, {"total": 4, "reached": 2, "cut": 2},
    )  # fmt: skip


def test_json_into_a_file_goes_with_the_text_and_muted_findings_are_in_neither(
    check: Command, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.gradtui]\nmute = ["detach"]\n', encoding="utf-8")
    name = training(tmp_path, cut=".detach()")
    done = check("--steps", "2", "--json", "report.json", name)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))

    assert done.returncode == 0
    assert "2 steps judged" in done.stdout
    assert "step 2\n" not in done.stdout
    assert "The script was ended there; --steps 0 runs it to its end." in " ".join(done.stdout.split())
    assert report["findings"] == []


def test_what_a_later_phase_uses_is_no_fault_of_a_script_that_was_ended_before_it(
    check: Command, tmp_path: Path
) -> None:
    program = HEALTHY / "head-of-a-later-phase" / "script.py"
    done = check("--steps", "8", "--json", "-", str(program))
    (finding,) = json.loads(done.stdout)["findings"]
    assert (done.returncode, finding["severity"]) == (0, "note")
    assert "hasn't run yet" in finding["message"]

    forgotten = tmp_path / "forgotten.py"
    lines = program.read_text(encoding="utf-8").replace("self.classify(hidden)", "self.decode(hidden)[:, :3]")
    forgotten.write_text(lines, encoding="utf-8")
    done = check("--json", "-", str(forgotten))
    (finding,) = json.loads(done.stdout)["findings"]
    assert (done.returncode, finding["severity"], finding["rule"]) == (1, "error", "unused_parameter")


PHASES = """
    import sys, torch
    from torch import nn

    def fit(model, optimizer, steps, x):
        for _ in range(steps):
            optimizer.zero_grad()
            model(x).square().mean().backward()
            optimizer.step()

    def pretrain(model):
        fit(model, torch.optim.Adam(model.parameters()), 12, torch.randn(4, 3))

    def finetune(backbone):
        head = nn.Linear(2, 1)
        optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
        fit(lambda x: head(backbone(x)).detach().requires_grad_(), optimizer, 400, torch.randn(4, 3))

    def main(phases):
        backbone = nn.Linear(3, 2)
        pretrain(backbone)
        if phases == "both":
            finetune(backbone)
        print("done")

    main(sys.argv[1])
"""


def test_a_check_goes_on_to_an_optimizer_that_is_built_when_another_has_been_judged(
    check: Command, tmp_path: Path
) -> None:
    done = check(script(tmp_path, PHASES), "both")

    assert done.returncode == 1, done.stderr
    assert "detach  script.py:17" in done.stdout
    assert "done\n" not in done.stdout  # ended at some step of the second


def test_a_check_goes_on_where_the_same_function_trains_another_model(check: Command, tmp_path: Path) -> None:
    text = """
        import torch
        from torch import nn

        def fit(model, x):
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for _ in range(12):
                optimizer.zero_grad()
                model(x).square().mean().backward()
                optimizer.step()

        class Scaled(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner, self.scale = nn.Linear(3, 1), nn.Parameter(torch.ones(1))

            def forward(self, x):
                return self.inner(x) * self.scale.item()

        fit(nn.Linear(3, 1), torch.randn(4, 3))
        fit(Scaled(), torch.randn(4, 3))
    """
    done = check(script(tmp_path, text))

    assert done.returncode == 1, done.stderr
    assert "python_scalar  script.py:18" in done.stdout


def test_a_check_goes_on_to_an_optimizer_that_a_loop_builds_later(check: Command, tmp_path: Path) -> None:
    text = """
        import torch
        from torch import nn

        net = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for epoch in range(4):
            if epoch == 3:
                optimizer = torch.optim.Adam(list(net.parameters())[:0] + [nn.Parameter(torch.ones(1))])
            for _ in range(4):
                optimizer.zero_grad()
                net(torch.randn(4, 3)).square().mean().backward()
                optimizer.step()
    """
    done = check(script(tmp_path, text))

    assert done.returncode == 1, done.stderr
    assert "16 steps of 2 optimizers judged" in done.stdout


def test_a_check_waits_in_vain_for_an_optimizer_of_a_phase_that_is_left_out(
    check: Command, tmp_path: Path
) -> None:
    done = check(script(tmp_path, PHASES), "first")

    assert done.returncode == 0, done.stderr
    assert "done\n" in done.stdout
    assert "12 steps judged" in done.stdout


def test_an_optimizer_that_was_not_chosen_is_not_waited_for(check: Command, tmp_path: Path) -> None:
    text = TRAINING.format(cut="", end="").replace(
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)",
        "if len(sys.argv) > 1:\n    optimizer = torch.optim.Adam(net.parameters())\n"
        "else:\n    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)",
    )
    done = check(script(tmp_path, text))

    assert done.returncode == 0, done.stderr
    assert "8 steps judged" in done.stdout


LONG = TRAINING.replace("range(12)", "range(400)")


def test_a_check_goes_on_while_a_warm_up_holds_something_back(check: Command, tmp_path: Path) -> None:
    warm = script(
        tmp_path, LONG.format(cut="\n    hidden = hidden.detach() if step < 20 else hidden", end="")
    )
    done = check(warm)
    of_8 = check("--steps", "8", warm)

    assert done.returncode == 0, done.stdout
    assert "21 steps judged" in done.stdout  # at the first that reaches all it ends
    assert of_8.returncode == 1
    assert "8 steps judged" in of_8.stdout


THAWING = """\
    import torch
    from torch import nn


    class Trainer:
        def __init__(self):
            self.net = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 1))
            for parameter in self.net[0].parameters():
                parameter.requires_grad = False

        def start(self, phase):
            if phase == 2:
                {thaw}
            self.opt = torch.optim.SGD(self.net.parameters(), 0.1)

        def step(self):
            self.opt.zero_grad()
            self.net(torch.randn(16, 4)).square().mean().backward()
            self.opt.step()


    torch.manual_seed(0)
    trainer = Trainer()
    for phase in (1, 2):
        trainer.start(phase)
        for _ in range(20):
            trainer.step()
    """


def test_a_check_goes_on_to_the_phase_that_is_to_thaw_what_is_frozen_so_far(
    check: Command, tmp_path: Path
) -> None:
    in_vain = script(tmp_path, THAWING.format(thaw="self.net[0].requires_grad = True"))
    done = check(in_vain)

    assert done.returncode == 1, done.stdout
    assert "frozen_leaf" in done.stdout


def test_it_ends_once_all_that_was_frozen_has_had_a_gradient(check: Command, tmp_path: Path) -> None:
    thawed = script(tmp_path, THAWING.format(thaw="self.net[0].requires_grad_(True)"))
    done = check(thawed)

    assert done.returncode == 0, done.stdout
    assert "every one got a gradient" in done.stdout


def test_what_nothing_is_to_thaw_is_not_waited_for(check: Command, tmp_path: Path) -> None:
    done = check(script(tmp_path, THAWING.format(thaw="pass")))

    assert done.returncode == 0, done.stdout
    assert "8 steps judged" in done.stdout


def test_what_is_cut_off_for_good_is_not_waited_for_to_the_end(check: Command, tmp_path: Path) -> None:
    done = check(script(tmp_path, LONG.format(cut=".detach()", end="")))

    assert done.returncode == 1, done.stderr
    assert "256 steps judged" in done.stdout


def test_a_misspelt_flag_is_not_waited_for(check: Command, tmp_path: Path) -> None:
    name = script(
        tmp_path,
        """\
        import torch
        from torch import nn

        body, head = nn.Linear(4, 4), nn.Linear(4, 1)
        body.requires_grad_(False)
        for parameter in body.parameters():
            parameter.requires_grads = True
        optimizers = [torch.optim.SGD(part.parameters(), lr=0.1) for part in (body, head)]
        for step in range(30):
            head(body(torch.randn(3, 4))).sum().backward()
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
        """,
    )
    done = check(name)

    assert done.returncode == 1, done.stdout
    assert "error  frozen_leaf  script.py:5" in done.stdout


def test_sizes_that_are_no_numbers_are_recorded_like_all_others(check: Command, tmp_path: Path) -> None:
    program = """\
    import torch
    from torch import nn

    net, head = nn.Linear(4, 8), nn.Linear(8, 1)
    optimizer = torch.optim.SGD([*net.parameters(), *head.parameters()], lr=0.1)
    for step in range(4):
        rows = torch.nested.nested_tensor([torch.randn(2, 4), torch.randn(3, 4)], layout=torch.jagged)
        head(net(rows){cut}).values().sum().backward()
        optimizer.step()
    """
    healthy = check(script(tmp_path, program.format(cut="")))
    broken = check(script(tmp_path, program.format(cut=".detach()")))

    assert (healthy.returncode, broken.returncode) == (0, 1), healthy.stdout
    assert "had to stop watching" not in healthy.stdout
    assert "detach  script.py:8" in broken.stdout


def test_a_watch_that_broke_off_before_anything_was_judged_is_no_healthy_run(
    check: Command, tmp_path: Path
) -> None:
    name = script(
        tmp_path,
        """\
        import torch
        from gradtui.debuggee import tape

        def fail(*_):
            raise KeyError("a fault of gradtui's")

        tape.Tape.meta_of = fail

        torch.nn.Linear(2, 1)(torch.ones(2)).sum().backward()
        """,
    )
    done = check(name)

    assert done.returncode == 3, done.stdout
    assert "a fault of gradtui's" in done.stdout


def test_a_backward_that_raised_has_reached_only_what_it_has_filled(check: Command, tmp_path: Path) -> None:
    name = script(
        tmp_path,
        """\
        import torch
        from torch import nn

        body, head = nn.Linear(4, 4), nn.Linear(4, 1)
        hidden = body(torch.ones(2, 4)).exp()
        loss = head(hidden).sum()
        hidden += 1
        loss.backward()
        """,
    )
    done = check(name)

    assert done.returncode == 1
    assert "inplace_version  script.py:7" in done.stdout
    assert "0 of 4 parameters reached" in done.stdout


def test_a_module_that_is_called_before_it_is_one_raises_what_it_does_alone(
    run: Command, check: Command, tmp_path: Path
) -> None:
    name = script(
        tmp_path,
        """\
        import torch

        class Net(torch.nn.Module):
            def __init__(self):
                self.size = 4

            def forward(self, x):
                return x

        Net()(torch.ones(1))
        """,
    )
    alone = subprocess.run([sys.executable, name], cwd=tmp_path, capture_output=True, text=True, check=False)
    done = check(name)

    assert done.stderr == alone.stderr


def test_workers_that_are_spawned_are_handed_torchs_functions_by_name(tmp_path: Path) -> None:
    name = script(
        tmp_path,
        """\
        import numpy as np
        import torch
        from torch.utils.data import DataLoader, Dataset

        class Rows(Dataset):
            def __init__(self, transform):
                self.transform = transform

            def __len__(self):
                return 2

            def __getitem__(self, index):
                return self.transform(np.ones(3, dtype=np.float32))

        if __name__ == "__main__":
            rows = Rows(torch.from_numpy)
            for x in DataLoader(rows, num_workers=1, multiprocessing_context="spawn"):
                print(x.sum().item())
        """,
    )
    done = gradtui("--check", name, cwd=tmp_path)

    assert done.stdout.startswith("3.0\n3.0\n"), done.stderr


def test_what_a_step_of_the_programs_own_takes_is_not_asked_whether_it_is_true(
    check: Command, tmp_path: Path
) -> None:
    name = script(
        tmp_path,
        """\
        import torch

        class Weighted(torch.optim.SGD):
            def step(self, losses):
                return super().step()

        net = torch.nn.Linear(2, 1)
        optimizer = Weighted(net.parameters(), lr=0.1)
        for _ in range(3):
            losses = net(torch.ones(3, 2)).flatten()
            losses.sum().backward()
            optimizer.step(losses.detach())
        """,
    )
    done = check(name)

    assert done.returncode == 0, done.stdout
    assert "3 steps judged" in done.stdout


def test_steps_after_one_that_raised_in_its_closure_are_judged(check: Command, tmp_path: Path) -> None:
    name = script(
        tmp_path,
        """\
        import torch

        net = torch.nn.Linear(2, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for turn in range(6):
            def closure():
                optimizer.zero_grad()
                if turn == 1:
                    raise MemoryError("too large a batch")
                loss = net(torch.ones(3, 2)).sum()
                loss.backward()
                return loss
            try:
                optimizer.step(closure)
            except MemoryError:
                pass
        """,
    )
    done = check("--steps", "0", name)

    assert "5 steps judged" in done.stdout, done.stdout


def test_optimizers_that_step_in_another_thread_are_left_alone(check: Command, tmp_path: Path) -> None:
    name = script(
        tmp_path,
        """\
        import threading
        import torch

        def train(steps):
            net = torch.nn.Linear(8, 8)
            optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
            for _ in range(steps):
                optimizer.zero_grad()
                net(torch.ones(4, 8)).sum().backward()
                optimizer.step()

        other = threading.Thread(target=train, args=(200,))
        other.start()
        train(100)
        other.join()
        print("all done")
        """,
    )
    done = check("--steps", "0", name)

    assert done.returncode == 0, done.stdout
    assert "all done" in done.stdout
    assert "100 steps judged" in done.stdout


def test_a_stream_of_the_programs_own_that_cannot_be_flushed_ends_no_check_late(
    check: Command, tmp_path: Path
) -> None:
    name = script(
        tmp_path,
        """\
        import sys

        class Tee:
            def __init__(self, inner):
                self.inner = inner

            def write(self, text):
                return self.inner.write(text)

        sys.stdout = Tee(sys.stdout)
        """
        + TRAINING.format(cut="", end="").replace("\n", "\n        "),
    )
    done = check(name)

    assert "step 6\n" in done.stdout
    assert "step 8\n" not in done.stdout
    assert "8 steps judged" in done.stdout


def test_lines_are_counted_as_python_counts_them(check: Command, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "# a page\f\n" + TRAINING.format(cut=".detach()", end=""), encoding="utf-8"
    )
    done = check("train.py")

    assert "detach  train.py:9" in done.stdout
    shown = next(line for line in done.stdout.splitlines() if " 9 " in line and "hidden" in line)
    assert "hidden = net[0](" in shown


def test_what_an_exception_says_does_not_speak_to_the_terminal(check: Command, tmp_path: Path) -> None:
    name = script(tmp_path, 'import torch\nraise ValueError("\\x1b[31mred\\x1b]0;title\\x07")')
    done = check(name)

    assert "red" in done.stdout
    assert "\x1b" not in done.stdout


def test_without_a_stdout_what_was_asked_for_is_written_all_the_same(tmp_path: Path) -> None:
    name = training(tmp_path, cut=".detach()")
    words = [GRADTUI, "--check", "--json", "out.json", name]
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1, done.stderr
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["findings"][0]["line"] == 8


def test_steps_0_runs_to_the_end(check: Command, tmp_path: Path) -> None:
    done = check("--steps", "0", training(tmp_path, end="sys.exit(0)"))

    assert done.returncode == 0
    assert "step 11\n" in done.stdout
    assert "12 steps judged" in done.stdout
    assert "--steps 0" not in done.stdout


def test_an_exception_that_a_finding_explains_ends_with_1_behind_pythons_own_traceback(
    run: Command,
    check: Command,
    tmp_path: Path,
) -> None:
    name = script(
        tmp_path,
        """\
        import torch
        weight = torch.randn(3, requires_grad=True)
        loss = weight.detach().sum()
        loss.backward()
        """,
    )
    watched = check(name)
    plain = subprocess.run([sys.executable, name], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert watched.returncode == 1
    assert watched.stderr == plain.stderr
    assert "script.py:3" in watched.stdout


def test_without_a_terminal_the_report_comes_unasked_and_the_status_is_the_programs_own(
    run: Command,
    tmp_path: Path,
) -> None:
    name = training(tmp_path, cut=".detach()", end="sys.exit(5)")
    done = run("--steps", "0", name)

    assert done.returncode == 5
    assert "detach  train.py:8" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("text", "checked", "unchecked", "said"),
    [
        ("", 0, 0, "never imported torch"),
        ("print('hi')", 0, 0, "never imported torch"),
        ("import torch; torch.ones(2, requires_grad=True).sum()", 0, 0, "never called backward"),
        (
            "import torch; w = torch.ones(2, requires_grad=True); torch.autograd.grad(w.sum(), w)",
            0,
            0,
            "by `torch.autograd.grad` or `torch.func` alone",
        ),
        ("raise SystemExit(4)", 3, 4, "ended with status 4 before any gradient was judged"),
        ("raise ValueError", 3, 1, "raised ValueError before any gradient was judged"),
        ("import os; os._exit(7)", 3, 7, "ended with status 7"),
        ("import os; os.kill(os.getpid(), 11)", 3, 139, "killed by signal 11 (Segmentation fault)"),
        ("import os, time; os.kill(os.getpid(), 2); time.sleep(60)", 130, 130, "was interrupted"),
    ],
)
def test_whatever_ends_a_program_has_its_status_and_its_sentence(
    tmp_path: Path, warm: Path, text: str, checked: int, unchecked: int, said: str
) -> None:
    python = ["--python", str(warm)] if "torch" in text else []  # the same otherwise, and quicker
    name = script(tmp_path, text)
    judged, alone = (gradtui(*words, *python, name, cwd=tmp_path) for words in (["--check"], []))

    assert (judged.returncode, alone.returncode) == (checked, unchecked)
    assert said in " ".join(judged.stdout.split())
    assert said in " ".join(alone.stdout.split())


def test_a_syntax_error_is_told_in_pythons_own_words_and_no_others(tmp_path: Path) -> None:
    name = script(tmp_path, "def f(:\n")
    judged, alone = gradtui("--check", name, cwd=tmp_path), gradtui(name, cwd=tmp_path)
    plain = subprocess.run([sys.executable, name], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (judged.returncode, alone.returncode) == (3, 1)
    assert judged.stderr == alone.stderr == plain.stderr
    assert judged.stdout == ""


def test_modules_and_code_run_too(tmp_path: Path) -> None:
    script(tmp_path, "import sys; print(__name__, sys.argv[1:])", "tool.py")
    module = gradtui("--check", "-m", "tool", "--steps", "x", cwd=tmp_path)
    code = gradtui("--check", "-c", "import sys; print(sys.argv)", "-q", cwd=tmp_path)

    assert "__main__ ['--steps', 'x']\n" in module.stdout
    assert "['-c', '-q']\n" in code.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "nothing to run"),
        (("--chekc", "train.py"), "there is no option --chekc"),
        (("missing.py",), "can't open missing.py: there is no such file"),
        (("folder",), "can't run folder: it is a folder without a __main__.py"),
        (("weights.bin",), "can't run weights.bin: it isn't a Python program but binary data"),
        (("archive.zip",), "can't run archive.zip: it is an archive without a __main__.py"),
        (("secret\0.py",), "can't open secret"),
        (("--json", "none/report.json", "ok.py"), "can't write none/report.json: there is no folder none"),
        (("--json", "folder", "ok.py"), "can't write folder: it is a folder"),
        (("--stop-at", "no.py:3", "ok.py"), "can't stop at no.py:3: there is no file no.py"),
        (("--python", "./none", "ok.py"), "--python ./none: there is no such interpreter"),
        (("--python", "./folder", "ok.py"), "--python ./folder: this is a folder"),
        (("--python", "./ok.py", "ok.py"), "--python ./ok.py: this file can't be executed"),
        (("--python", "/bin/echo", "ok.py"), "--python /bin/echo: this isn't a Python interpreter"),
    ],
)
@pytest.mark.parametrize("check", [(), ("--check",)])
def test_what_cannot_be_run_is_refused_in_one_sentence(
    tmp_path: Path, words: tuple[str, ...], sentence: str, check: tuple[str, ...],
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from gradtui.cli import main

    (tmp_path / "folder").mkdir()
    (tmp_path / "weights.bin").write_bytes(b"\x80\x02\0\0weights")
    (tmp_path / "archive.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    script(tmp_path, "print('ran')", "ok.py")
    monkeypatch.chdir(tmp_path)
    status = main([*check, *words])
    said = capsys.readouterr()

    assert status == 2
    assert said.err.startswith(f"gradtui: {sentence}")
    assert said.out == ""
    assert said.err.count("\n") == 1 or not words


def test_an_interpreter_without_torch_shows_the_programs_own_error(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    name = script(tmp_path, "print('begin')\nimport torch\n")
    done = gradtui("--check", "--python", "bare/bin/python", name, cwd=tmp_path)

    assert done.returncode == 3
    assert done.stdout.startswith("begin\n")
    assert done.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'torch'"
    assert "gradtui" not in done.stderr
    assert "raised ModuleNotFoundError" in done.stdout


def test_a_script_without_torch_leaves_a_word_where_its_screen_was(tmp_path: Path) -> None:
    terminal = Terminal(script(tmp_path, "print('no tensor here')"), cwd=tmp_path)

    assert terminal.end() == 0
    assert "gradtui: The program never imported torch" in terminal.shown


def test_a_folder_with_a_main_is_run(tmp_path: Path) -> None:
    (tmp_path / "tool").mkdir()
    script(tmp_path / "tool", "print('ran')", "__main__.py")

    assert gradtui("--check", "tool", cwd=tmp_path).stdout.startswith("ran\n")


def test_help_and_version_ask_for_nothing(tmp_path: Path) -> None:
    assert gradtui("--help", cwd=tmp_path).stdout.startswith("usage: gradtui ")
    assert gradtui("-V", cwd=tmp_path).stdout.startswith("gradtui ")


def test_a_reader_that_goes_away_is_no_error_of_ours(tmp_path: Path) -> None:
    name = script(tmp_path, "")
    command = f"'{GRADTUI}' --check {name} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["/bin/bash", "-c", command], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert done.stderr == ""
    assert done.stdout in ("0\n", "141\n")


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [(signal.SIGINT, 130, "The program was interrupted"), (signal.SIGTERM, 143, "killed by signal 15")],
)
def test_a_signal_that_only_we_are_sent_goes_to_the_program_and_the_report_still_comes(
    tmp_path: Path, number: signal.Signals, status: int, said: str
) -> None:
    name = script(tmp_path, "import time; print('begin', flush=True); time.sleep(60)")
    command = subprocess.Popen(
        [GRADTUI, "--check", name], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    assert command.stdout is not None
    assert command.stdout.readline() == "begin\n"
    command.send_signal(number)
    out, _ = command.communicate(timeout=60)

    assert command.returncode == status
    assert said in out


def test_a_descriptor_that_the_shell_opened_for_the_program_is_there(tmp_path: Path) -> None:
    script(tmp_path, "print('from a file')")
    done = subprocess.run(
        ["/bin/bash", "-c", f"'{GRADTUI}' --check <(cat script.py) 3<script.py"],
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout.startswith("from a file\n")


def test_ctrl_c_in_a_terminal_ends_the_program_once_and_the_report_still_comes(tmp_path: Path) -> None:
    name = script(
        tmp_path,
        """\
        import time
        try:
            print("begin", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            print("saving", flush=True)
            time.sleep(0.5)  # a second interrupt would come now
            print("saved", flush=True)
            raise
        """,
    )
    terminal = Terminal("--check", name, cwd=tmp_path)
    terminal.until("begin")
    terminal.type("\x03")

    assert terminal.end() == 130
    assert "saved" in terminal.shown
    assert "The program was interrupted" in terminal.shown


def test_in_a_terminal_the_report_has_colours_unless_they_are_unwanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = script(tmp_path, "")
    terminal = Terminal("--check", name, cwd=tmp_path)

    assert terminal.end() == 0
    assert "\x1b[" in terminal.shown

    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal("--check", name, cwd=tmp_path)

    assert plain.end() == 0
    assert "\x1b[3" not in plain.shown


def test_a_terminal_of_20_by_5_is_enough_for_a_report(tmp_path: Path) -> None:
    terminal = Terminal("--check", script(tmp_path, ""), cwd=tmp_path, columns=20, rows=5)

    assert terminal.end() == 0
    assert "nothing to" in terminal.shown  # wherever the lines of 20 cells break


def test_a_dumb_terminal_gets_the_report_and_no_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal(script(tmp_path, "raise SystemExit(6)"), cwd=tmp_path)

    assert terminal.end() == 6
    assert "\x1b" not in terminal.shown


def test_workers_that_wait_for_the_program_end_with_it(tmp_path: Path) -> None:
    text = """\
        import multiprocessing
        import torch

        def serve(end):
            while True:
                end.recv()

        ends = [multiprocessing.Pipe() for _ in range(2)]
        for mine, theirs in ends:
            multiprocessing.Process(target=serve, args=(theirs,), daemon=True).start()
        weight = torch.nn.Parameter(torch.ones(3))
        optimizer = torch.optim.SGD([weight], lr=0.1)
        for step in range(100):
            optimizer.zero_grad()
            weight.square().sum().backward()
            optimizer.step()
        """

    # Whoever survives keeps the output open, and this waits for its end.
    done = gradtui("--check", script(tmp_path, text), cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "8 steps judged" in done.stdout


def test_that_other_processes_did_the_work_is_said_where_nothing_else_was_judged(
    run: Command, check: Command, tmp_path: Path
) -> None:
    burn = "import time\\nwhile time.process_time() < 0.7: pass"
    text = f"import subprocess, sys\nimport torch\nsubprocess.run([sys.executable, '-c', '{burn}'])\n"

    elsewhere = check(script(tmp_path, text)).stdout
    here = check(script(tmp_path, "import torch\n")).stdout

    assert "The program started other processes" in elsewhere
    assert "not seen" not in here


@pytest.mark.parametrize("left", ["", "99 %", "#" * 80])
def test_in_a_terminal_the_report_begins_on_a_line_of_its_own(left: str, tmp_path: Path) -> None:
    name = script(tmp_path, f"print('began')\nprint({left!r}, end='', flush=True)\n")
    terminal = Terminal("--check", name, cwd=tmp_path)

    assert terminal.end() == 0
    before = ["began", *([left] if left else [])]
    drawn = [line.rstrip() for line in terminal.drawn.splitlines()]
    assert drawn[: len(before)] == before
    assert drawn[len(before)].startswith("gradtui  script.py")


def test_a_file_gets_nothing_of_what_begins_a_line_on_a_terminal(tmp_path: Path) -> None:
    said = gradtui("--check", script(tmp_path, "print('99 %', end='', flush=True)\n"), cwd=tmp_path).stdout

    assert said.startswith("99 %gradtui  script.py")
