"""Which software a model was trained with, and where."""

import platform
from importlib import import_module, metadata

# Of these the lock file pins one version for every machine; a test holds it to that.
PINNED = ("keras", "scikit-learn", "pandas", "pillow", "opencv-python-headless", "h5py")
# Of these it pins a version for each version of Python, which machines may choose.
BY_PYTHON = ("numpy", "scipy")


def pinned_versions() -> dict[str, str]:
    """Versions by name, and that of Keras' backend: the same on every machine that is set up from one lock file.

    So they may stand in an output of DVC.
    """
    import keras

    backend = keras.backend.backend()
    return {backend: import_module(backend).__version__} | {name: metadata.version(name) for name in PINNED}


def versions_of_machine() -> dict[str, str]:
    """What may differ between machines with one lock file, and with it the last bits of a result."""
    from medtransfer.models.determinism import describe_device

    versions = {name: metadata.version(name) for name in BY_PYTHON}
    return {"python": platform.python_version()} | versions | {"device": describe_device()}
