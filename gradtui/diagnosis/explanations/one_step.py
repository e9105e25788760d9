"""Recurrent weights that get only zeros: of the output one step is used, before which nothing was read.

At the last step of a bidirectional LSTM the reverse direction has read that step alone, as has the other one
at the first; and of a sequence of one step both have.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, first_after
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule
from gradtui.model.gradients import Death

RECURRENT = frozenset(["lstm", "gru", "rnn_tanh", "rnn_relu"])
TAKES = frozenset(["__getitem__", "select", "narrow", "index_select", "unbind", "chunk", "split", "gather"])
WEIGHT = "weight_hh_l"
"""How torch names what a recurrent layer multiplies its last state by, before the layer's number."""
FAR = 4
"""Calls after the layer among which the one that takes a step is looked for: an unpacking, a dropout."""


def one_step(run: Run, scene: Scene, death: Death, lost: Sequence[Lost]) -> Finding | None:
    """The line that takes one step of a recurrent layer's output, where these get only zeros for that."""
    call = death.call
    if call == NONE or scene.name(call) not in RECURRENT:
        return None
    names = [scene.owners.called(one.tensor) for one in lost]
    takes = _taken(run, scene, call) if all(WEIGHT in name for name in names) else NONE
    if takes == NONE:
        return None
    reverse = all(name.endswith("_reverse") for name in names)
    direction = "the reverse direction has read nothing else" if reverse else "nothing else has been read"
    fix = (
        "Take the last step of the one direction and the first of the other, or the final states, which the "
        "layer returns too: `torch.cat([h[-2], h[-1]], -1)`."
        if reverse
        else "Take the step at which the whole sequence has been read, or the final state, which the layer "
        "returns too."
    )
    message = (
        f"`{code(scene, takes)}`, one step, is all that is used of `{code(scene, call)}`, and at "
        f"that step {direction}: {listed(names)} {get(names)} only zeros and "
        f"{'does' if len(names) == 1 else 'do'} not learn."
    )
    cause = at(Rule.ZERO_GRADIENT, scene.user_site(takes), fix, call=takes)
    evidence = [scene.evidence(call, "what it multiplies its last state by has no part in that step")]
    return run.finding_of(lost, cause, message, names, evidence=evidence)


def _taken(run: Run, scene: Scene, call: int) -> int:
    """The call that takes a part of the output of a layer that was given more than one step."""
    backward = first_after(scene.backwards, call)
    made = scene.outputs[call]
    if backward == NONE or not made or 1 in scene.shape(made[0]):
        return NONE
    flow = run.flow(scene, run.roots(scene, [backward]))
    value = made[0]
    for _ in range(FAR):
        uses = [*dict.fromkeys(flow.consumers.of(value))]
        if len(uses) != 1:
            return NONE
        if scene.name(uses[0]) in TAKES:
            return uses[0]
        value = flow.made_by(uses[0])[0]
    return NONE
