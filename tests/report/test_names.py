"""Parameters grouped by module."""

from __future__ import annotations

from gradtui.report.names import grouped


def test_parameters_of_one_module_stand_together() -> None:
    assert grouped(["fc1.weight", "fc2.weight", "fc1.bias"]) == ["fc1 (weight, bias)", "fc2.weight"]


def test_a_leaf_of_no_module_is_its_own_group() -> None:
    assert grouped(["alpha", "beta"]) == ["alpha", "beta"]


def test_many_modules_are_named_by_what_holds_them() -> None:
    names = [f"encoder.layers.{n}.linear.{kind}" for n in range(12) for kind in ("weight", "bias")]
    assert grouped([*names, "head.weight"]) == ["encoder.layers (24 parameters)", "head.weight"]


def test_many_modules_with_nothing_around_them_are_counted() -> None:
    assert grouped([f"expert{n}.weight" for n in range(9)])[-2:] == ["expert5.weight", "and 3 more"]
