"""The command line: which options there are, what they mean, and where the script's own begin.

Scanned by hand because options end at the first word that isn't one, and what follows belongs to the script,
whatever it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gradtui.errors import CannotOpenError, UsageError

USAGE = "usage: gradtui [OPTIONS] (SCRIPT | -m MODULE | -c CODE | RECORDING...) [ARGS...]"

HELP = f"""\
{USAGE}

Runs a PyTorch script up to its backward and shows the graph that backward is about to walk,
and above all the line at which gradients stop. The script is run as `python SCRIPT` would run it.

  --check               no screen: run until the optimizers have been judged (or to the script's
                        end) and print what was found
  --steps N             how many steps of each optimizer --check judges (8, and more where something
                        had no gradient at any of them); 0: to the script's end
  --json FILE           write the report as JSON; `-` for stdout, where the program's own output
                        then goes to stderr
  -o, --output FILE     no screen: run to the script's end and write a recording, for gradtui to
                        open; one per rank where RANK is set, and FILE may hold {{rank}} and {{pid}};
                        with --check both
  --listen              no screen: run to the script's end, wait at its gradtui.breakpoint()s, and
                        let --attach open the screen at any time
  --attach PID          open the screen on a process that was started with --listen
  --export FILE         draw the graph, as FILE ends: .dot .svg .png .pdf; repeatable
  --stop-at N|FILE:LINE stop at the Nth backward, or at the one on that line
  --python PATH         the interpreter that runs the script; it needs torch, but not gradtui
  --mute RULE|NAME      leave out findings of this rule, or about parameters of this name;
                        repeatable, and also under [tool.gradtui] in pyproject.toml: mute = [...]
  --ascii               draw with ASCII signs only, as where the locale isn't one of UTF-8
  -q, --quiet           count the notes, show only errors and warnings
  -V, --version         print the version
  -h, --help            print this

Options end at SCRIPT, MODULE or CODE: what follows belongs to the script. What a RECORDING is, its
content decides. Without a terminal on stdin and stdout it prints the report of --check.

Exit status: the script's own, and 0 for recordings. With --check: 0 no error was found, 1 one was,
also where it is what the script died of, 2 the command line makes no sense or a file can't be
opened, 3 the script died, or could be watched no longer, before anything could be judged, and
nothing that was found explains it.
"""

FLAGS = {"--check", "--listen", "--ascii", "-q", "--quiet", "-V", "--version", "-h", "--help"}
WITH_VALUE = {
    *("--steps", "--json", "-o", "--output", "--export", "--attach", "--stop-at", "--python", "--mute"),
}
UNMISTAKABLE = {"--check", "--ascii", *WITH_VALUE} - {"-o", "--output"}
"""Options that few scripts have too."""
PICTURES = (".dot", ".svg", ".png", ".pdf")
"""How the file of a picture may end: said here too, as `report.saving` takes long to load."""
FORMS = {"-m": "module", "-c": "code"}


@dataclass(frozen=True, slots=True)
class Options:
    form: str = ""
    """`script`, `module` or `code`; `recordings` where nothing is to be run; empty where nothing is named."""
    argv: tuple[str, ...] = ()
    """The script as typed, the module's name or the code, then the script's own arguments; or recordings."""
    check: bool = False
    listen: bool = False
    attach: str = ""
    """The number of a process, empty for none."""
    ascii: bool = False
    """Whether nothing but ASCII is to be drawn, whatever the locale says."""
    quiet: bool = False
    version: bool = False
    help: bool = False
    steps: int = 8
    patient: bool = True
    """Whether further steps may be judged, as nobody has said how many."""
    json: str = ""
    """A file, `-` for stdout, empty for no JSON."""
    output: str = ""
    """A file for a recording, as typed; empty for none."""
    export: tuple[str, ...] = ()
    """Files for pictures, each of which ends as one of PICTURES."""
    stop_at: str = ""
    python: str = ""
    """An interpreter, empty for the one that runs us."""
    mute: tuple[str, ...] = field(default=())
    folder: str = ""
    """The working folder when the command was given."""
    project_mute: tuple[str, ...] = field(default=())
    """The same from the project's file, which may speak of parameters that only other scripts have."""

    @property
    def muted(self) -> tuple[str, ...]:
        """All that is to be left out."""
        return (*self.mute, *self.project_mute)

    @property
    def saves(self) -> bool:
        """Whether a report or a picture is to be written, for which all that was seen is needed."""
        return bool(self.json or self.export)

    @property
    def program(self) -> str:
        """What is run, in a few words."""
        match self.form:
            case "module":
                return f"-m {self.argv[0]}"
            case "code":
                return "-c"
            case _:
                return self.argv[0]


def misplaced(options: Options) -> str:
    """A sentence about words that look like options of ours and were handed to the script; empty for none."""
    ours = [word for word in options.argv[1:] if word.partition("=")[0] in UNMISTAKABLE]
    if not ours:
        return ""
    words = " and ".join(ours)
    return (
        f"{words} went to the script: options of gradtui stand before it, as in "
        f"`gradtui {ours[0]} {options.program}`."
    )


def parse(words: Sequence[str]) -> Options:
    """What the words of the command line ask for. Raises UsageError where they make no sense."""
    options = Options()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word[:2] in FORMS and not word.startswith("--"):
            text = word[2:] or _value(word, rest)
            return _finished(replace(options, form=FORMS[word[:2]], argv=(text, *rest)))
        if word == "--":
            break
        if not word.startswith("-"):
            rest.insert(0, word)
            break
        options = _option(options, word, rest)
    if rest:
        options = replace(options, form="script", argv=tuple(rest))
    return _finished(options)


def _option(options: Options, word: str, rest: list[str]) -> Options:
    if word in FLAGS:
        return _flag(options, word)
    name, equals, value = word.partition("=")
    if name not in WITH_VALUE:
        raise UsageError(f"there is no option {word}; see gradtui -h")
    return _setting(options, name, value if equals else _value(name, rest))


def _flag(options: Options, word: str) -> Options:
    match word:
        case "--check":
            return replace(options, check=True)
        case "--listen":
            return replace(options, listen=True)
        case "--ascii":
            return replace(options, ascii=True)
        case "-q" | "--quiet":
            return replace(options, quiet=True)
        case "-V" | "--version":
            return replace(options, version=True)
        case _:
            return replace(options, help=True)


def _setting(options: Options, name: str, value: str) -> Options:
    if not value:  # as where a variable of a shell isn't set
        raise UsageError(f"{name} needs a value, and what it is given is empty")
    match name:
        case "--steps":
            return replace(options, steps=_steps(value), patient=False)
        case "--json":
            return replace(options, json=value)
        case "-o" | "--output":
            return replace(options, output=value)
        case "--attach":
            return replace(options, attach=_process(value))
        case "--export":
            return replace(options, export=(*options.export, _export(value)))
        case "--stop-at":
            return replace(options, stop_at=_stop_at(value))
        case "--python":
            return replace(options, python=value)
        case _:
            return replace(options, mute=(*options.mute, value))


def _value(name: str, rest: list[str]) -> str:
    if not rest:
        raise UsageError(f"{name} needs a value; see gradtui -h")
    return rest.pop(0)


def _steps(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", value):  # what is told to the program's side has 64 bits
        raise UsageError(f"--steps takes a number of steps, or 0 for all, not {value!r}")
    return int(value)


def _export(value: str) -> str:
    if Path(value).suffix.lower() not in PICTURES:
        raise UsageError(f"--export takes a file that ends in {', '.join(PICTURES)}, not {value!r}")
    return value


def _stop_at(value: str) -> str:
    number, place = re.fullmatch(r"[1-9][0-9]*", value), re.fullmatch(r".+:[1-9][0-9]*", value)
    if not number and not place:
        raise UsageError(f"--stop-at takes the number of a backward or FILE:LINE, not {value!r}")
    return value


def _process(value: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*", value):
        raise UsageError(f"--attach takes the number of a process, not {value!r}")
    return value


def _finished(options: Options) -> Options:
    if options.attach:
        return _attaching(options)
    if options.listen and options.check:
        raise UsageError("--check prints what it found and ends: there is nothing to attach to")
    if not options.form and not options.help and not options.version:
        raise UsageError(f"nothing to run\n{USAGE}")
    return options


def _attaching(options: Options) -> Options:
    """What is attached to runs already: nothing else can be asked of it than to be shown."""
    alone = Options(
        attach=options.attach,
        mute=options.mute,
        ascii=options.ascii,
        json=options.json,
        export=options.export,
        quiet=options.quiet,
    )
    if options != alone:
        raise UsageError(
            "--attach opens the screen on what runs already: it goes with --mute, --json, --export, -q and "
            "--ascii"
        )
    return alone


def muted_in_project(start: Path) -> tuple[str, ...]:
    """What `[tool.gradtui] mute` lists in the nearest pyproject.toml at or above a folder."""
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            return _muted(file)
    return ()


def _muted(file: Path) -> tuple[str, ...]:
    import tomllib

    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotOpenError(f"{file} can't be read: {error}") from error
    tool = settings.get("tool")
    section = tool.get("gradtui", {}) if isinstance(tool, dict) else {}
    if not isinstance(section, dict):
        raise UsageError(f"{file}: tool.gradtui is a table, [tool.gradtui]")
    mute = section.get("mute", [])
    unknown = set(section) - {"mute"}
    if unknown:
        raise UsageError(f"{file}: [tool.gradtui] knows `mute` and not {', '.join(sorted(unknown))}")
    if not isinstance(mute, list) or not all(isinstance(name, str) for name in mute):
        raise UsageError(f'{file}: `mute` under [tool.gradtui] is a list of names, as in mute = ["detach"]')
    return tuple(mute)
