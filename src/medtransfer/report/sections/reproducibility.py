"""What the numbers follow from: versions, seed, and hashes that anyone can compute again."""

from collections.abc import Iterator

import pandas as pd

from medtransfer.report.blocks import Block, Note, Paragraph, Section, TableBlock, with_detail
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.store import digests

ORDER = 850
OPENING = (
    "The same archive, settings, code and versions give the same numbers, to the byte on one machine. Another kind of "
    "processor may round differently. Seed {seed}, for the split, initial weights, the order of batches and "
    "augmentation."
)
SOFTWARE = (
    "Versions with which the models were trained, as noted then. They are those that requirements.lock pins for every "
    "machine. Python, NumPy, SciPy and the device may differ between machines with one lock file: those of this "
    "machine are under Times."
)
HASHES = (
    "SHA-256 of what the numbers follow from. Code: all modules and templates of src/ and stages/. Weights: the file "
    "that a backbone starts from; random ones have none, and follow from the seed. Networks: what training made of it. "
    "To compute one again, run sha256sum on the file; where several files are listed, sha256sum FILES | sha256sum, in "
    "the order of their paths. The page names no date and no commit: they would change it where nothing else does."
)


def section(store: Store, settings: ReportSettings) -> Section:
    """Seed, software, hashes."""
    blocks: list[Block] = [Paragraph(OPENING.format(seed=settings.params.seed))]
    versions = _versions(store, settings)
    blocks += [TableBlock(versions, SOFTWARE)] if len(versions) else [Note("The versions were not noted in training.")]
    hashes = [(with_detail(of, files), digest) for of, files, digest in _hashes(store, settings)]
    blocks.append(TableBlock(pd.DataFrame(hashes, columns=["of", "SHA-256"]), HASHES))
    return Section("Reproducibility", "reproducibility", blocks)


def _versions(store: Store, settings: ReportSettings) -> pd.DataFrame:
    """A row per library; where models were trained with several versions, all of them."""
    noted: dict[str, list[str]] = {}
    for model in settings.trained:
        for name, version in store.trained(settings.dataset, model).training.read().software.items():
            noted.setdefault(name, []).append(version)
    rows = [(name, ", ".join(dict.fromkeys(versions))) for name, versions in noted.items()]
    return pd.DataFrame(rows, columns=["library", "version"])


def _hashes(store: Store, settings: ReportSettings) -> Iterator[tuple[str, str, str]]:
    dataset = settings.dataset
    split = store.split(dataset).path
    yield "archive", store.archive(dataset).as_posix(), store.origin(dataset).read().sha256
    yield "split", split.as_posix(), digests.of_file(split)
    for model in settings.trained:
        recipe, trained = store.settings_of_model(model).model.path, store.trained(dataset, model)
        weights = trained.training.read().weights
        yield f"{model}: recipe", recipe.as_posix(), digests.of_file(recipe)
        if "file" in weights:
            yield f"{model}: weights", weights["file"], weights["sha256"]
        yield f"{model}: networks", f"{trained.path.as_posix()}/*.keras", digests.of_files(trained.path.glob("*.keras"))
    yield "code", "src/, stages/: *.py, *.j2", digests.of_files(digests.code_files())
