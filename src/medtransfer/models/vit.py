"""A small vision transformer of Keras's own layers, so that a saved one opens in any Keras.

keras-hub has transformers with ImageNet weights. It brings 230 MB of text processing with it, fetches its weights from
a hub of its own, and a model saved with its layers does not open without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medtransfer.models.architecture import network

if TYPE_CHECKING:
    import keras

PATCH = 16  # pixels a side
WIDTH, HEADS, BLOCKS = 192, 3, 12  # of ViT-Ti, Touvron et al. 2021, table 1
EXPANSION = 4  # of the hidden layer within a block
EPSILON = 1e-6  # of layer normalisation (Dosovitskiy et al. 2021, in their code)
POSITION = 0.02  # standard deviation of a fresh position embedding (the same)


@network(explained_layer="token_map", minimum_size=2 * PATCH)
def vit_tiny(images: keras.KerasTensor) -> keras.KerasTensor:
    """ViT-Ti/16 (Dosovitskiy et al. 2021; Touvron et al. 2021) without a class token: 5.5 million weights.

    The head pools the tokens, as Beyer et al. (2022, "Better plain ViT baselines") do, so the last tokens, laid out
    as the patches lie, are a feature map as a convolution's is. Images are padded with zeros to whole patches.
    """
    import keras

    x = _patches(images)
    rows, columns = x.shape[1:3]
    x = keras.layers.Reshape((rows * columns, WIDTH), name="tokens")(x)
    for number in range(1, BLOCKS + 1):
        x = _block(x, f"block_{number}")
    x = keras.layers.LayerNormalization(epsilon=EPSILON, name="last_normalisation")(x)
    return keras.layers.Reshape((rows, columns, WIDTH), name="token_map")(x)


def _patches(images: keras.KerasTensor) -> keras.KerasTensor:
    """Each patch by one linear map, plus a bias of its place, which is the position embedding: N x h x w x WIDTH."""
    import keras

    x = images
    down, right = (-side % PATCH for side in images.shape[1:3])
    if down or right:
        x = keras.layers.ZeroPadding2D(((0, down), (0, right)), name="whole_patches")(x)
    rows, columns, channels = x.shape[1] // PATCH, x.shape[2] // PATCH, x.shape[3]
    x = keras.layers.Reshape((rows, PATCH, columns, PATCH, channels), name="patches")(x)
    return keras.layers.EinsumDense(
        "nhiwjc,ijcd->nhwd",
        output_shape=(rows, columns, WIDTH),
        bias_axes="hwd",
        bias_initializer=keras.initializers.RandomNormal(stddev=POSITION),
        name="embedding",
    )(x)


def _block(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Attention, then two dense layers, each normalised before and added to what came in; N x tokens x WIDTH."""
    import keras

    y = keras.layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_attention_normalisation")(x)
    y = keras.layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name=f"{name}_attention")(y, y)
    x = keras.layers.Add(name=f"{name}_attention_add")([x, y])
    y = keras.layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_normalisation")(x)
    y = keras.layers.Dense(EXPANSION * WIDTH, activation="gelu", name=f"{name}_dense_1")(y)
    y = keras.layers.Dense(WIDTH, name=f"{name}_dense_2")(y)
    return keras.layers.Add(name=f"{name}_add")([x, y])
