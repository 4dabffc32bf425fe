"""Ask the installed Keras for the files of ImageNet weights, and write imagenet_files.json. Not a DVC stage.

PYTHONPATH=src .venv/bin/python -m medtransfer.models.list_imagenet_files: after another version of Keras, or another
architecture of the registry. It takes a minute or two, and needs no internet.
"""

from dataclasses import asdict

import keras

from medtransfer.models.imagenet import TABLE, ImageNetFile, Table, key
from medtransfer.models.registry import ARCHITECTURES
from medtransfer.models.weights import asked_for, construct
from medtransfer.settings.recipes import Backbone
from medtransfer.store.formats import JSON

SHAPE = (224, 224, 3)


def file_of(architecture: str, alpha: float | None) -> ImageNetFile:
    """The file that Keras asks for when it builds an architecture; nothing is fetched."""
    backbone = Backbone(architecture=architecture, alpha=alpha, weights="imagenet", trainable="none", pooling="average")
    file = asked_for(backbone)
    random = construct(backbone.model_copy(update={"weights": None}), keras.Input(SHAPE))
    return ImageNetFile(file.name, file.address, file.hash, random.count_params())


def main() -> None:
    """Write the table."""
    files = {}
    for name, architecture in ARCHITECTURES.items():
        for alpha in (architecture.widths or (None,)) if architecture.imagenet else ():
            files[key(name, alpha)] = file_of(name, alpha)
            keras.utils.clear_session()
    JSON.write(TABLE, asdict(Table(keras.__version__, files)))


if __name__ == "__main__":
    main()
