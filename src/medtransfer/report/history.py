"""What a model's history says of the epochs whose weights were kept."""

import pandas as pd

from medtransfer.store.trained import Trained


def kept_epochs(trained: Trained) -> pd.DataFrame:
    """The rows of the history that are of the epochs whose weights were kept, one a fold."""
    history, epochs = trained.history.read(), trained.training.read().selected_epochs
    return history[history["epoch"] == history["fold"].map(dict(enumerate(epochs)))]
