"""Schemas as files, for an editor."""

from __future__ import annotations

import json

import pytest

from framework.config.loader import ROOT
from framework.config.schema import groups
from framework.config.schema_files import text, write
from framework.errors import ConfigError


def test_a_folder_has_one_of_each(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    told = write(f"{tmp_path}/schemas/")
    found = {file.stem: json.loads(file.read_text()) for file in (tmp_path / "schemas").iterdir()}
    assert set(found) == {"experiment", "experiments", *groups()}
    assert found["model"]["$ref"] == "#/$defs/Model"
    settings = json.loads(told[-1])["yaml.schemas"]
    assert settings[f"{tmp_path}/schemas/model.json"] == "conf/model/*.yaml"
    assert "experiments/*.yaml" in settings[f"{tmp_path}/schemas/experiments.json"]


def test_a_group_refers_to_nothing_but_what_it_needs():
    found = json.loads(text("schedule"))
    assert "Schedule.cosine_decay" in found["$defs"]
    assert "Layer" not in found["$defs"]


def test_one_file(tmp_path):
    told = write(f"{tmp_path}/model.json", "model")
    assert json.loads((tmp_path / "model.json").read_text())["title"] == "model"
    assert told[-1].endswith(f"# yaml-language-server: $schema={tmp_path}/model.json")


@pytest.mark.parametrize(
    ("output", "group", "message"),
    [
        ("x.json", "modle", "there is no group 'modle'; did you mean 'model'?"),
        ("FOLDER", "model", "is a folder, into which the schemas of all groups are written"),
        ("FOLDER/file/x.json", None, "cannot write"),
    ],
)
def test_mistakes(tmp_path, output, group, message):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError) as caught:
        write(output.replace("FOLDER", str(tmp_path)), group)
    assert message in str(caught.value)
