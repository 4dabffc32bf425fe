"""Every row once an epoch, in an order that seed and epoch decide."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.training.batches import in_order, shuffled, steps


@given(st.integers(1, 100), st.integers(0, 2**31), st.integers(1, 50))
def test_every_row_once(count: int, seed: int, epoch: int) -> None:
    assert sorted(shuffled(count, seed, epoch)) == list(range(count))


def test_order_follows_seed_and_epoch() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        return shuffled(100, seed, epoch).tolist()

    assert order(1, 1) == order(1, 1)
    assert order(1, 1) != order(1, 2)
    assert order(1, 1) != order(2, 1)


@given(st.integers(0, 100), st.integers(1, 40))
def test_as_many_steps_as_batches(count: int, size: int) -> None:
    assert len(list(in_order(np.arange(count), size))) == steps(count, size)


def test_in_order_keeps_the_order() -> None:
    assert [batch.tolist() for batch in in_order(np.array([5, 3, 9]), 2)] == [[5, 3], [9]]
