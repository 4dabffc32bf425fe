"""The loop that a Keras user would write: images decoded by tf.data, a frozen backbone within the model that is fitted.

It knows nothing of the project but the split and the recipe, which come as JSON, so that both sides train the same head
on the same images.
"""

import json
import sys
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

MOMENTUM = 0.9  # of the head's batch normalisation, as in medtransfer/models/heads.py


def main(path: Path) -> None:
    """Fit each fold; write its validation accuracy after the last epoch."""
    task = json.loads(path.read_text())
    keras.utils.set_random_seed(task["seed"])
    accuracies = []
    for fold in task["folds"]:
        train = batches(fold["train"], task, shuffle=True)
        validation = batches(fold["validation"], task, shuffle=False)
        keras.backend.clear_session()  # otherwise the models of all folds stay in memory
        model = network(task)
        history = model.fit(train, validation_data=validation, epochs=task["epochs"], verbose=0)
        accuracies.append(history.history["val_accuracy"][-1])
    Path(task["answer"]).write_text(json.dumps(accuracies))


def batches(part: dict[str, Any], task: dict[str, Any], shuffle: bool) -> tf.data.Dataset:
    """Batches of decoded images and their labels; decoded in every epoch, or once where `cached`."""

    def load(file: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pixels = tf.io.decode_image(tf.io.read_file(file), channels=3, expand_animations=False)
        return tf.image.resize(pixels, (task["size"], task["size"])), label

    rows = tf.data.Dataset.from_tensor_slices((part["files"], part["labels"]))
    count = len(part["files"])
    if task["cached"]:
        rows = rows.map(load, num_parallel_calls=tf.data.AUTOTUNE).cache()
        rows = rows.shuffle(count) if shuffle else rows
    else:
        rows = rows.shuffle(count) if shuffle else rows  # of names: cheaper than of images, and as thorough
        rows = rows.map(load, num_parallel_calls=tf.data.AUTOTUNE)
    return rows.batch(task["batch_size"]).prefetch(tf.data.AUTOTUNE)


def network(task: dict[str, Any]) -> keras.Model:
    """The frozen backbone under the recipe's head."""
    shape = (task["size"], task["size"], 3)
    backbone = keras.applications.MobileNetV2(
        input_shape=shape, alpha=task["alpha"], include_top=False, weights=task["weights"], pooling="avg"
    )
    backbone.trainable = False
    inputs = keras.Input(shape)
    x = keras.layers.Rescaling(1 / 127.5, -1)(inputs)
    x = backbone(x, training=False)
    x = keras.layers.BatchNormalization(momentum=MOMENTUM)(x)
    for units in task["dense"]:
        x = keras.layers.Dropout(task["dropout"])(keras.layers.Dense(units, activation="relu")(x))
    model = keras.Model(inputs, keras.layers.Dense(task["classes"])(x))
    model.compile(
        optimizer=keras.optimizers.Adam(task["learning_rate"]),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


if __name__ == "__main__":
    main(Path(sys.argv[1]))
