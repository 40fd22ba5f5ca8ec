"""Tables of the user's own: what is inferred, how it is encoded, what is missing, and every wrong file."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from framework.build import build
from framework.config.check import check
from framework.config.compose import compose
from framework.config.loader import Source
from framework.data import DATASETS
from framework.data.recorded import from_json, to_json
from framework.errors import DataError
from framework.launch import prepare, start
from framework.layers import Mode
from framework.runtime.session import Session
from framework.train.past_run import Run

rng = np.random.default_rng(3)
N = 60
AGE = rng.integers(18, 90, N)
CITY = rng.choice(["Rome", "Berlin", "Oslo"], N)
INCOME = np.round(rng.normal(3000, 500, N), 2)
LACKS_INCOME, LACKS_CITY = np.arange(N) % 7 == 2, np.arange(N) % 11 == 5
BOUGHT = np.where(AGE > 50, "yes", "no")


def write(path: Path, header: list[str], rows, delimiter: str = ",") -> str:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([header, *rows])
    return str(path)


@pytest.fixture
def people(tmp_path) -> str:
    rows = [
        [a, "" if lacks_city else c, "NA" if lacks_income else i, b]
        for a, c, i, b, lacks_city, lacks_income in zip(
            AGE, CITY, INCOME, BOUGHT, LACKS_CITY, LACKS_INCOME, strict=True
        )
    ]
    return write(tmp_path / "people.csv", ["age", "city", "income", "bought"], rows)


def table(path: str, **options):
    return DATASETS["csv"](path=path, **{"target": "bought", **options})


def test_types_are_inferred(people):
    spec = table(people).spec()
    assert {c.name: (c.kind, c.categories, c.missing) for c in spec.columns} == {
        "age": ("number", (), 0),
        "city": ("category", ("Berlin", "Oslo", "Rome"), int(LACKS_CITY.sum())),
        "income": ("number", (), int(LACKS_INCOME.sum())),
        "bought": ("category", ("no", "yes"), 0),
    }
    assert spec.dimensions == {"num_features": 5, "num_classes": 2}
    assert spec.class_names == ("no", "yes")
    assert spec.features["features"].one_hot == (0, 3, 0)


def test_a_missing_number_is_the_mean_of_those_that_are_trained_on(people):
    dataset = table(people)
    data = dataset.load()
    order = dataset._order(dataset.contents())
    parts = dataset._ranges(dataset.contents())
    trained = order[parts["train"]]
    mean = INCOME[trained][~LACKS_INCOME[trained]].mean()
    for split, part in parts.items():
        rows = order[part]
        found = data.splits[split]["features"]
        np.testing.assert_array_equal(found[:, 0], AGE[rows])
        np.testing.assert_allclose(found[:, 2], np.where(LACKS_INCOME[rows], mean, INCOME[rows]), rtol=1e-6)
        codes = np.searchsorted(["Berlin", "Oslo", "Rome"], CITY[rows])
        np.testing.assert_array_equal(found[:, 1], np.where(LACKS_CITY[rows], -1, codes))
        np.testing.assert_array_equal(data.splits[split]["label"], BOUGHT[rows] == "yes")


def test_a_model_reads_what_scikit_learn_would_encode(people):
    """One-hot categories and standardised numbers, learned on the training split."""
    tree = compose(["model=perceptron", "dataset=csv", f"dataset.path={people}", "dataset.target=bought"]).tree
    experiment = check(tree)
    data = experiment.dataset.load()
    built = build(experiment, Mode.PREDICT)
    state = {}
    for variable, (feature, role) in built.statistics.items():
        state[variable] = data.statistics[feature][0 if role == "mean" else 1]
    session = Session(built.graph, state)
    train, test = data.splits["train"]["features"], data.splits["test"]["features"]
    layer = built.graph.operation("flatten/Reshape").inputs[0]
    found = session.run(layer, {built.features["features"]: test})
    numbers = StandardScaler().fit(train[:, [0, 2]]).transform(test[:, [0, 2]])
    encoder = OneHotEncoder(categories=[[0, 1, 2]], handle_unknown="ignore", sparse_output=False).fit([[0]])
    np.testing.assert_allclose(found, np.hstack([numbers, encoder.transform(test[:, [1]])]), rtol=1e-4, atol=1e-5)


def test_types_and_columns_can_be_said(people):
    dataset = table(people, types={"age": "category"}, exclude=["income"])
    spec = dataset.spec()
    assert [c.name for c in spec.columns] == ["age", "city", "bought"]
    assert spec.columns[0].categories == tuple(sorted({str(a) for a in AGE}))
    assert [c.name for c in table(people, inputs=["income"]).spec().columns] == ["income", "bought"]
    regression = table(people, target="income", missing="drop").spec()
    assert regression.targets == ("target",)
    assert sum(regression.sizes.values()) == int((~(LACKS_INCOME | LACKS_CITY)).sum())


def test_integers_dates_and_booleans(tmp_path):
    rows = [[f"2020-01-{day:02}", "true" if day % 2 else "false", day % 3, 10 * day] for day in range(1, 31)]
    path = write(tmp_path / "t.csv", ["day", "odd", "kind", "price"], rows)
    spec = DATASETS["csv"](path=path, target="kind").spec()
    day, odd, price, kind = spec.columns
    assert (day.least, day.greatest) == (18262, 18291)  # days since 1970
    assert (odd.kind, odd.least, odd.greatest) == ("number", 0, 1)
    assert (price.kind, kind.categories) == ("number", ("0", "1", "2"))
    assert DATASETS["csv"](path=path, target="price").spec().targets == ("target",)
    assert DATASETS["csv"](path=path, target="odd").spec().class_names == ("false", "true")


def test_a_column_that_changes_its_mind_late_is_read_again(tmp_path):
    rows = [[k, k % 2] for k in range(400_000)] + [["x", 0], [2.5, 1]]
    path = write(tmp_path / "t.csv", ["value", "label"], rows)
    with pytest.raises(DataError, match="too many categories in 400,002 rows: 'value'"):
        DATASETS["csv"](path=path, target="label").spec()


def test_parquet_whose_text_is_not_utf8_is_one_screen(tmp_path):
    broken = pa.Array.from_buffers(pa.string(), 2, pa.array([b"ab", b"\xc1"], pa.binary()).buffers())
    parquet.write_table(pa.table({"name": broken, "y": [0, 1]}), tmp_path / "bytes.parquet")
    with pytest.raises(DataError, match=r"cannot be read: .*UTF8") as caught:
        DATASETS["parquet"](path=str(tmp_path / "bytes.parquet"), target="y").spec()
    assert caught.value.hint == "save it as UTF-8"


def test_parquet_holds_the_same(people, tmp_path):
    import pyarrow.csv

    stored = pyarrow.csv.read_csv(people, convert_options=pyarrow.csv.ConvertOptions(strings_can_be_null=True))
    stored = stored.set_column(1, "city", stored["city"].dictionary_encode())
    parquet.write_table(stored, tmp_path / "people.parquet")
    one = DATASETS["parquet"](path=str(tmp_path / "people.parquet"), target="bought")
    assert one.spec() == table(people).spec()
    np.testing.assert_array_equal(
        one.load().splits["train"]["features"], table(people).load().splits["train"]["features"]
    )


def test_other_delimiters_and_a_test_file(people, tmp_path):
    rows = [[30, "Rome", 10.0, "yes"], [40, "Paris", "", "no"]]
    other = write(tmp_path / "test.csv", ["age", "city", "income", "bought"], rows, ";")
    again = write(tmp_path / "train.csv", ["age", "city", "income", "bought"],
                  [[a, c, i, b] for a, c, i, b in zip(AGE, CITY, INCOME, BOUGHT, strict=True)], ";")  # fmt: skip
    dataset = table(again, delimiter=";", test_path=other)
    test = dataset.load().splits["test"]
    assert len(test["label"]) == 2
    assert test["features"][1, 1] == -1  # a city that was never seen
    assert test["features"][1, 2] == pytest.approx(dataset.spec().columns[2].fill)


def test_what_was_learned_is_plain_text_and_comes_back(people):
    spec = table(people).spec()
    assert from_json(to_json(spec)) == spec


HEADER, ROWS = ["a", "b", "label"], [[1, 2, "x"], [3, 4, "y"]] * 10


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", {}, "is empty"),
        ("a,b,label\n", {}, "holds no rows"),
        ("a,b,label\n1,2\n", {}, "Expected 3 columns, got 2"),
        ("a,a,label\n1,2,x\n3,4,y\n", {}, "more than one column called 'a'"),
        (b"a,b,label\n\xff\xfe,2,x\n1,2,y\n", {}, "column 'a' holds bytes that are no text in UTF-8"),
        (None, {"target": "lable"}, "has no column 'lable'; did you mean 'label'?"),
        (None, {"exclude": ["c"]}, "has no column 'c'"),
        (None, {"types": {"c": "number"}}, "has no column 'c'"),
        (None, {"inputs": ["label"]}, "'label' is what is predicted"),
        (None, {"exclude": ["a", "b"]}, "no column is left"),
        (None, {"types": {"label": "number"}}, "column 'label' must hold numbers, but row 0 holds 'x'"),
        ("a,label\n1,\n2,x\n3,y\n", {}, "1 of 3 rows lack it, first row 0"),
        ("a,label\n,x\n1,y\n", {"missing": "error"}, "values are missing: 'a' in 1 rows"),
        ("a,b,label\n,1,x\n,2,y\n", {}, "column 'a' holds nothing"),
        ("a,label\n1,x\n2,x\n", {}, "holds one class alone: x"),
    ],
)
def test_a_wrong_table_is_one_sentence(content, options, message, tmp_path):
    path = tmp_path / "t.csv"
    if content is None:
        write(path, HEADER, ROWS)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        DATASETS["csv"](**{"path": str(path), "target": "label", **options}).load()
    assert message in caught.value.message
    assert str(path) in caught.value.message


def test_a_class_that_no_row_is_trained_on(tmp_path):
    rows = [[0, "rare"], *([k, "common" if k % 2 else "usual"] for k in range(40))]
    path = write(tmp_path / "t.csv", ["a", "label"], rows)
    held_out = {"split": "head", "validation_examples": 1, "test_fraction": 0.0}
    with pytest.raises(DataError, match="the training split holds no row whose 'label' is 'rare'"):
        DATASETS["csv"](path=path, target="label", **held_out).spec()


def test_there_is_no_such_file(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        DATASETS["csv"](path=str(tmp_path / "none.csv"), target="label").spec()


# -- from a raw file to predictions ----------------------------------------------------------------------------------


@pytest.fixture
def run(people, tmp_path) -> Path:
    overrides = [
        "model=mlp",
        "model.layers.fc1.units=8",
        "dataset=csv",
        f"dataset.path={people}",
        "dataset.target=bought",
        "trainer.epochs=2",
        "trainer.batch_size=16",
        f"hydra.run.dir={tmp_path}/run",
    ]
    assert start(prepare(overrides, Source())) == 0
    return tmp_path / "run"


def test_a_run_answers_about_new_rows_without_its_data(run, people, tmp_path):
    raw = list(csv.DictReader(Path(people).read_text().splitlines()))
    expected = Run(run).predict(Run(run).experiment.dataset.read_file(Path(people)))["logits"]
    Path(people).unlink()
    new = write(tmp_path / "new.csv", ["extra", "income", "city", "age"],
                [["?", row["income"], row["city"], row["age"]] for row in raw])  # fmt: skip
    past = Run(run)
    found = past.predict(past.experiment.dataset.read_file(Path(new)))
    np.testing.assert_array_equal(found["logits"], expected)
    assert list(past.experiment.dataset.columns_of(Path(new))) == ["extra", "income", "city", "age"]


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        (["age", "town", "income"], [1, "Rome", 2], "has no column 'city', which the model reads"),
        (
            ["age", "city", "incom"],
            [1, "Rome", 2],
            "has no column 'income', which the model reads; did you mean 'incom'?",
        ),
        (["age", "city", "income"], ["old", "Rome", 2], "column 'age' must hold numbers, but row 0 holds 'old'"),
        (["age", "city", "income", "bought"], [1, "Rome", 2, "maybe"], "holds 'maybe' in row 0, which is none of the"),
    ],
)
def test_a_column_that_is_missing_or_of_another_type(run, header, row, message, tmp_path):
    path = write(tmp_path / "new.csv", header, [row])
    with pytest.raises(DataError) as caught:
        Run(run).experiment.dataset.read_file(Path(path))
    assert message in caught.value.message


def test_the_data_of_a_run_may_not_change_unnoticed(run, people):
    assert Run(run).evaluate("test")["accuracy"] >= 0
    text = Path(people).read_text().replace("Oslo", "Bergen")
    Path(people).write_text(text)
    with pytest.raises(DataError, match="no longer those of the run: other values in the columns city"):
        Run(run).evaluate("test")
