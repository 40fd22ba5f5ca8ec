from __future__ import annotations

import copy

import pytest
import yaml

from framework.build import build
from framework.config.blocks import expand
from framework.config.check import check
from framework.config.compose import compose
from framework.config.loader import Source
from framework.errors import ConfigError
from framework.layers import Mode
from framework.plan import plan

RESIDUAL = """
blocks:
  residual:
    parameters: {filters: 64, stride: 1, projection: false}
    layers:
      a: {type: conv2d, filters: filters, kernel_size: 3, strides: stride, use_bias: false}
      an: {type: batch_norm, activation: relu}
      b: {type: conv2d, filters: filters, kernel_size: [3, 3], use_bias: false}
      bn: {type: batch_norm}
      skip: {type: conv2d, inputs: [input], filters: filters, kernel_size: 1, strides: stride, when: projection}
      sum: {type: add, inputs: [bn, skip], activation: relu}
layers:
  stem: {type: conv2d, filters: 16, kernel_size: 3}
  stage1: {type: residual, filters: 16, repeat: 2}
  stage2: {type: residual, filters: 32, repeat: 2, first: {stride: 2, projection: true}}
  flatten: {type: flatten}
  logits: {type: dense, units: num_classes}
outputs: {logits: logits}
"""
DEFAULT = compose(["model=mlp"], Source()).tree


def tree(text: str = RESIDUAL, **changes: object) -> dict:
    """The default configuration with another model; changes: `stage1__filters=3` sets model.layers.stage1.filters."""
    model = yaml.safe_load(text)
    for key, value in changes.items():
        layer, _, option = key.partition("__")
        model["layers"][layer][option] = value
    return {**copy.deepcopy(DEFAULT), "model": model}


def mistakes(configuration: dict) -> dict[str, str]:
    """The path of each mistake -> what it says and what it speaks of beside."""
    try:
        build(check(configuration), Mode.TRAIN)
    except ConfigError as error:
        return {".".join(m.path): f"{m.message} | {'.'.join(m.related or ())}" for m in error.mistakes}
    return {}


def layers(text: str) -> dict[str, dict]:
    expansion = expand(yaml.safe_load(text))
    assert expansion.mistakes == []
    return {name: flat.options for name, flat in expansion.layers.items()}


def test_a_block_equals_its_layers_written_by_hand():
    by_hand = """
layers:
  stem: {type: conv2d, filters: 16, kernel_size: 3}
  a: {type: conv2d, filters: 32, kernel_size: 3, strides: 2, use_bias: false}
  an: {type: batch_norm, activation: relu}
  b: {type: conv2d, filters: 32, kernel_size: 3, use_bias: false}
  bn: {type: batch_norm}
  skip: {type: conv2d, inputs: [stem], filters: 32, kernel_size: 1, strides: 2}
  sum: {type: add, inputs: [bn, skip], activation: relu}
  flatten: {type: flatten}
  logits: {type: dense, units: num_classes}
outputs: {logits: logits}
"""
    with_block = yaml.safe_load(RESIDUAL)
    del with_block["layers"]["stage1"], with_block["layers"]["stage2"]
    order = {"stem": with_block["layers"]["stem"]}
    order["stage"] = {"type": "residual", "filters": 32, "stride": 2, "projection": True}
    with_block["layers"] = {**order, **with_block["layers"]}
    one = plan(check({**copy.deepcopy(DEFAULT), "model": with_block}))
    other = plan(check(tree(by_hand)))
    assert one.parameters == other.parameters == 160 + 9 * 16 * 32 + 9 * 32 * 32 + 16 * 32 + 32 + 128 + 512 * 10 + 10
    assert one.flops == other.flops


def test_every_repetition_reads_the_one_before_and_the_first_has_options_of_its_own():
    found = layers(RESIDUAL)
    assert list(found)[:4] == ["stem", "stage1/1/a", "stage1/1/an", "stage1/1/b"]
    reads = dict(zip(list(found)[1:], list(found), strict=False))  # a layer without `inputs` reads the one before it
    reads |= {name: options["inputs"][0] for name, options in found.items() if "inputs" in options}
    assert reads["stage1/1/a"] == "stem"
    assert reads["stage1/2/a"] == "stage1/1/sum"
    assert reads["stage2/1/a"] == "stage1"
    assert found["stage1"] == {"type": "identity", "inputs": ["stage1/2/sum"]}
    assert [found[f"stage2/{k}/a"]["strides"] for k in (1, 2)] == [2, 1]
    assert found["stage2/1/skip"]["type"] == "conv2d"
    assert found["stage2/2/skip"] == {"type": "identity", "inputs": ["stage2/1/sum"]}
    assert found["stage2/1/sum"]["inputs"] == ["stage2/1/bn", "stage2/1/skip"]
    assert found["stage2/1/b"]["kernel_size"] == [3, 3]


def test_a_layer_that_is_no_block_is_repeated_too():
    found = layers("layers: {fc: {type: dense, units: 8, repeat: 3, first: {units: 4}}, out: {type: dense, units: 1}}")
    assert {name: options.get("units") for name, options in found.items()} == {
        "fc/1": 4, "fc/2": 8, "fc/3": 8, "fc": None, "out": 1,
    }  # fmt: skip
    assert "inputs" not in found["out"]


def test_blocks_hold_blocks_and_hand_their_parameters_on():
    found = layers(
        """
blocks:
  unit: {parameters: {width: 1}, layers: {fc: {type: dense, units: width}}}
  pair:
    parameters: {size: 2, keep: true}
    inputs: [left, right]
    layers:
      one: {type: unit, width: size, inputs: [left]}
      two: {type: unit, width: size, inputs: [right], when: keep}
      both: {type: add, inputs: [one, two]}
      side: {type: dense, units: 3}
    output: both
layers:
  p: {type: pair, size: 7, inputs: [x, y]}
  q: {type: pair, keep: false, inputs: [p, p/side]}
  r: {type: dense, units: 1}
"""
    )
    assert found["p/one/fc"] == {"type": "dense", "units": 7, "inputs": ["x"]}
    assert found["p/two/fc"] == {"type": "dense", "units": 7, "inputs": ["y"]}
    assert found["p"] == {"type": "identity", "inputs": ["p/both"]}
    assert found["q/one/fc"]["units"] == 2
    assert found["q/two"] == {"type": "identity", "inputs": ["p/side"]}
    assert "inputs" not in found["r"]


def test_a_parameter_is_found_inside_lists_and_components():
    found = layers(
        "{blocks: {b: {parameters: {k: 3, s: 0.5}, layers: {c: {type: conv2d, filters: 1, kernel_size: [k, 1], "
        "kernel_initializer: {type: normal, stddev: s}}}}}, layers: {b: {type: b, k: 5}}}"
    )
    assert found["b/c"]["kernel_size"] == [5, 1]
    assert found["b/c"]["kernel_initializer"] == {"type": "normal", "stddev": 0.5}


def test_a_parameter_can_be_multiplied():
    found = layers(
        "{blocks: {b: {parameters: {w: 3, n: 2}, layers: {c: {type: dense, units: 4 * w}, "
        "d: {type: dense, units: w*n}, e: {type: l, text: '2 * *'}}}}, layers: {b: {type: b, w: 5}}}"
    )
    assert (found["b/c"]["units"], found["b/d"]["units"], found["b/e"]["text"]) == (20, 10, "2 * *")


def test_a_mask_is_a_name_of_the_block():
    found = layers(
        """
blocks:
  b:
    inputs: [x, hidden]
    layers:
      shown: {type: op, op: LogicalNot, inputs: [hidden]}
      a: {type: multi_head_attention, heads: 2, inputs: [x], mask: shown}
      c: {type: multi_head_attention, heads: 2, mask: hidden}
layers: {use: {type: b, inputs: [words, gaps]}}
"""
    )
    assert (found["use/a"]["mask"], found["use/c"]["mask"]) == ("use/shown", "gaps")


def test_sharing_takes_over_options_and_variables():
    text = """
layers:
  flatten: {type: flatten}
  left: {type: dense, units: 8, activation: relu, inputs: [flatten]}
  right: {type: dense, inputs: [flatten], share: left}
  sum: {type: add, inputs: [left, right]}
  logits: {type: dense, units: num_classes}
outputs: {logits: logits}
"""
    built = build(check(tree(text)), Mode.TRAIN)
    assert set(built.parameters) == {"left/kernel", "left/bias", "logits/kernel", "logits/bias"}
    products = [node for node in built.graph if node.op == "MatMul"]
    assert [node.inputs[1] for node in products][:2] == ["left/kernel:0", "left/kernel:0"]


def test_a_whole_block_shares_with_another_use_of_it():
    model = yaml.safe_load(RESIDUAL)
    model["layers"] = {
        "stem": model["layers"]["stem"],
        "one": {"type": "residual", "filters": 16, "repeat": 2},
        "two": {"type": "residual", "share": "one"},
        "flatten": {"type": "flatten"},
        "logits": {"type": "dense", "units": "num_classes"},
    }
    built = build(check({**copy.deepcopy(DEFAULT), "model": model}), Mode.TRAIN)
    assert {name.split("/")[0] for name in built.parameters} == {"stem", "one", "logits"}
    assert "two/2/b/Conv2D" in built.graph
    assert built.graph.nodes["two/2/b/Conv2D"].inputs[1] == "one/2/b/kernel:0"


def test_a_block_of_value_options_still_shares_one_program():
    text = """
blocks: {thin: {parameters: {rate: 0.1}, layers: {fc: {type: dense, units: 4}, drop: {type: dropout, rate: rate}}}}
layers: {flatten: {type: flatten}, t: {type: thin, repeat: 2}, logits: {type: dense, units: num_classes}}
outputs: {logits: logits}
"""
    one, other = (build(check(tree(text, t__rate=rate)), Mode.TRAIN) for rate in (0.1, 0.3))
    assert one.fingerprint == other.fingerprint
    assert other.hyper["Hyper/model/layers/t/2/drop/rate:0"] == 0.3


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        (
            {"stage1__filtrs": 3},
            "model.layers.stage1.filtrs",
            "block residual has no parameter 'filtrs'; did you mean 'filters'?  options: filters, stride, projection,",
        ),
        (
            {"stage1__type": "residul"},
            "model.layers.stage1.type",
            "there is no layer 'residul'; did you mean 'residual'?",
        ),
        ({"stage1__repeat": 0}, "model.layers.stage1.repeat", "'repeat' must be an integer from 1 to 10,000, found 0"),
        (
            {"stage1__repeat": True},
            "model.layers.stage1.repeat",
            "'repeat' must be an integer from 1 to 10,000, found true",
        ),
        ({"stage1__when": "yes"}, "model.layers.stage1.when", "'when' must be true or false, found 'yes'"),
        ({"stem__first": {}}, "model.layers.stem.first", "'first' must be a mapping of options, beside 'repeat'"),
        ({"stage1__filters": -1}, "model.blocks.residual.layers.a", "a size must be at least 1, found -1, from 'stem'"),
        ({"stage1__filters": 3.5}, "model.layers.stage1.filters", "must be an integer or text, found 3.5"),
        ({"stage1__inputs": ["stem", "stem"]}, "model.layers.stage1.inputs", "block residual reads 1 (input), found 2"),
        (
            {"stage1__inputs": ["sten"]},
            "model.layers.stage1.inputs.0",
            "there is no 'sten' to read; did you mean 'stem'?",
        ),
        ({"logits__share": "logit"}, "model.layers.logits.share", "there is no layer 'logit' to share with"),
        ({"logits__share": "logits"}, "model.layers.logits.share", "shares with itself"),
        ({"stage2__projection": 3}, "model.blocks.residual.layers.skip.when", "'when' must be true or false, found 3"),
    ],
)
def test_a_mistake_is_placed_where_it_was_written(changes, path, message):
    found = mistakes(tree(**changes))
    assert path in found
    assert found[path].startswith(message)


def test_a_shape_that_does_not_fit_inside_a_block_names_the_layer_and_its_use():
    configuration = tree(stage2__first={"stride": 2})  # without the projection the two sides of the sum differ
    found = mistakes(configuration)
    assert found.keys() == {"model.blocks.residual.layers.sum"}
    assert "model" in found["model.blocks.residual.layers.sum"]


@pytest.mark.parametrize(
    ("block", "path", "message"),
    [
        ("{}", "model.blocks.b", "block b needs 'layers'"),
        (
            "{layers: {a: {type: flatten}}, outputs: a}",
            "model.blocks.b.outputs",
            "a block has no option 'outputs'; did you",
        ),
        ("{layers: {a: {type: flatten}}, output: c}", "model.blocks.b.output", "block b has no layer 'c'"),
        (
            "{layers: {a: {type: flatten}}, parameters: {n: 1}}",
            "model.blocks.b.parameters.n",
            "no layer of block b uses",
        ),
        (
            "{layers: {a: {type: dense, units: repeat}}, parameters: {repeat: 1}}",
            "model.blocks.b.parameters.repeat",
            "'repeat' is an option of every layer already",
        ),
        ("{layers: {a: {type: b}}}", "model.blocks.b.layers.a", "blocks hold each other in a circle: b -> b"),
        ("{layers: {a/b: {type: flatten}}}", "model.blocks.b.layers.a/b", "'a/b' is no name for a layer"),
    ],
)
def test_a_wrong_block_is_a_mistake_at_its_place(block, path, message):
    text = f"{{blocks: {{b: {block}}}, layers: {{use: {{type: b}}}}, outputs: {{logits: use}}}}"
    found = mistakes(tree(text))
    assert path in found
    assert found[path].startswith(message)
