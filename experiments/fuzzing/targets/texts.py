"""What users write: files of conf/, the command line, expressions."""

from __future__ import annotations

import random
from functools import cached_property
from pathlib import Path

from experiments.fuzzing.mutation import of_bytes
from experiments.fuzzing.targets.reader import Files, Reader
from experiments.fuzzing.targets.run_folders import SMALL


class YamlReader(Reader):
    """A file of conf/, parsed."""

    name = "conf/*.yaml"

    @cached_property
    def seeds(self) -> list[Files]:
        root = Path(__file__).resolve().parents[3] / "conf"
        return [{"a.yaml": path.read_bytes()} for path in sorted(root.rglob("*.yaml"))]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        content = of_bytes(draw, content)
        for _ in range(draw.choice((0, 0, 1, 3))):
            k = draw.randrange(len(content) or 1)
            content = content[:k] + draw.choice(_YAML_SIGNS) + content[k:]
        return content

    def read(self, folder: Path) -> None:
        from framework.config.origins import Origins

        Origins().read_file(folder / "a.yaml")


_YAML_SIGNS = (
    b"&a ", b"*a", b"<<: *a", b"!!python/name:os.system ", b"!x ", b"? ", b": ", b"- ", b"[", b"{", b"'", b'"', b"|\n",
    b"%YAML 1.1\n", b"---\n", b"...\n", b"\t", b"${a}", b"${", b"=", b"null: ", b"0x", b"1e9999", b"\xff",
    b"\xef\xbb\xbf",
)  # fmt: skip


class OverrideReader(Reader):
    """Words of the command line."""

    name = "overrides"

    @cached_property
    def seeds(self) -> list[Files]:
        words = (
            "model=mlp", "optimizer.learning_rate=0.1", "~model.layers.drop", "+a.b=[1,2,{c: d}]", "a='x y'", 'b="q"',
            "++c={a: [1, 2], b: null}", "seed=1,2,3", "seed=range(1,5)", "x=interval(0,1)",
            "y=glob(*)", "z=choice(a,b)", "hydra.run.dir=x", "plugins=[a]", "d=${oc.env:HOME}", "e=1e-3",
            "model@pkg=cnn",
            "f=shuffle(a,b)",
        )  # fmt: skip
        return [{"word": word.encode()} for word in words]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        content = of_bytes(draw, content)
        for _ in range(draw.choice((0, 1, 2))):
            k = draw.randrange(len(content) or 1)
            sign = draw.choice((*"=.[]{}(),:'\"~+@$\\/ ", "[" * 500, "9" * 5000, "${", "\n", "é", "null"))
            content = content[:k] + sign.encode() + content[k:]
        return content

    def read(self, folder: Path) -> None:
        from framework.config.overrides import parse

        parse([(folder / "word").read_bytes().decode("utf-8", "surrogateescape")], is_sweep=True)


class ExpressionReader(Reader):
    """Losses that are written as expressions."""

    name = "expression"

    @cached_property
    def seeds(self) -> list[Files]:
        from framework.config.compose import compose

        texts = (
            "mean(square(logits))", "sum(abs(logits - 1.0)) / 2", "mean(where(logits > 0, logits, -logits))",
            "mean('logits/kernel' ** 2) + mean(clip(logits, 0, 1))",
            "mean(maximum(exp(logits), 1.5)) + mean(log1p(features))",
        )  # fmt: skip
        self.tree = compose(SMALL).tree
        return [{"text": text.encode()} for text in texts]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        if draw.random() < 0.3:
            content = of_bytes(draw, content)
        for _ in range(draw.choice((0, 1, 2))):
            k = draw.randrange(len(content) or 1)
            content = content[:k] + draw.choice(_EXPRESSIONS) + content[k + draw.choice((0, 0, 1, 3)) :]
        return content

    def read(self, folder: Path) -> None:
        from framework.build import build
        from framework.config.check import check
        from framework.layers import Mode

        text = (folder / "text").read_bytes().decode("utf-8", "replace")
        loss = {"custom": {"type": "expression", "value": text}}
        build(check({**self.tree, "metrics": {}, "loss": loss}), Mode.EVALUATE)


_EXPRESSIONS = (
    b"(" * 90, b"-" * 900, b"9" * 400, b"9" * 1900, b" ** ", b"1e999", b"1j", b"'", b"logits", b"mean(", b"(", b")",
    b",", b"lambda: 0", b"__import__('os')", b"[x for x in y]", b".", b"\0", b"0x", b"f'{x}'", b"not ", b" if 1 else 2",
    b"*a", b"\xff", b"True",
)  # fmt: skip
