"""Find the images of a data set that are copies of one picture, in any orientation."""

from pathlib import Path

from medtransfer import formats
from medtransfer.data.copies import find_copies
from medtransfer.settings.load import Settings
from stages.common import run


def main(settings: Settings, dataset: str) -> None:
    """A table of pairs: close by hash, or alike after registration. What counts as a copy is decided by `split`."""
    folder = Path(f"data/prepared/{dataset}")
    index = formats.read_table(folder / "index.csv")
    thumbnails = formats.read_array(folder / "thumbnails.npy")[..., 0]
    choice = settings.params.duplicates
    found = find_copies(index["phash"].tolist(), thumbnails, choice.hash_distance)
    pairs, into = found.pairs, Path(f"data/duplicates/{dataset}")
    formats.write_table(into / "pairs.csv", pairs)
    formats.write_json(into / "background.json", {"similarity": found.background})
    print(
        f"{len(index)} images: {(pairs['bits'] >= 0).sum()} pairs by hash, {(pairs['bits'] < 0).sum()} by registration"
    )


if __name__ == "__main__":
    run(main)
