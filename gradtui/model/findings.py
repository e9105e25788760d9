"""Findings: why a parameter doesn't learn, at which line, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Confidence(StrEnum):
    EXACT = "exact"
    LIKELY = "likely"


class Rule(StrEnum):
    """The closed set of names that a finding can have."""

    DETACH = "detach"
    DATA_ATTR = "data_attr"
    NUMPY_ROUNDTRIP = "numpy_roundtrip"
    PYTHON_SCALAR = "python_scalar"
    TENSOR_CTOR = "tensor_ctor"
    NO_GRAD = "no_grad"
    INFERENCE_MODE = "inference_mode"
    GRAD_MODE_OFF = "grad_mode_off"
    NONDIFFERENTIABLE_OP = "nondifferentiable_op"
    INTEGER_CAST = "integer_cast"
    ZERO_GRADIENT = "zero_gradient"
    FROZEN_LEAF = "frozen_leaf"
    LEAF_INPLACE = "leaf_inplace"
    INPLACE_VERSION = "inplace_version"
    DOUBLE_BACKWARD = "double_backward"
    UNUSED_PARAMETER = "unused_parameter"
    UNREGISTERED_PARAMETER = "unregistered_parameter"
    OPTIMIZER_MISMATCH = "optimizer_mismatch"
    REBUILT_LEAF = "rebuilt_leaf"
    CUSTOM_FUNCTION = "custom_function"
    CHECKPOINT = "checkpoint"
    NAN_GRADIENT = "nan_gradient"
    FRESH_LEAF_LOSS = "fresh_leaf_loss"
    GRAD_CLEARED = "grad_cleared"
    VALUES_COPIED = "values_copied"
    GRAPH_NOT_CREATED = "graph_not_created"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One step of the proof: a place and what happened there."""

    file: str
    line: int
    what: str
    call: int = -1
    """Index of the call in the trace of the finding's snapshot, -1 where there is none."""


@dataclass(frozen=True, slots=True)
class Finding:
    rule: Rule
    severity: Severity
    file: str
    """Absolute path; reports make it relative to the working folder."""
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    """What happened and what that does to training, one or two sentences."""
    fix: str
    """What to do at this very line, one sentence."""
    confidence: Confidence
    affected: tuple[str, ...]
    """Names of the parameters, terms or variables that lose their gradient."""
    evidence: tuple[Evidence, ...] = ()
    count: int = 1
    """At how many steps of an optimizer it was seen, and without one at how many backwards; 1 where that
    isn't known."""
    stop: int = 1
    """Index of the backward at which it began; 0 where none ran."""
    call: int = -1
    """Index of the call in the trace of its snapshot, -1 where there is none."""
    tensors: tuple[int, ...] = ()
    """Identities of the affected parameters."""
    in_forward: bool = False
    """Whether what is wrong is a value that forward computed, and gradients only for that."""

    @property
    def loud(self) -> bool:
        return self.severity is not Severity.NOTE

    @property
    def place(self) -> str:
        return f"{self.file.rsplit('/', 1)[-1]}:{self.line}"
