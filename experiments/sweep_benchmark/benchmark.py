"""Our sweeps beside Hydra's own launcher running a plain JAX script: one command, which writes results and a table.

  python experiments/sweep_benchmark/benchmark.py             every comparison; about 13 minutes on two idle cores
  python experiments/sweep_benchmark/benchmark.py small cnn   only these

Wall clock from command to prompt, everything written, each in a process of its own and a folder that is removed. Both
sides begin with an empty compile cache; the native kernels, which are built once a machine, are there already.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from framework.data.download import cache_folder
from framework.kernels.native.library import library

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PERCEPTRON = [
    "model=mlp", "model.layers.fc1.units=64", "~model.layers.fc2", "optimizer=sgd", "schedule=constant",
    "trainer.epochs=10", "trainer.batch_size=32", "trainer.drop_last=true", "trainer.summaries.every=1 epoch",
]  # fmt: skip
CNN = ["model=cnn", "optimizer=adam", "schedule=constant", "trainer.epochs=2", "trainer.drop_last=true"]
MNIST = ["experiments=mnist_mlp", "trainer.epochs=2"]


@dataclass(frozen=True)
class Comparison:
    """rates, seeds: how many of each, whose product is the number of trials. greatest: of the rates."""

    rates: int
    seeds: int
    ours: list[str]
    plain: list[str]
    greatest: float = 0.3

    def values(self, option: str) -> list[str]:
        rates = ",".join(f"{self.greatest * 0.9**k:.6g}" for k in range(self.rates))
        return [f"{option}={rates}", f"seed=range({self.seeds})"]


COMPARISONS = {
    "small": Comparison(8, 4, PERCEPTRON, ["network=perceptron", "epochs=10", "batch=32"]),
    "large": Comparison(32, 8, PERCEPTRON, ["network=perceptron", "epochs=10", "batch=32"]),
    "cnn": Comparison(8, 4, CNN, ["network=cnn", "epochs=2", "batch=64"], 0.003),
    "mnist": Comparison(16, 1, MNIST, ["network=mnist_perceptron", "epochs=2", "batch=100"], 0.02),
}


def run(command: list[str], folder: Path) -> tuple[float, float, str]:
    """Seconds, seconds of the processor, and output of a command. Raises CalledProcessError."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GRAPHWRIGHT_CACHE": str(folder / "cache")}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-2000:], sep="\n", file=sys.stderr)
        done.check_returncode()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, processor, done.stdout


def measure(name: str) -> dict[str, object]:
    """Both sides of a comparison, ours first."""
    comparison = COMPARISONS[name]
    found: dict[str, object] = {"trials": comparison.rates * comparison.seeds}
    for side in ("ours", "plain"):
        folder = Path(tempfile.mkdtemp(prefix="sweep-benchmark-"))
        if side == "ours":
            if library() is not None:
                shutil.copytree(cache_folder() / "native", folder / "cache" / "native")
            options = [*comparison.ours, *comparison.values("optimizer.learning_rate")]
            command = [sys.executable, str(ROOT / "train.py"), "-m", *options, "hydra.sweep.dir=sweep"]
        else:
            options = [*comparison.plain, *comparison.values("learning_rate")]
            command = [sys.executable, str(HERE / "plain.py"), "-m", *options, "hydra.sweep.dir=sweep"]
        found[side], found[f"{side} processor"], output = run(command, folder)
        if side == "ours":
            found["programs"] = re.search(r"^programs +(.*)$", output, re.MULTILINE)[1]  # type: ignore[index]
        shutil.rmtree(folder)
        print(f"{name}  {side}  {found[side]:.1f} s", flush=True)
    return found


def table(results: dict[str, dict]) -> str:
    """The results as Markdown."""
    head = "| comparison | trials | ours, s | plain, s | ratio | ratio of processor time | programs |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for name, found in results.items():
        ratio = found["plain"] / found["ours"]
        of_processor = found["plain processor"] / found["ours processor"]
        lines.append(
            f"| {name} | {found['trials']} | {found['ours']:.1f} | {found['plain']:.1f} | {ratio:.1f} "
            f"| {of_processor:.1f} | {found['programs']} |"
        )
    if {"small", "large"} <= results.keys():
        more = results["large"]["trials"] - results["small"]["trials"]
        slopes = {side: (results["large"][side] - results["small"][side]) / more for side in ("ours", "plain")}
        lines += [
            "",
            f"One more trial of the perceptron costs {slopes['ours'] * 1e3:.0f} ms here, and "
            f"{slopes['plain'] * 1e3:.0f} ms there: {slopes['plain'] / slopes['ours']:.0f} times as much.",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    file = HERE / "results.json"
    results = json.loads(file.read_text()) if file.exists() else {}
    for name in sys.argv[1:] or COMPARISONS:
        results[name] = measure(name)
        file.write_text(json.dumps({key: results[key] for key in COMPARISONS if key in results}, indent=1) + "\n")
    results = json.loads(file.read_text())
    (HERE / "table.md").write_text(table(results))
    print(table(results), end="")


if __name__ == "__main__":
    main()
