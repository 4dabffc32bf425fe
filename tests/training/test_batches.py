"""Every row once an epoch, in an order that seed and epoch decide."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.training.batches import in_order, shuffled


@given(st.integers(1, 100), st.integers(1, 40), st.integers(0, 2**31), st.integers(1, 50))
def test_every_row_once_in_batches_of_the_size(count: int, size: int, seed: int, epoch: int) -> None:
    rows = np.arange(count) * 3
    batches = list(shuffled(rows, size, seed, epoch))
    assert sorted(np.concatenate(batches)) == rows.tolist()
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)


def test_order_follows_seed_and_epoch() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(list(shuffled(np.arange(100), 8, seed, epoch))).tolist()

    assert order(1, 1) == order(1, 1)
    assert order(1, 1) != order(1, 2)
    assert order(1, 1) != order(2, 1)


def test_in_order_keeps_the_order() -> None:
    assert [batch.tolist() for batch in in_order(np.array([5, 3, 9]), 2)] == [[5, 3], [9]]
