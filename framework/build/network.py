"""The network: each layer behind those it reads, and the outputs of the model."""

from __future__ import annotations

from framework.build.building import Building, ReadsBrokenError
from framework.build.built import LayerNote
from framework.build.precision import converted
from framework.build.scope import PartScope
from framework.errors import GraphError
from framework.graph.ordering import Reference, in_order
from framework.layers import LAYERS, Layer

RESERVED = ("Data", "Hyper", "Loss", "Metrics", "Summaries", "Train")


def add_layers(building: Building) -> None:
    """Adds every layer in an order in which each stands behind what it reads."""
    layers, spec = building.experiment.model.layers, building.spec
    taken, known = {name.lower() for name in RESERVED}, dict[str, str]()
    for name in layers:
        if (other := known.setdefault(name.lower(), name)) != name:  # of nodes, TensorFlow takes them for one
            error = GraphError(f"the layers '{other}' and '{name}' differ in upper and lower case alone; rename one")
            building.fail(("model", "layers", name), error)
        if name.partition("/")[0].lower() in taken or name in spec.features:
            building.fail(("model", "layers", name), GraphError(f"a layer cannot be called '{name}', which is taken"))
    if building.mistakes:  # whoever reads such a name means something else by it
        building.broken.update((*layers, *building.experiment.model.outputs))
        return
    references = _references(building)
    order, mistakes = in_order(references, [*layers, *spec.inputs])
    building.mistakes.extend(mistakes)
    building.broken.update(name for name in layers if name not in order)
    for name in order:
        _add_layer(building, name, layers[name], [reference.name for reference in references[name]])


def _references(building: Building) -> dict[str, list[Reference]]:
    """What each layer reads: what `inputs` names, else the layer before it, else the only input of the model."""
    found, before = {}, building.spec.inputs[0]
    for name, layer in building.experiment.model.layers.items():
        path = ("model", "layers", name)
        if layer.inputs is None:
            found[name] = [Reference(before, path)]
        else:
            found[name] = [Reference(source, (*path, "inputs", str(k))) for k, source in enumerate(layer.inputs)]
        before = name
    return found


def _add_layer(building: Building, name: str, layer: Layer, sources: list[str]) -> None:
    path: tuple[str, ...] = ("model", "layers", name)
    built = building.built
    first = next((s for s in sources if s in building.experiment.model.layers), None)
    before, precision = {*built.parameters, *built.state}, building.experiment.trainer.precision
    try:
        inputs = [converted(building.graph, building.resolve(source), precision) for source in sources]
        if layer.arity is not None and len(inputs) != layer.arity:
            count = f"{layer.arity} tensor{'s' * (layer.arity > 1)}"
            path = path if layer.inputs is None else (*path, "inputs")
            raise GraphError(
                f"{LAYERS.name_of(layer)} reads {count}, found {len(inputs)}: {', '.join(sources) or 'none'}"
            )
        with building.graph.as_default(), building.graph.name_scope(f"{name}/"):
            shared = None if layer.share is None else f"{layer.share}/"
            output = layer.build(PartScope(building, path, f"{name}/", shared, precision), *inputs)
    except ReadsBrokenError:
        building.broken.add(name)
        return
    except GraphError as error:
        building.broken.add(name)
        message = error.message if first is None else f"{error.message}, from '{first}'"
        related = None if first is None else ("model", "layers", first)
        building.fail(path, GraphError(message, hint=error.hint), related)
        return
    building.tensors[name] = output
    own = tuple(v for v in (*built.parameters, *built.state) if v not in before)
    built.layers.append(LayerNote(name, LAYERS.name_of(layer), output.name, own))


def add_outputs(building: Building) -> None:
    """Gives the outputs of the model their tensors."""
    for name, source in building.experiment.model.outputs.items():
        try:
            tensor = converted(building.graph, building.resolve(source), "float32")
        except ReadsBrokenError:
            building.broken.add(name)
            continue
        except GraphError as error:
            error.message = error.message.replace(f"; did you mean '{source}'?", "")  # which is the output itself
            building.fail(("model", "outputs", name), error)
            building.broken.add(name)
            continue
        building.built.outputs[name] = tensor.name
        building.tensors.setdefault(name, tensor)
