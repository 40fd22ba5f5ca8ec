"""A plan as text for a terminal, about 80 columns wide."""

from __future__ import annotations

from textwrap import wrap

from framework.plan.memory import Memory
from framework.plan.table import Plan, Row

_STANDS_IN = "identity"  # the output of a block, or a layer that was left out: no more than a name


def magnitude(number: float | None) -> str:
    """A number in three figures with its thousands as a letter: 83.2 M."""
    if number is None:
        return "?"
    for limit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g} {letter}"
    return f"{number:.0f}"


def render(found: Plan) -> str:
    """The plan as a table, and the notes below it."""
    return "\n".join([*_table(found), "", *_notes(found), ""])


def _table(found: Plan) -> list[str]:
    header = ("layer", "type", "output an example", "parameters", "FLOPs")
    lines = [_cells(row) for row in found.rows if row.type != _STANDS_IN]
    total = ("total", "", "", f"{found.parameters:,}", magnitude(found.flops))
    widths = [max(len(line[k]) for line in (header, *lines, total)) for k in range(len(header))]
    rule = "  ".join("─" * width for width in widths)

    def show(line: tuple[str, ...]) -> str:
        left = [f"{cell:<{width}}" for cell, width in zip(line[:3], widths, strict=False)]
        right = [f"{cell:>{width}}" for cell, width in zip(line[3:], widths[3:], strict=True)]
        return "  ".join([*left, *right]).rstrip()

    return [show(header), rule, *map(show, lines), rule, show(total)]


def _cells(row: Row) -> tuple[str, ...]:
    parameters = f"{row.parameters:,}" if row.parameters else ""
    return (row.name, row.type, row.output, parameters, magnitude(row.flops) if row.flops != 0 else "")


def _notes(found: Plan) -> list[str]:
    splits = ", ".join(f"{split} {size:,}" for split, size in found.sizes.items())
    fed = ", ".join(f"{name} {shape}" for name, shape in found.inputs.items())
    return [
        f"examples: {splits}",
        f"fed a step: {fed}",
        *(f"column {column}" for column in found.columns),
        *(f"loss: {name} = {what}" for name, what in found.losses.items()),
        *(f"metric: {name} = {what}" for name, what in found.metrics.items()),
        f"{found.steps_per_epoch:,} steps an epoch, {found.steps:,} in all, {found.batch:,} examples each",
        f"a step: {magnitude(found.step_flops)} FLOPs, gradients and update included",
        *_of_memory(found.memory),
        f"FLOPs by layer are of the forward pass of one example; the graph has {found.nodes:,} nodes",
        f"fingerprint {found.fingerprint[:16]}: runs that share it share one compiled program",
        *(line for warning in found.warnings for line in wrap(f"warning: {warning}", 80, subsequent_indent="  ")),
    ]


def _of_memory(found: Memory | None) -> list[str]:
    if found is None:
        return ["memory: unknown, for the shape of a tensor is"]
    parts = {
        "parameters": found.parameters,
        "optimizer": found.slots,
        "other variables": found.state,
        "batch": found.batch,
        "activations": found.activations,
        "gradients": found.gradients,
    }
    listed = ", ".join(f"{name} {in_bytes(count)}" for name, count in parts.items() if count)
    return [f"memory of a step: about {in_bytes(found.peak)} at most", *(f"  {line}" for line in wrap(listed, 78))]


def in_bytes(count: int) -> str:
    """A number of bytes in three figures: 83.2 MB."""
    text = magnitude(count)
    return f"{text}B" if text[-1].isalpha() else f"{text} B"
