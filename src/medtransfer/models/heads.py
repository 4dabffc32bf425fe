"""From feature map to features, and from features to logits."""

import keras

from medtransfer.settings.errors import UserError
from medtransfer.settings.files import MODELS
from medtransfer.settings.recipes import Head

FEATURES, LOGITS = "features", "logits"

POOLING = {
    "average": keras.layers.GlobalAveragePooling2D,
    "max": keras.layers.GlobalMaxPooling2D,
    "flatten": keras.layers.Flatten,
    "max_flatten": keras.layers.Flatten,
}

# A head is trained for some hundred steps; Keras's 0.99 is meant for ten thousands.
MOMENTUM = 0.9


def pool(fmap: keras.KerasTensor, pooling: str) -> keras.KerasTensor:
    """A feature map, N x h x w x C, as features, N x F: the layer called FEATURES, in single precision.

    max_flatten takes the largest of each 2 x 2 places first. Raises UserError where there are none.
    """
    x = fmap
    if pooling == "max_flatten":
        if min(x.shape[1:3]) < 2:
            raise UserError(
                f"{MODELS}: pooling: max_flatten needs a feature map of 2 x 2 or more, and it is "
                f"{x.shape[1]} x {x.shape[2]}; set a larger image_size, or pooling: flatten"
            )
        x = keras.layers.MaxPooling2D(2, name="features_maximum")(x)
    return POOLING[pooling](name=FEATURES, dtype="float32")(x)


def logits(features: keras.KerasTensor, head: Head, classes: int) -> keras.KerasTensor:
    """A head's layers in a row, from features to logits, N x classes, in single precision.

    Of one sigmoid's logit z, the logits of the two classes are -z / 2 and z / 2: their softmax is the sigmoid and their
    cross-entropy the binary one, and either class has a gradient for explanations.
    """
    x = features
    dropouts = head.dropout if isinstance(head.dropout, tuple) else (head.dropout,) * len(head.dense)
    if head.normalise_features:
        x = keras.layers.BatchNormalization(momentum=MOMENTUM, name="normalise_features")(x)
    for number, (units, dropout) in enumerate(zip(head.dense, dropouts, strict=True), start=1):
        penalty = keras.regularizers.L2(head.l2) if head.l2 else None
        x = keras.layers.Dense(units, head.activation, kernel_regularizer=penalty, name=f"dense_{number}")(x)
        if head.batch_norm:
            x = keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"batch_norm_{number}")(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"dropout_{number}")(x)
    if head.dropout and not head.dense:
        x = keras.layers.Dropout(head.dropout, name="dropout")(x)
    if head.output == "softmax":
        return keras.layers.Dense(classes, name=LOGITS, dtype="float32")(x)
    x = keras.layers.Dense(1, name="sigmoid_logit", dtype="float32")(x)
    halves = keras.initializers.Constant([[-0.5, 0.5]])
    return keras.layers.Dense(
        2, use_bias=False, kernel_initializer=halves, trainable=False, name=LOGITS, dtype="float32"
    )(x)
