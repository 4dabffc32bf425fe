"""Every explanation method that `explain.methods` may name: a table, cheap to import, read before Keras is loaded.

To add a method, write its class in a file of its own here and add a row.
"""

from collections.abc import Sequence

from medtransfer.explain.method import Method
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import PARAMS, known

METHODS: dict[str, Method] = {
    "grad_cam": Method(
        "Grad-CAM", "medtransfer.explain.grad_cam:GradCAM", "feature map", "Selvaraju et al. 2017, eq. 1 and 2"
    ),
    "unet_reconstruction": Method(
        "UNet reconstruction",
        "medtransfer.explain.reconstruction:UNetReconstruction",
        "pixels",
        "Rafiq et al. 2022, section 4.1",
        autoencoder=True,
    ),
    "gradient": Method(
        "gradient saliency",
        "medtransfer.explain.gradient:GradientSaliency",
        "pixels",
        "Simonyan et al. 2014, section 3.1",
    ),
}


def check(keys: Sequence[str]) -> None:
    """Raises UserError for an unknown method, or a first one that not every model has, naming those that are valid."""
    for key in keys:
        known(key, METHODS, "explanation method", PARAMS, "explain.methods")
    if METHODS[keys[0]].autoencoder:
        others = ", ".join(key for key, method in METHODS.items() if not method.autoencoder)
        raise UserError(
            f"{PARAMS}: explain.methods: the headline shows the first method, and {keys[0]} needs an autoencoder, "
            f"which not every model has; begin with one of {others}"
        )


def applicable(keys: Sequence[str], pretrained: bool) -> dict[str, Method]:
    """The methods of these names that a model has, given whether it has autoencoders; checked as by `check`."""
    check(keys)
    return {key: METHODS[key] for key in keys if pretrained or not METHODS[key].autoencoder}
