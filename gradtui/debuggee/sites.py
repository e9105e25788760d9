"""Where a call came from: frames to interned sites and stacks, and which files are the user's own.

A site is looked up once for each place (a code object and an instruction in it); after that it is a number.
"""

from __future__ import annotations

import linecache
import os
import site
import sys
import sysconfig
from array import array
from collections.abc import Sequence
from itertools import islice
from types import CodeType, FrameType, TracebackType

from gradtui.debuggee.headers import header_end
from gradtui.model.source import WRITTEN_BY_FX, Site, SourceFile

OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
"""Frames of files below this folder are never shown."""

INSTALLED = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
"""Folders that hold installed packages wherever they are: a cluster's, which PYTHONPATH names."""

DEEPEST = 200
"""Frames of a stack beyond this many are left out: a recursion is understood by its first ones."""

UNKNOWN = 0
"""The site of what has no place."""

FAR = 2048
"""Instructions from the beginning of a function beyond which the places of all are kept."""

Lasti = dict[int, int]


class Code:
    """What is known of one code object: whose it is, and the sites in it met so far."""

    __slots__ = ("boundary", "code", "ours", "places", "sites", "user")

    def __init__(self, code: CodeType, *, user: bool, ours: bool, boundary: bool) -> None:
        self.code = code  # holds it, so that its id stays its own
        self.user = user
        self.ours = ours
        self.boundary = boundary
        """It is our wrapper around a module's call."""
        self.sites: Lasti = {}
        self.places: array[int] | None = None
        """Four numbers for each instruction, 0 for what isn't known, once one that is FAR in was asked."""

    def position(self, lasti: int) -> tuple[int, int, int, int]:
        """Line, end line, column and end column (in bytes) of the expression at an instruction."""
        code, index = self.code, lasti // 2
        if index < FAR:
            place: Sequence[int | None] = next(islice(code.co_positions(), index, None), ())
        else:
            # Python finds one by going through all before it: for each of many, that would be a square.
            if self.places is None:
                self.places = array("l", (number or 0 for place in code.co_positions() for number in place))
            place = self.places[4 * index : 4 * index + 4]
        line, end_line, column, end_column = place or (None,) * 4
        if not line:
            return code.co_firstlineno, code.co_firstlineno, 0, 0
        return line, end_line or line, column or 0, end_column or 0


class Sites:
    """Interned sites and stacks of one run; the tables only grow by what is new."""

    def __init__(self, folder: str = "") -> None:
        self.folder = folder
        """Where the program was started. It may go elsewhere, and remove that."""
        self.table: list[Site] = [Site("", 0, 0, 0, 0, "", user=False)]
        """The first stands for a place that isn't known."""
        self.stacks: list[tuple[int, ...]] = []
        self.innermost: list[int] = []
        """Beside `stacks`: the site that `here` finds in each; UNKNOWN where it would look further up."""
        self.codes: dict[int, Code] = {}
        self.through: set[int] = set()
        """Ids of those codes that are neither the user's nor a boundary: on the way up they are passed."""
        self.boundary: CodeType | None = None
        self._stack_index: dict[tuple[int, ...], int] = {}
        self._sent: set[str] = set()
        self._generated: dict[str, bool] = {}
        self._names: dict[str, list[str]] = {}
        """By file the modules that were loaded from it."""
        self._looked_through = 0
        """How many modules there were when that was looked up."""
        self._libraries = _library_folders()

    def absolute(self, path: str) -> str:
        """A path that was written when the program began."""
        return os.path.normpath(os.path.join(self.folder, path))

    def here(self, frame: FrameType | None) -> int:
        """The innermost site of user code at or above a frame; of a library where there is no user code."""
        codes, fallback = self.codes, None
        while frame is not None:
            code = frame.f_code
            known = codes.get(id(code)) or self._learn(code)
            if known.user:
                found = known.sites.get(frame.f_lasti)
                return self._site(known, frame.f_lasti) if found is None else found
            if fallback is None and not known.ours:
                fallback = (known, frame.f_lasti)
            frame = frame.f_back
        if fallback is None:
            return UNKNOWN
        known, lasti = fallback
        found = known.sites.get(lasti)
        return self._site(known, lasti) if found is None else found

    def of_module(self, frame: FrameType | None, known: list[int]) -> int:
        """Where the user called the innermost module, whose call `frame` made.

        `known` has that of each module that runs, NONE where nobody asked yet, and gets what is found. A
        module that a library's code called was called where the module around it was.
        """
        codes, through, depth, caller = self.codes, self.through, 1, frame
        while frame is not None:
            if id(frame.f_code) in through:
                frame = frame.f_back
                continue
            code = codes.get(id(frame.f_code)) or self._learn(frame.f_code)
            if code.user:
                break
            if code.boundary:
                site = known[-depth - 1]
                if site >= 0:
                    known[-depth:] = [site] * depth
                    return site
                depth += 1
            frame = frame.f_back
        site = self.here(caller)
        known[-depth:] = [site] * depth
        return site

    def stack(self, frame: FrameType | None) -> int:
        """The whole stack above a frame without frames of ours, as an index into `stacks`."""
        found: list[int] = []
        codes = self.codes
        while frame is not None and len(found) < DEEPEST:
            code = frame.f_code
            known = codes.get(id(code)) or self._learn(code)
            if not known.ours:
                place = known.sites.get(frame.f_lasti)
                found.append(self._site(known, frame.f_lasti) if place is None else place)
            frame = frame.f_back
        return self.intern(tuple(found))

    def intern(self, stack: tuple[int, ...]) -> int:
        index = self._stack_index.get(stack)
        if index is None:
            fallback = stack[0] if 0 < len(stack) < DEEPEST else UNKNOWN
            self.innermost.append(next((site for site in stack if self.table[site].user), fallback))
            del self.innermost[len(self.stacks) : -1]  # what an interrupt left half done
            self.stacks.append(stack)
            index = self._stack_index[stack] = len(self.stacks) - 1
        return index

    def of_traceback(self, traceback: TracebackType | None) -> tuple[int, ...]:
        """The stack of an exception, innermost first, without frames of ours."""
        found: list[int] = []
        while traceback is not None:
            code = traceback.tb_frame.f_code
            known = self.codes.get(id(code)) or self._learn(code)
            if not known.ours:
                place = known.sites.get(traceback.tb_lasti)
                found.append(self._site(known, traceback.tb_lasti) if place is None else place)
            traceback = traceback.tb_next
        return tuple(reversed(found[-DEEPEST:]))

    def is_user(self, code: CodeType) -> bool:
        return (self.codes.get(id(code)) or self._learn(code)).user

    def is_user_file(self, path: str) -> bool:
        """Whether a file is the user's own: not ours, not the standard library, not an installed package.

        Nor what was compiled from a text that nobody can look up: the line that runs it is the user's.
        """
        if path.startswith(("<frozen ", WRITTEN_BY_FX, OURS)):
            return False
        if path.startswith("<") and not linecache.getlines(path):
            return False
        absolute = self.absolute(path)
        installed = absolute.startswith(self._libraries) or any(folder in absolute for folder in INSTALLED)
        return not installed and not self._is_generated(path)

    def _is_generated(self, path: str) -> bool:
        """Whether a library wrote it somewhere and loaded it as a part of itself, as torch_geometric does."""
        known = self._generated.get(path)
        if known is None:
            packages = {name.partition(".")[0] for name in self._modules_of(path) if "." in name}
            files = [self.absolute(_file_of(sys.modules.get(name))) for name in packages]
            known = self._generated[path] = any(file.startswith(self._libraries) for file in files)
        return known

    def _modules_of(self, path: str) -> Sequence[str]:
        """Names of the modules that were loaded from a file; all are looked through when there are others."""
        if len(sys.modules) != self._looked_through:
            self._looked_through, self._names = len(sys.modules), {}
            for name, module in list(sys.modules.items()):
                self._names.setdefault(_file_of(module), []).append(name)
        return self._names.get(path, ())

    def fresh_sources(self) -> tuple[SourceFile, ...]:
        """Texts of the user's files that sites point into and that weren't given out before."""
        fresh = []
        for place in self.table:
            if place.user and place.file not in self._sent:
                self._sent.add(place.file)
                lines = linecache.getlines(place.file)
                if lines:
                    fresh.append(SourceFile(place.file, "".join(lines)))
        return tuple(fresh)

    def _learn(self, code: CodeType) -> Code:
        path = code.co_filename
        ours = path.startswith(OURS) or (path.startswith("<frozen ") and path != "<frozen >")
        known = self.codes[id(code)] = Code(
            code, user=self.is_user_file(path), ours=ours, boundary=code is self.boundary
        )
        if not known.user and not known.boundary:
            self.through.add(id(code))
        return known

    def _site(self, known: Code, lasti: int) -> int:
        code = known.code
        line, end_line, column, end_column = known.position(lasti)
        path = code.co_filename if code.co_filename.startswith("<") else self.absolute(code.co_filename)
        column, end_column = _in_characters(path, line, column), _in_characters(path, end_line, end_column)
        if known.user:
            end_line, end_column = header_end(path, line, column) or (end_line, end_column)
        name = getattr(code, "co_qualname", code.co_name)
        found = Site(path, line, end_line, column, end_column, name, known.user)
        self.table.append(found)
        index = known.sites[lasti] = len(self.table) - 1
        return index


def _file_of(module: object) -> str:
    """Without asking it for more than it has: a module may import others when it is asked."""
    file = getattr(module, "__dict__", {}).get("__file__")
    return file if isinstance(file, str) else ""


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {
        paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib", "scripts") if key in paths
    }
    folders.update(site.getsitepackages() if hasattr(site, "getsitepackages") else ())
    folders.add(site.getusersitepackages())
    folders.add(os.path.dirname(os.__file__))
    torch = sys.modules.get("torch")
    if torch is not None and torch.__file__:
        folders.add(os.path.dirname(torch.__file__))
    return tuple(os.path.abspath(folder) + os.sep for folder in folders)


def _in_characters(path: str, line: int, column: int) -> int:
    """Columns are counted in UTF-8 bytes by Python, and in characters by people."""
    text = linecache.getline(path, line)
    return column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))
