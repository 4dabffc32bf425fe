"""Note for each model the network that it starts from, so that a change of that network reaches it, and no other."""

from medtransfer import store
from medtransfer.models.fingerprint import sha256
from medtransfer.settings.command import run
from medtransfer.settings.params import Params


def main(params: Params) -> None:
    """The SHA-256 of the source's network; null of a model that starts from no source."""
    for model, source in store.sources_of_models().read().items():
        digest = sha256(store.source_model(source).network_file) if source else None
        store.start(model).write({"source": source, "sha256": digest})


if __name__ == "__main__":
    run(main)
