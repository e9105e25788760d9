"""Values of the model as JSON and back, compiled once a class from its type hints.

A message is one line of ASCII: `{"type": "Stopped", ...}` with a field for each field of its dataclass.
Columns are lists of whole numbers, long ones packed (see `packing`), a Ragged is its two columns, an Enum
is its value, a tuple or a frozenset is a list, and a dict has its keys as text. JSON has no numbers for what
is not finite, so such a float is one of the texts "nan", "inf" and "-inf".

What is decoded is validated: every field has its type, what has no default is there, nothing is there that
isn't known, and what must agree does (see `checks`). Encoding trusts the model.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from json.encoder import encode_basestring_ascii as quote
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from gradtui.model.messages import PROTOCOL, FromDebuggee, FromViewer
from gradtui.model.recording import Recording
from gradtui.model.source import Site
from gradtui.wire.checks import DisagreementError, check
from gradtui.wire.packing import PackingError, read_packed, write_packed

Message = FromDebuggee | FromViewer | Recording

Emit = Callable[[str], object]
"""Takes the next piece of a text."""
Write = Callable[[Any, Emit], object]
Read = Callable[[Any], Any]

LONG = 1024
"""Numbers from which on a column is packed."""
LARGEST = 2**63

DROPPED: dict[type, frozenset[str]] = {Site: frozenset(["first_line"])}
"""Fields that nobody reads any more: recordings that were made before still have them."""

CLASSES: dict[str, type] = {kind.__name__: kind for kind in get_args(Message)}


class _Column:
    """Stands for `array[int]` in type hints: before 3.12 they can't be evaluated."""

    def __class_getitem__(cls, item: type[int]) -> type[_Column]:
        return cls


class WireError(ValueError):
    """What came over the wire, or out of a file, isn't what it should be. Its text is one sentence."""


class _WrongError(Exception):
    """A value isn't what its field wants; the text goes on from the name of the field."""


def encode(message: Message) -> bytes:
    """A message as one line, its end included."""
    pieces: list[str] = []
    write(message, pieces.append)
    return "".join(pieces).encode("ascii")


def write(message: Message, emit: Emit) -> None:
    """Emit a message as one line in pieces of bounded size, so that a large one is never whole in memory."""
    kind: Any = type(message)
    emit(f'{{"type":{quote(kind.__name__)}')
    _write_fields(kind)(message, emit)
    emit("}\n")


def decode(line: bytes | str) -> Message:
    """The message on a line. Raises WireError where it isn't one."""
    try:
        raw = json.loads(line, parse_constant=_no_constant)
    except RecursionError:
        raise WireError("a message is nested too deeply") from None
    except MemoryError:
        raise WireError("a message is larger than the memory there is") from None
    except (ValueError, _WrongError) as error:
        raise WireError(f"a message isn't JSON: {error}") from None
    if type(raw) is not dict:
        raise WireError("a message isn't a JSON object")
    kind = raw.pop("type", None)
    if kind in ("Hello", "Recording"):
        _refuse_newer(raw.get("protocol"))
    if not isinstance(kind, str) or kind not in CLASSES:
        raise WireError(f"there is no message of type {_shown(kind)}")
    made: Message = _reader(CLASSES[kind])(raw)
    return made


def _refuse_newer(protocol: object) -> None:
    if isinstance(protocol, int) and protocol > PROTOCOL:
        raise WireError(
            f"it was made by a newer gradtui, of protocol {protocol}: this one knows up to {PROTOCOL}"
        )


def _no_constant(name: str) -> None:
    raise _WrongError(f"{name} isn't a number in JSON")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, localns={"array": _Column})


# writing


@cache
def _writer(hint: Any) -> Write:
    """What writes values of one type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _WRITE:
        return _WRITE[hint]
    if origin is UnionType:
        return _write_optional(hint)
    if origin is dict:
        return _write_dict(_writer(arguments[1]))
    if origin is frozenset:
        return lambda value, emit: _write_numbers(sorted(value), emit)
    if origin is tuple:
        return _write_tuple(arguments)
    if is_dataclass(hint):
        return _write_dataclass(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value, emit: emit(quote(str(value)))
    raise TypeError(f"there is no JSON for {hint}")


@cache
def _write_fields(kind: Any) -> Write:
    """What writes the fields of a dataclass, each with a comma before it."""
    hints = _hints(kind)
    parts = [(field.name, f",{quote(field.name)}:", _writer(hints[field.name])) for field in fields(kind)]

    def write_fields(value: Any, emit: Emit) -> None:
        for name, key, write_field in parts:
            emit(key)
            write_field(getattr(value, name), emit)

    return write_fields


def _write_dataclass(kind: Any) -> Write:
    write_fields = _write_fields(kind)

    def write_dataclass(value: Any, emit: Emit) -> None:
        first = True

        def emit_first(piece: str) -> object:
            nonlocal first
            if first:
                piece, first = piece[1:], False
            return emit(piece)

        emit("{")
        write_fields(value, emit_first)
        emit("}")

    return write_dataclass


def _write_optional(hint: Any) -> Write:
    (inner,) = (argument for argument in get_args(hint) if argument is not NoneType)
    write_inner = _writer(inner)
    return lambda value, emit: emit("null") if value is None else write_inner(value, emit)


def _write_tuple(arguments: tuple[Any, ...]) -> Write:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        if arguments[0] is int:
            return _write_numbers
        return _write_each(_writer(arguments[0]))
    writers = [_writer(argument) for argument in arguments]

    def write_tuple(value: tuple[Any, ...], emit: Emit) -> None:
        for index, (item, write_item) in enumerate(zip(value, writers, strict=True)):
            emit("," if index else "[")
            write_item(item, emit)
        emit("]")

    return write_tuple


def _write_each(write_item: Write) -> Write:
    def write_each(value: tuple[Any, ...], emit: Emit) -> None:
        emit("[")
        for index, item in enumerate(value):
            if index:
                emit(",")
            write_item(item, emit)
        emit("]")

    return write_each


def _write_dict(write_value: Write) -> Write:
    def write_dict(value: dict[int, Any], emit: Emit) -> None:
        emit("{")
        for index, (key, item) in enumerate(value.items()):
            emit(f'{"," if index else ""}"{int(key)}":')
            write_value(item, emit)
        emit("}")

    return write_dict


def _write_column(value: array[int], emit: Emit) -> None:
    if len(value) < LONG:
        emit(repr(value.tolist()).replace(" ", ""))
    else:
        write_packed(value, emit)


def _write_numbers(value: Any, emit: Emit) -> None:
    emit(f"[{','.join([str(int(number)) for number in value])}]")


def _write_float(value: float, emit: Emit) -> None:
    text = repr(float(value))
    emit(text if math.isfinite(value) else f'"{text}"')


_WRITE: dict[Any, Write] = {
    str: lambda value, emit: emit(quote(value)),
    bool: lambda value, emit: emit("true" if value else "false"),
    int: lambda value, emit: emit(str(int(value))),
    float: _write_float,
    _Column: _write_column,
}


# reading


@cache
def _reader(hint: Any) -> Read:
    """What turns JSON into values of one type, or raises."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _READ:
        return _READ[hint]
    if origin is UnionType:
        return _read_optional(hint)
    if origin is dict:
        return _read_dict(_reader(arguments[1]))
    if origin is frozenset:
        return lambda raw: frozenset(map(_read_int, _list(raw)))
    if origin is tuple:
        return _read_tuple(arguments)
    if is_dataclass(hint):
        return _read_dataclass(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _read_enum(hint)
    raise TypeError(f"there is no JSON for {hint}")


def _read_dataclass(kind: Any) -> Read:
    hints = _hints(kind)
    readers = [(field.name, _reader(hints[field.name])) for field in fields(kind)]
    needed = {field.name for field in fields(kind) if field.default is field.default_factory is MISSING}
    dropped = DROPPED.get(kind, frozenset())
    title = kind.__name__

    def read_dataclass(raw: Any) -> Any:
        if type(raw) is not dict:
            raise _WrongError(f"is to be a {title}, not {_shown(raw)}")
        values = {}
        for name, read_field in readers:
            if name in raw:
                try:
                    values[name] = read_field(raw[name])
                except _WrongError as wrong:
                    raise WireError(f"{title}.{name} {wrong}") from None
            elif name in needed:
                raise WireError(f"{title}.{name} is missing")
        if len(values) != len(raw):
            strangers = sorted(set(raw) - set(values) - dropped)
            if strangers:
                raise WireError(f"{title} has no field {_shown(strangers[0])}")
        made = kind(**values)
        try:
            check(made)
        except DisagreementError as error:
            raise WireError(f"{title}.{error}") from None
        return made

    return read_dataclass


def _read_optional(hint: Any) -> Read:
    (inner,) = (argument for argument in get_args(hint) if argument is not NoneType)
    read_inner = _reader(inner)
    return lambda raw: None if raw is None else read_inner(raw)


def _read_tuple(arguments: tuple[Any, ...]) -> Read:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        read_item = _reader(arguments[0])
        return lambda raw: tuple(map(read_item, _list(raw)))
    readers = [_reader(argument) for argument in arguments]

    def read_tuple(raw: Any) -> tuple[Any, ...]:
        if len(_list(raw)) != len(readers):
            raise _WrongError(f"is to be a list of {len(readers)}, not {_shown(raw)}")
        return tuple(read_item(item) for item, read_item in zip(raw, readers, strict=True))

    return read_tuple


def _read_dict(read_value: Read) -> Read:
    def read_dict(raw: Any) -> dict[int, Any]:
        if type(raw) is not dict:
            raise _WrongError(f"is to be an object, not {_shown(raw)}")
        return {_read_key(key): read_value(item) for key, item in raw.items()}

    return read_dict


def _read_key(text: str) -> int:
    try:
        return _read_int(int(text))
    except ValueError:
        raise _WrongError(f"has the key {_shown(text)}, which isn't a whole number") from None


def _read_enum(kind: type[Enum]) -> Read:
    members = {member.value: member for member in kind}

    def read_enum(raw: Any) -> Enum:
        if not isinstance(raw, str) or raw not in members:
            raise _WrongError(f"is to be one of {', '.join(members)}, not {_shown(raw)}")
        return members[raw]

    return read_enum


def _read_column(raw: Any) -> array[int]:
    try:
        return read_packed(raw) if type(raw) is str else array("q", _list(raw))
    except (TypeError, OverflowError):
        raise _WrongError("is to be a list of whole numbers of 64 bits") from None
    except PackingError as error:
        raise _WrongError(str(error)) from None


def _list(raw: Any) -> list[Any]:
    if type(raw) is not list:
        raise _WrongError(f"is to be a list, not {_shown(raw)}")
    return raw


def _read_int(raw: Any) -> int:
    if type(raw) is not int or not -LARGEST <= raw < LARGEST:
        raise _WrongError(f"is to be a whole number of 64 bits, not {_shown(raw)}")
    return raw


def _read_float(raw: Any) -> float:
    if raw in ("nan", "inf", "-inf"):
        return float(raw)
    if type(raw) not in (int, float) or (type(raw) is int and not -LARGEST <= raw < LARGEST):
        raise _WrongError(f"is to be a number, not {_shown(raw)}")
    if not math.isfinite(raw):
        raise _WrongError("is a number too large")
    return float(raw)


def _read_str(raw: Any) -> str:
    if type(raw) is not str:
        raise _WrongError(f"is to be text, not {_shown(raw)}")
    return raw


def _read_bool(raw: Any) -> bool:
    if type(raw) is not bool:
        raise _WrongError(f"is to be true or false, not {_shown(raw)}")
    return raw


_READ: dict[Any, Read] = {
    str: _read_str,
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    _Column: _read_column,
}
