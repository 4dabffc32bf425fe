"""Each model's layers and parameters."""

import pandas as pd

from medtransfer.report.blocks import Block, Section, Subsection, TableBlock
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.store.trained import Trained

ORDER = 705
MOST = 30  # layers of a backbone that are listed one by one
FEATURES = "features"  # the layer that ends the backbone
MODELS = (
    "Parameters: all weights of the network from image to logits, those of batch normalisation among them. Trained: "
    "those that training changes (in its last phase, where there are several)."
)
WITHOUT_DECODER = " The decoder of an autoencoder is not counted here; it has a table of its own."
DECODER = (
    "Layers of the decoder, which learns with the encoder to give back the image. The classifier starts from the "
    "encoder alone. The decoder has {parameters:,} parameters, of which {trainable:,} are trained. As a file: {path}."
)
LAYERS = "Layers from the image on{collapsed}. Output: height, width and channels, or features. All layers: {path}."
SIGMOID = " The two logits are -z/2 and z/2, where z is the output of the one unit of sigmoid_logit."
COLLAPSED = "; the backbone's {count} layers are added up in one row"


def section(store: Store, settings: ReportSettings) -> Section:
    """A row for each model; then a table of layers for each."""
    tables = {name: store.trained(settings.dataset, name).layers.read() for name in settings.trained}
    rows = [
        (name, len(table), f"{table['parameters'].sum():,}", f"{table['trainable'].sum():,}")
        for name, table in tables.items()
    ]
    models = pd.DataFrame(rows, columns=["model", "layers", "parameters", "trained"])
    each = {name: _of_model(store.trained(settings.dataset, name), table) for name, table in tables.items()}
    without = WITHOUT_DECODER if any(len(blocks) > 1 for blocks in each.values()) else ""
    parts: list[Block] = [TableBlock(models, MODELS + without)]
    parts += [Subsection(name, blocks, anchor=f"layers-{name}") for name, blocks in each.items()]
    return Section("Layers and parameters", "layers", parts)


def _of_model(trained: Trained, table: pd.DataFrame) -> list[Block]:
    """A model's layers and, where it has an autoencoder, those of its decoder."""
    shown, count = collapsed(table)
    words = LAYERS.format(collapsed=COLLAPSED.format(count=count) if count else "", path=trained.layers.path.as_posix())
    words += SIGMOID if "sigmoid_logit" in table["layer"].tolist() else ""
    blocks: list[Block] = [TableBlock(_with_commas(shown), words)]
    if trained.training.read().pretrained:
        decoder = trained.decoder_layers.read()
        sums = decoder[["parameters", "trainable"]].sum()
        caption = DECODER.format(path=trained.decoder_layers.path.as_posix(), **sums)
        blocks.append(TableBlock(_with_commas(decoder), caption))
    return blocks


def collapsed(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """A model's layers with a long backbone as one row, and how many layers that row has; 0 where there is none."""
    end = table["layer"].tolist().index(FEATURES)
    if end <= MOST:
        return table, 0
    backbone = table.iloc[:end]
    row = {"layer": "backbone", "kind": f"{end} layers", "output": backbone["output"].iloc[-1]}
    row |= {name: backbone[name].sum() for name in ("parameters", "trainable")}
    return pd.concat([pd.DataFrame([row]), table.iloc[end:]], ignore_index=True), end


def _with_commas(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{name: table[name].map("{:,}".format) for name in ("parameters", "trainable")})
