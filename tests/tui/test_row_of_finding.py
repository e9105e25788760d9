"""Which row of the tree a finding is about, where one line has made several."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from gradtui.diagnosis.engine import diagnose
from gradtui.diagnosis.outline import Mark
from gradtui.tui.view import view
from tests.debuggee.recording import seen


def test_what_backward_runs_into_is_shown_where_backward_comes_to_it_and_not_beyond_a_cut() -> None:
    def program() -> None:
        cell, head = nn.GRUCell(3, 4), nn.Linear(4, 1)
        optimizer = torch.optim.SGD([*cell.parameters(), *head.parameters()], lr=0.1)
        state = torch.zeros(2, 4)

        def step(before: torch.Tensor) -> torch.Tensor:
            after: torch.Tensor = cell(torch.ones(2, 3), before)
            return after

        for _ in range(2):
            weight = step(torch.rand(2, 4)).detach().mean()
            state = step(state)
            loss = weight * head(state).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    snapshots = seen(program)
    shown = view(snapshots, lambda seen, _: tuple(diagnose(seen)))
    (beyond,) = [
        row
        for row in range(len(shown.rows))
        if shown.rows.marks[row] & Mark.SEVERED and shown.labels.label(row).words == "after"
    ]
    site = shown.labels.site_of(beyond)
    assert site is not None
    at_the_line = replace(
        shown.findings[0],
        line=site.line,
        column=site.column,
        end_line=site.end_line,
        end_column=site.end_column,
    )
    row = shown.row_of(at_the_line)

    assert shown.labels.site_of(row) == site
    assert not shown.rows.marks[row] & Mark.SEVERED
