"""Layers and parameters: a row for each model, and a table of layers for each."""

import pandas as pd

from medtransfer import store
from medtransfer.report.blocks import TableBlock
from medtransfer.report.sections.layers import collapsed, section
from medtransfer.report.settings import ReportSettings


def test_each_trained_model_has_its_sums_and_its_layers(settings: ReportSettings) -> None:
    shown = section(store, settings)
    models, *_ = shown.blocks
    assert isinstance(models, TableBlock)
    assert models.frame.to_numpy().tolist() == [["cnn", 3, "10", "5"], ["unet", 3, "10", "5"]]
    assert [part.title for part in shown.subsections] == ["cnn", "unet"]
    (layers,) = shown.subsections[0].blocks
    assert isinstance(layers, TableBlock)
    assert layers.frame["layer"].tolist() == ["image", "features", "logits"]
    assert "All layers: models/d/cnn/layers.csv." in layers.caption


def test_long_backbone_is_one_row_of_the_same_sums() -> None:
    rows = [(f"b{number}", "Conv2D", "4 × 4 × 2", 1000, 10) for number in range(40)]
    rows += [("features", "Flatten", "32", 0, 0), ("logits", "Dense", "2", 66, 66)]
    table = pd.DataFrame(rows, columns=["layer", "kind", "output", "parameters", "trainable"])
    shown, count = collapsed(table)
    assert count == 40
    assert shown.to_numpy().tolist() == [
        ["backbone", "40 layers", "4 × 4 × 2", 40_000, 400],
        ["features", "Flatten", "32", 0, 0],
        ["logits", "Dense", "2", 66, 66],
    ]
    assert shown[["parameters", "trainable"]].sum().tolist() == table[["parameters", "trainable"]].sum().tolist()


def test_caption_says_how_one_sigmoid_unit_gives_two_logits(settings: ReportSettings) -> None:
    layers = store.trained(settings.dataset, "cnn").layers
    row = {"layer": "sigmoid_logit", "kind": "Dense", "output": "1", "parameters": 3, "trainable": 3}
    layers.write(pd.concat([layers.read(), pd.DataFrame([row])]))
    captions = []
    for part in section(store, settings).subsections:
        block = part.blocks[0]
        assert isinstance(block, TableBlock)
        captions.append(block.caption)
    assert ["-z/2 and z/2, where z is" in caption for caption in captions] == [True, False]


def test_decoder_has_a_table_of_its_own_and_is_not_in_the_sums(settings: ReportSettings) -> None:
    shown = section(store, settings)
    models, *_ = shown.blocks
    _, decoder = shown.subsections[1].blocks
    assert isinstance(models, TableBlock)
    assert isinstance(decoder, TableBlock)
    assert decoder.frame[["layer", "parameters", "trainable"]].to_numpy().tolist() == [
        ["up_1_conv", "3,000", "3,000"],
        ["location", "2", "0"],
    ]
    assert "has 3,002 parameters, of which 3,000 are trained. As a file: models/d/unet/decoder_l" in decoder.caption
    assert models.frame["parameters"].tolist() == ["10", "10"]
    assert "decoder of an autoencoder is not counted here" in models.caption
