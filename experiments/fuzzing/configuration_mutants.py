"""Valid configurations, and how they are changed at random: as trees, as texts of files, and as typed words."""

from __future__ import annotations

import contextlib
import copy
import random
import string
from pathlib import Path
from typing import Any

from experiments.fuzzing.mutation import at, spots
from experiments.fuzzing.report import ROOT

_SMALL = ("trainer.batch_size=8", "trainer.epochs=1", "dataset.limit=32")
_TEXT = (*_SMALL, "dataset.window=8", "loss=language", "metrics=none", "dataset=text")
_PARTNERS = {
    "char_transformer": _TEXT,
    "lstm": _TEXT,
    "regressor": ("dataset=diabetes", "loss=mean_squared_error", "metrics=regression", *_SMALL),
    "unet": ("loss=reconstruction", "metrics=none", *_SMALL),
}
_TINY = ("model=mlp", "model.layers.fc1.units=4", "model.layers.fc2.units=4", *_SMALL)
_ODD = (
    None, True, False, 0, 1, -1, 2, 3, 7, 64, 10**6, 2**31, 2**63, 10**30, 0.0, 0.5, -0.5, 1.0, 1e-9, 1e308,
    float("nan"), float("inf"), "", " ", "all", "auto", "true", "1", "1e-3", "null", "???", "${seed}", "${nothing}",
    "${trainer}", "${.}", "${oc.env:HOME}", "1 epoch", "0 steps", "9" * 5000, "é", "a b", "a\nb", "a/b", "../../x", ".",
    "*", "**/*[", "[", "{", "~", "$", "mean(logits)", "logits:7", "9**9**9", [], [[]], [None], [1, 2], ["input"], {},
    {"type": "dense"}, {"type": "dense", "units": 3}, {"a": {"b": {"c": []}}}, {"_target_": "os.system"},
)  # fmt: skip

_STARTS = ("\t", "- ", "# ", "? ", "!!python/name:os.system ")
_SIGNS = ("", "", *":,{}[]'\"$%é0\0", "&a ", "*a", "!!int ", "<<: ")


def seeds(folder: Path) -> list[tuple[str, ...]]:
    """The valid configurations, as overrides: every file of conf/ and experiments/ is in one. folder: for own data."""
    found: list[tuple[str, ...]] = []
    for model in _stems("conf/model"):
        found.append((f"model={model}", *_PARTNERS.get(model, _SMALL)))
    found += [(*_TINY, f"optimizer={name}", "schedule=constant") for name in _stems("conf/optimizer")]
    found += [(*_TINY, f"schedule={name}") for name in _stems("conf/schedule")]
    for name in _stems("conf/dataset"):
        own = _own_data(name, folder)
        more = (
            ("loss=mean_squared_error", "metrics=regression", "model.layers.logits.units=1")
            if name == "diabetes"
            else ()
        )
        if name != "text":
            found.append((*_TINY, f"dataset={name}", *own, *more))
    found += [(*_TINY, "loss=focal_cross_entropy"), (*_TINY, "metrics=detailed"), (*_TINY, "metrics=top_5")]
    for loss in ("huber", "mean_absolute_error", "mean_squared_error"):
        found.append(("model=regressor", "dataset=diabetes", f"loss={loss}", "metrics=regression_detailed", *_SMALL))
    found += [(f"experiments={name}", "trainer.epochs=1") for name in _stems("experiments")]
    return found


def _stems(folder: str) -> list[str]:
    return sorted(path.stem for path in (ROOT / folder).glob("*.yaml"))


def _own_data(name: str, folder: Path) -> tuple[str, ...]:
    """Options of data sets that read files, which are written first."""
    import numpy as np
    from PIL import Image

    table = folder / "table.csv"
    table.write_text("a,b,y\n" + "".join(f"{k},{'uvw'[k % 3]},{'no' if k % 2 else 'yes'}\n" for k in range(60)))
    if name == "csv":
        return (f"dataset.path={table}", "dataset.target=y")
    if name == "parquet":
        from pyarrow import csv, parquet

        parquet.write_table(csv.read_csv(table), table.with_suffix(".parquet"))
        return (f"dataset.path={table.with_suffix('.parquet')}", "dataset.target=y")
    if name == "npz":
        np.savez(folder / "arrays.npz", image=np.ones((60, 4, 4, 1), np.float32), label=np.arange(60) % 3)
        return (f"dataset.path={folder}/arrays.npz",)
    if name == "image_folder":
        for k in range(20):
            path = folder / "images" / "ab"[k % 2] / f"{k}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (4, 4), (k, 0, 0)).save(path)
        return (f"dataset.path={folder}/images",)
    return ()


# -- mutations --------------------------------------------------------------------------------------------------------


def _typo(draw: random.Random, word: str) -> str:
    """A word with one letter left out, doubled, exchanged or changed."""
    k = draw.randrange(len(word) or 1)
    letter = draw.choice(string.ascii_lowercase + "_ /.:-")
    return draw.choice(
        (
            word[:k] + word[k + 1 :],
            word[:k] + word[k : k + 1] + word[k:],
            word[:k] + letter + word[k + 1 :],
            word.upper(),
        )
    )


def _value(draw: random.Random, tree: Any, old: Any) -> Any:
    """Another value: odd, of elsewhere in the tree, of another type, or like the old one."""
    kind = draw.randrange(6)
    if kind == 0:
        return copy.deepcopy(at(tree, draw.choice(list(spots(tree)))))
    if kind > 2 and isinstance(old, (int, float)):
        return draw.choice((1, 2, 3, old, 2 * old, old + 1, old / 2, not old, 0.5, 1e-3))
    if kind == 1 and isinstance(old, str):
        return _typo(draw, old)
    if kind == 1 and isinstance(old, (int, float)):
        return draw.choice((-old, old + 1, old * 1000, float(old), str(old), [old], {"value": old}))
    if kind == 2:
        return draw.choice((str(old), [old], {"type": old}, {str(old): old}))
    return copy.deepcopy(draw.choice(_ODD))


def of_tree(draw: random.Random, tree: dict[str, Any]) -> dict[str, Any]:
    """Keys and values deleted, renamed, retyped, doubled or exchanged."""
    tree = copy.deepcopy(tree)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        paths = list(spots(tree))
        if not paths:
            break
        path = draw.choice(paths)
        holder, key = at(tree, path[:-1]), path[-1]
        kind = draw.randrange(6)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            name = _typo(draw, str(key)) if draw.random() < 0.7 else draw.choice((draw.choice(paths)[-1], *_ODD[:14]))
            items = [(name if k == key else k, item) for k, item in holder.items()]  # in its old place
            holder.clear()
            holder.update(items)
        elif kind == 2:
            other = draw.choice(paths)
            first, second = copy.deepcopy(holder[key]), copy.deepcopy(at(tree, other))
            at(tree, other[:-1])[other[-1]] = first
            with contextlib.suppress(KeyError, IndexError, TypeError):  # one held the other
                at(tree, path[:-1])[key] = second
        elif kind == 3 and isinstance(holder, dict):
            holder[_typo(draw, str(key))] = copy.deepcopy(holder[key])
        else:
            holder[key] = _value(draw, tree, holder[key])
    return tree


def of_text(draw: random.Random, text: str) -> str:
    """Letters and lines of a file left out, doubled, exchanged or moved."""
    for _ in range(draw.choice((1, 1, 2, 4))):
        lines = text.split("\n")
        kind, row = draw.randrange(7), draw.randrange(len(lines))
        if kind == 0:
            del lines[row]
        elif kind == 1:
            lines.insert(row, draw.choice(lines))
        elif kind == 2:
            other = draw.randrange(len(lines))
            lines[row], lines[other] = lines[other], lines[row]
        elif kind == 3:
            lines[row] = (
                draw.choice((" " * draw.randrange(5), "\t", "- ", "# ", "? ", "!!python/name:os.system ")) + lines[row]
            )
        else:
            k = draw.randrange(len(lines[row]) + 1)
            sign = draw.choice(_SIGNS)
            lines[row] = lines[row][:k] + sign + lines[row][k + draw.randrange(2) :]
        text = "\n".join(lines)
    return text


def of_words(draw: random.Random, words: tuple[str, ...], tree: dict[str, Any]) -> tuple[str, ...]:
    """Overrides left out, misspelt and added, at places that there are and at others."""
    found = list(words)
    for _ in range(draw.choice((1, 1, 2, 3))):
        kind = draw.randrange(8)
        path = [str(key) for key in draw.choice(list(spots(tree)))]
        if kind == 0:
            del found[draw.randrange(len(found))]
        elif kind == 1:
            k = draw.randrange(len(found))
            found[k] = _typo(draw, found[k])
        elif kind == 2:
            found.append(f"~{'.'.join(path)}")
        else:
            if kind == 3:
                path[-1] = _typo(draw, path[-1])
            if kind == 4:
                path.append(draw.choice(("type", "x", "0", "inputs", "name")))
            value = _value(draw, tree, at(tree, draw.choice(list(spots(tree)))))
            found.append(f"{'.'.join(path)}={_typed(draw, value)}")
    return tuple(word for word in found if "\0" not in word)  # which no command line can hold


def _typed(draw: random.Random, value: Any) -> str:
    """A value as it might be typed."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_typed(draw, item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_typed(draw, item) for item in value) + "]"
    if isinstance(value, str) and draw.random() < 0.3:
        return f'"{value}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
