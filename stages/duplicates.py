"""Find the images of a data set that are copies of one picture, in any orientation."""

from medtransfer import store
from medtransfer.data.duplicates.search import find_copies
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.store.records import Background


def main(params: Params, dataset: str) -> None:
    """A table of pairs: close by hash, or alike after registration. What counts as a copy is decided by `split`."""
    index = store.prepared(dataset).index.read()
    thumbnails = store.prepared(dataset).thumbnails.read()[..., 0]
    search = find_copies(index["phash"].tolist(), thumbnails, params.duplicates.hash_distance)
    store.duplicates(dataset).pairs.write(search.pairs)
    store.duplicates(dataset).background.write(Background(search.background))
    by_hash = (search.pairs["bits"] >= 0).sum()
    print(f"{len(index)} images: {by_hash} pairs by hash, {len(search.pairs) - by_hash} by registration")


if __name__ == "__main__":
    run(main)
