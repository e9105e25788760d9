"""Snapshots made by hand: a recording that is told what a program does, line by line, as torch would be.

    run = Program(SOURCE)
    weight = run.parameter("fc.weight", (5, 10))
    out = run.op("F.linear", [x, weight], (1, 5), at="self.fc(x)", node="AddmmBackward0")
    pred = run.op("Tensor.detach", [out], (1, 5), at="out.detach()", tracked=False)
    snapshot = run.backward(loss, at="loss.backward()")

Places are given as the text of the expression, which must stand in the source once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradtui.model.columns import NONE, Ragged, ints
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.graph import Graph, StaleSave
from gradtui.model.owners import GradState, Group, Judgement, Module, Optimizer, Parameter, Role
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site, SourceFile
from gradtui.model.stops import Raised, Stop, StopKind
from gradtui.model.trace import CallFlag, Kind, Tie, Trace, ValueFlag

FOLDER = "/home/ada/ranker"
SCRIPT = f"{FOLDER}/train.py"


class Program:
    """What a program did so far. Values are numbers, as in a trace."""

    def __init__(self, source: str = "", path: str = SCRIPT) -> None:
        self.source, self.path = source, path
        self.grad = True
        self.inference = False
        self.functions: dict[str, int] = {}
        self.sites: dict[Site, int] = {}
        self.stacks: dict[tuple[int, ...], int] = {}
        self.shapes: dict[tuple[int, ...], int] = {}
        self.dtypes: dict[str, int] = {}
        self.calls: list[dict[str, int]] = []
        self.inputs: list[list[int]] = []
        self.outputs: list[list[int]] = []
        self.values: list[dict[str, int]] = []
        self.ties: list[Tie] = []
        self.parameters: list[Parameter] = []
        self.modules: dict[str, int] = {}
        self.optimizers: list[Optimizer] = []
        self.nodes: list[tuple[str, int, int, tuple[int, ...], list[int]]] = []
        """Name, call, leaf, received shape and edges."""
        self.node_of: dict[int, int] = {}
        self.leaf_node: dict[int, int] = {}
        self.stale: list[StaleSave] = []
        self.stops: list[Stop] = []
        self.judgements: list[Judgement] = []

    # places

    def site(self, at: str, *, user: bool = True, function: str = "main") -> int:
        """The index of the site of an expression, of line 0 where there is none."""
        start = self.source.find(at) if at else -1
        if start < 0:
            site = Site(self.path, 0, 0, 0, 0, function, user)
        else:
            line, end = self.source.count("\n", 0, start) + 1, start + len(at)
            end_line = self.source.count("\n", 0, end) + 1
            column = start - (self.source.rfind("\n", 0, start) + 1)
            site = Site(
                self.path, line, end_line, column, end - (self.source.rfind("\n", 0, end) + 1), function, user
            )
        return self.sites.setdefault(site, len(self.sites))

    # what the program does

    def data(self, shape: tuple[int, ...], *, dtype: str = "float32", flags: int = 0) -> int:
        """A tensor that comes from somewhere: it is met for the first time."""
        floating = ValueFlag.FLOATING if dtype.startswith(("float", "bfloat", "complex")) else 0
        call = self._call(Kind.SEEN, "seen", "", [])
        return self._value(call, shape, dtype, flags | floating | ValueFlag.LEAF)

    def parameter(
        self, name: str, shape: tuple[int, ...], *, requires_grad: bool = True, at: str = ""
    ) -> int:
        """A registered parameter of the module that its name says."""
        flags = ValueFlag.PARAMETER | (ValueFlag.REQUIRES_GRAD if requires_grad else 0)
        value = self.data(shape, flags=flags)
        self.parameters.append(
            Parameter(
                tensor=self.values[value]["tensor"],
                names=(name,),
                role=Role.PARAMETER,
                shape=shape,
                dtype="float32",
                device="cpu",
                requires_grad=requires_grad,
                is_leaf=True,
                version=0,
                grad=GradState.NONE,
                made=self.site(at) if at else NONE,
            )
        )
        return value

    def leaf(self, name: str, shape: tuple[int, ...]) -> int:
        """A leaf of the program's own that requires grad."""
        value = self.data(shape, flags=ValueFlag.REQUIRES_GRAD)
        tensor = self.values[value]["tensor"]
        self.parameters.append(
            Parameter(tensor, (name,), Role.LEAF, shape, "float32", "cpu", True, True, 0, GradState.NONE)
        )
        return value

    def op(
        self,
        function: str,
        inputs: Sequence[int],
        shape: tuple[int, ...],
        *,
        at: str = "",
        node: str | Sequence[str] = "",
        module: str = "",
        tracked: bool | None = None,
        kind: Kind = Kind.OP,
        dtype: str = "float32",
    ) -> int:
        """A call with one result, tracked as torch would have it unless told; its nodes inside out."""
        asks = any(self.values[value]["flags"] & ValueFlag.REQUIRES_GRAD for value in inputs)
        tracked = (asks and self.grad) if tracked is None else tracked
        call = self._call(kind, function, at, inputs, module)
        flags = ValueFlag.FLOATING if dtype.startswith("float") else 0
        flags |= ValueFlag.REQUIRES_GRAD if tracked else ValueFlag.LEAF
        value = self._value(call, shape, dtype, flags)
        if tracked:
            names = [node] if isinstance(node, str) else list(node)
            edges = [self._node(item) for item in inputs]
            for name in names:
                self.nodes.append((name or "OpBackward0", call, NONE, shape, edges))
                edges = [len(self.nodes) - 1]
            self.node_of[value] = len(self.nodes) - 1
        elif asks:
            self.calls[call]["stack"] = self._stack(self.calls[call]["site"])
        return value

    def linear(self, layer: str, value: int, size: int, at: str, weights: tuple[int, int]) -> int:
        """`nn.Linear`: one call whose nodes are Addmm and the weight's transposition."""
        weight, bias = weights
        asks = any(self.values[item]["flags"] & ValueFlag.REQUIRES_GRAD for item in (value, weight, bias))
        call = self._call(Kind.OP, "F.linear", at, [value, weight, bias], layer)
        shape = (*self.shape_of(value)[:-1], size)
        tracked = asks and self.grad
        flags = ValueFlag.FLOATING | (ValueFlag.REQUIRES_GRAD if tracked else ValueFlag.LEAF)
        result = self._value(call, shape, "float32", flags)
        if tracked:
            turned = (self.shape_of(weight)[1], self.shape_of(weight)[0])
            ends = [self._node(bias), self._node(value), self._node(weight)]
            self.nodes.append(("TBackward0", call, NONE, turned, [ends[2]]))
            edges = [*ends[:2], len(self.nodes) - 1]
            self.nodes.append(("AddmmBackward0", call, NONE, shape, edges))
            self.node_of[result] = len(self.nodes) - 1
        return result

    def escape(self, function: str, value: int, at: str) -> int:
        """Values leave torch; the call, for a tie."""
        return self._call(Kind.ESCAPE, function, at, [value])

    def tie(self, source: int, value: int, *, exact: bool = True, how: str = "shares its memory") -> None:
        """What escaped in call `source` went into the call that made `value`."""
        self.ties.append(Tie(source, self.values[value]["producer"], exact, how))

    def require(self, value: int, at: str) -> int:
        """`requires_grad_()`: the same tensor, now a leaf that requires grad."""
        call = self._call(Kind.FLAG, "Tensor.requires_grad_", at, [value], detail=1)
        old = self.values[value]
        flags = ValueFlag.REQUIRES_GRAD | ValueFlag.LEAF | ValueFlag.FLOATING
        return self._value(call, self.shape_of(value), "float32", flags, tensor=old["tensor"])

    def write(self, function: str, value: int, others: Sequence[int] = (), *, at: str = "") -> int:
        """An in-place write: a new value of the same tensor."""
        call = self._call(Kind.WRITE, function, at, [value, *others])
        old = self.values[value]
        written = self._value(call, self.shape_of(value), "float32", old["flags"], old["tensor"])
        self.values[written]["version"] = old["version"] + 1
        self.values[written]["storage"] = old["storage"]
        if value in self.node_of:
            self.nodes.append(("AddBackward0", call, NONE, self.shape_of(value), [self.node_of[value]]))
            self.node_of[written] = len(self.nodes) - 1
        return written

    def optimizer(self, kind: str, values: Sequence[int], *, at: str = "", name: str = "optimizer") -> None:
        tensors = tuple(self.values[value]["tensor"] for value in values)
        made = self.site(at) if at else NONE
        self.optimizers.append(Optimizer(kind, name, (Group(tensors, (("lr", "0.1"),)),), made))

    def mode(self, at: str, *, grad: bool) -> None:
        """Gradients are switched off, or on again."""
        self.grad = grad
        self._call(Kind.SWITCH, "torch._set_grad_enabled", at, [], detail=int(grad))

    def flag(self, value: int, at: str) -> int:
        """`requires_grad = False`: the same tensor, which does not require grad any more."""
        call = self._call(Kind.FLAG, "Tensor.requires_grad", at, [value])
        self.calls[call]["stack"] = self._stack(self.calls[call]["site"])
        old = self.values[value]
        self.parameters = [
            replace(item, requires_grad=False) if item.tensor == old["tensor"] else item
            for item in self.parameters
        ]
        flags = ValueFlag.LEAF | ValueFlag.FLOATING | ValueFlag.PARAMETER
        return self._value(call, self.shape_of(value), "float32", flags, tensor=old["tensor"])

    def clear(self, values: Sequence[int], *, at: str = "") -> None:
        self._call(Kind.CLEAR, "Optimizer.zero_grad", at, values, detail=len(values))

    def new_leaf(self, function: str, inputs: Sequence[int], shape: tuple[int, ...], *, at: str) -> int:
        """`nn.Parameter(...)`, `torch.tensor(..., requires_grad=True)`: a new leaf made of values."""
        kind = Kind.PARAMETER if function == "nn.Parameter" else Kind.REENTRY
        call = self._call(kind, function, at, inputs)
        self.calls[call]["stack"] = self._stack(self.calls[call]["site"])
        flags = ValueFlag.REQUIRES_GRAD | ValueFlag.LEAF | ValueFlag.FLOATING
        return self._value(call, shape, "float32", flags)

    def step(self, states: dict[int, GradState], *, at: str = "", optimizer: int = 0) -> Snapshot:
        """An optimizer's step with the states of the gradients it found, by value; the snapshot after it."""
        call = self._call(Kind.STEP, "Adam.step", at, [], detail=optimizer)
        by_tensor = {self.values[value]["tensor"]: state for value, state in states.items()}
        steps = sum(item.optimizer == optimizer for item in self.judgements) + 1
        stop = len([item for item in self.stops if item.kind is StopKind.BACKWARD])
        judgement = Judgement(optimizer, steps, call, stop, by_tensor)
        self.judgements.append(judgement)
        self.optimizers[optimizer] = replace(self.optimizers[optimizer], steps=steps)
        snapshot = self.snapshot(Stop(steps, StopKind.STEP, self.site(at), call), None)
        return replace(snapshot, judgements=(judgement,))

    # what is seen of it

    def backward(self, loss: int, at: str, *, kind: StopKind = StopKind.BACKWARD) -> Snapshot:
        """The snapshot taken right before this backward."""
        call = self._call(Kind.BACKWARD, "Tensor.backward", at, [loss])
        graph, leaves = self._graph(loss)
        could = [item for item in self.parameters if item.requires_grad or self._held(item.tensor)]
        stop = Stop(
            index=sum(item.kind is kind for item in self.stops) + 1,
            kind=kind,
            site=self.site(at),
            call=call,
            roots=(loss,),
            loss=0.4812,
            nodes=len(graph) if graph else 0,
            total=len(could),
            reached=sum(item.tensor in leaves for item in could),
        )
        self.stops.append(stop)
        return self.snapshot(stop, graph)

    def exception(self, kind: str, message: str, at: str, inputs: Sequence[int] = ()) -> Snapshot:
        """The snapshot taken where the program raised."""
        call = self._call(Kind.RAISED, "F.linear", at, inputs)
        raised = Raised(
            kind,
            message,
            stack=(self.site(at),),
            traceback=f'Traceback (most recent call last):\n  File "train.py"\n{kind}: {message}\n',
            call=call,
        )
        stop = Stop(1, StopKind.EXCEPTION, self.site(at), call)
        self.stops.append(stop)
        return replace(self.snapshot(stop, None), raised=raised)

    def end(self) -> Snapshot:
        return self.snapshot(Stop(1, StopKind.END, NONE), None)

    def snapshot(self, stop: Stop, graph: Graph | None) -> Snapshot:
        return Snapshot(
            script=self.path.rsplit("/", 1)[-1],
            folder=self.path.rsplit("/", 1)[0],
            torch="2.13.0",
            python="3.11.7",
            stop=stop,
            trace=self.trace(),
            graph=graph,
            parameters=tuple(self.parameters),
            modules=tuple(Module(name, "net", "Linear", True) for name in self.modules),
            optimizers=tuple(self.optimizers),
            stops=tuple(self.stops),
            judgements=tuple(self.judgements),
            sources=(SourceFile(self.path, self.source),),
        )

    def finding(
        self,
        rule: Rule,
        at: str,
        message: str = "Tracking stopped here.",
        *,
        severity: Severity = Severity.ERROR,
        affected: Sequence[str] = (),
        fix: str = "Leave it out.",
        evidence: Sequence[tuple[str, str]] = (),
    ) -> Finding:
        """A finding at an expression; evidence is given as expressions and what happened there."""
        sites = list(self.sites)
        site = sites[self.site(at)] if self.site(at) < len(sites) else list(self.sites)[-1]
        tensors = {item.name: item.tensor for item in self.parameters}
        index = self.sites[site]
        return Finding(
            rule=rule,
            severity=severity,
            file=site.file,
            line=site.line,
            column=site.column,
            end_line=site.end_line,
            end_column=site.end_column,
            message=message,
            fix=fix,
            confidence=Confidence.EXACT,
            affected=tuple(affected),
            evidence=tuple(
                Evidence(self.path, list(self.sites)[self.site(place)].line, what) for place, what in evidence
            ),
            call=next((n for n, call in enumerate(self.calls) if call["site"] == index), NONE),
            tensors=tuple(tensors[name] for name in affected if name in tensors),
        )

    def trace(self) -> Trace:
        return Trace(
            functions=tuple(self.functions),
            sites=tuple(self.sites),
            stacks=tuple(self.stacks),
            shapes=tuple(self.shapes),
            dtypes=tuple(self.dtypes),
            devices=("cpu",),
            kind=ints(call["kind"] for call in self.calls),
            function=ints(call["function"] for call in self.calls),
            site=ints(call["site"] for call in self.calls),
            stack=ints(call["stack"] for call in self.calls),
            module=ints(call["module"] for call in self.calls),
            flags=ints(call["flags"] for call in self.calls),
            detail=ints(call["detail"] for call in self.calls),
            begin=ints(range(len(self.calls))),
            sequence_begin=ints([0] * len(self.calls)),
            sequence_end=ints([0] * len(self.calls)),
            order=ints(range(len(self.calls))),
            inputs=Ragged.of(self.inputs),
            outputs=Ragged.of(self.outputs),
            producer=ints(value["producer"] for value in self.values),
            tensor=ints(value["tensor"] for value in self.values),
            shape=ints(value["shape"] for value in self.values),
            dtype=ints(value["dtype"] for value in self.values),
            device=ints([0] * len(self.values)),
            version=ints(value["version"] for value in self.values),
            value_flags=ints(value["flags"] for value in self.values),
            storage=ints(value["storage"] for value in self.values),
            ties=tuple(self.ties),
            total_calls=len(self.calls),
        )

    def shape_of(self, value: int) -> tuple[int, ...]:
        return list(self.shapes)[self.values[value]["shape"]]

    # inside

    def _held(self, tensor: int) -> bool:
        return any(tensor in optimizer.tensors for optimizer in self.optimizers)

    def _stack(self, site: int) -> int:
        return self.stacks.setdefault((site,), len(self.stacks))

    def _call(
        self, kind: Kind, function: str, at: str, inputs: Sequence[int], module: str = "", detail: int = 0
    ) -> int:
        self.calls.append(
            {
                "kind": kind,
                "function": self.functions.setdefault(function, len(self.functions)),
                "site": self.site(at),
                "stack": NONE,
                "module": self.modules.setdefault(module, len(self.modules)) if module else NONE,
                "flags": (CallFlag.GRAD if self.grad else 0) | (CallFlag.INFERENCE if self.inference else 0),
                "detail": detail,
            }
        )
        self.inputs.append(list(inputs))
        self.outputs.append([])
        return len(self.calls) - 1

    def _value(self, call: int, shape: tuple[int, ...], dtype: str, flags: int, tensor: int = NONE) -> int:
        index = len(self.values)
        self.values.append(
            {
                "producer": call,
                "tensor": 1000 + index if tensor == NONE else tensor,
                "shape": self.shapes.setdefault(shape, len(self.shapes)),
                "dtype": self.dtypes.setdefault(dtype, len(self.dtypes)),
                "version": 0,
                "flags": flags,
                "storage": index,
            }
        )
        self.outputs[call].append(index)
        return index

    def _node(self, value: int) -> int:
        """The node whose gradient is this value's, NONE where it asks for none."""
        if not self.values[value]["flags"] & ValueFlag.REQUIRES_GRAD:
            return NONE
        if value in self.node_of:
            return self.node_of[value]
        tensor = self.values[value]["tensor"]
        if tensor not in self.leaf_node:
            self.nodes.append(("AccumulateGrad", NONE, tensor, self.shape_of(value), []))
            self.leaf_node[tensor] = len(self.nodes) - 1
        return self.leaf_node[tensor]

    def _graph(self, loss: int) -> tuple[Graph | None, set[int]]:
        """The nodes under a loss, the root first, parents before children."""
        root = self._node(loss)
        if root == NONE:
            return None, set()
        number, order = {root: 0}, [root]
        for node in order:
            for target in self.nodes[node][4]:
                if target != NONE and target not in number:
                    number[target] = len(order)
                    order.append(target)
        names: dict[str, int] = {}
        shapes: dict[tuple[int, ...], int] = {}
        kept = [self.nodes[node] for node in order]
        graph = Graph(
            name=ints(names.setdefault(node[0], len(names)) for node in kept),
            received=Ragged.of([[shapes.setdefault(node[3], len(shapes))] for node in kept]),
            names=tuple(names),
            shapes=tuple(shapes),
            roots=ints([0]),
            sequence=ints(
                NONE if node[2] != NONE else place for place, node in zip(order, kept, strict=True)
            ),
            call=ints(node[1] for node in kept),
            leaf=ints(node[2] for node in kept),
            hooks=ints([0] * len(kept)),
            edges=Ragged.of([[number.get(target, NONE) for target in node[4]] for node in kept]),
            edge_inputs=Ragged.of([[0] * len(node[4]) for node in kept]),
            stale=tuple(self.stale),
        )
        return graph, graph.leaves()
