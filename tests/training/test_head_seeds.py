"""A head trained again with other seeds."""

import keras
import numpy as np

from medtransfer.training.compiled import Task
from medtransfer.training.head_seeds import Examples, outputs_over_seeds
from tests.conftest import tiny_recipe

RECIPE = tiny_recipe("mobilenetv2", trainable="none", alpha=0.35)


def test_a_seed_gives_the_same_outputs_beside_any_other_and_test_rows_have_no_part(rng: np.random.Generator) -> None:
    inputs = keras.Input((6,))
    head = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Dropout(0.3)(inputs)))
    labels = np.arange(40) % 2
    features = (rng.normal(size=(40, 6)) + 2 * labels[:, None]).astype(np.float32)
    folds = [(np.arange(8, 24), np.arange(24, 40)), (np.arange(24, 40), np.arange(8, 24))]
    recipe = RECIPE.model_copy(update={"training": RECIPE.training.model_copy(update={"learning_rate": 0.05})})

    def outputs(features: np.ndarray, labels: np.ndarray, *seeds: int) -> list[np.ndarray]:
        return list(outputs_over_seeds(head, recipe, Examples(features, labels, folds, np.arange(8)), seeds, Task()))

    first, second = outputs(features, labels, 5, 6)
    assert first.shape == (2, 8, 2)
    others = labels.copy()
    others[:8] = 1 - others[:8]
    (alone,) = outputs(features, others, 6)
    np.testing.assert_array_equal(alone, second)
    assert np.abs(first - second).max() > 0.01
    views = np.stack([features, features], axis=1)
    (with_views,) = outputs(views, labels, 6)
    assert with_views.shape == (2, 8, 2)
