"""Rows that share a patient or their pixels are one group, however long the chain."""

import networkx
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.data.duplicates import groups

ROWS = st.lists(st.tuples(st.sampled_from(["", "p1", "p2", "p3", "p4"]), st.integers(0, 9)), min_size=1, max_size=30)


@given(ROWS)
def test_groups_are_the_connected_components_of_sharing(rows: list[tuple[str, int]]) -> None:
    index = pd.DataFrame({"id": [f"i{n}" for n in range(len(rows))], "patient": [p for p, _ in rows]})
    index["sha256"] = [str(pixels) for _, pixels in rows]
    graph = networkx.Graph()
    graph.add_nodes_from(index["id"])
    for column in ("patient", "sha256"):
        for value, part in index.groupby(column):
            if value:
                networkx.add_path(graph, part["id"])
    expected = {frozenset(component) for component in networkx.connected_components(graph)}
    found = {frozenset(part) for _, part in index.groupby(groups(index))["id"]}
    assert found == expected


def test_a_group_is_named_for_its_first_image() -> None:
    index = pd.DataFrame({"id": ["a", "b", "c"], "patient": ["", "", ""], "sha256": ["x", "y", "x"]})
    assert groups(index).tolist() == ["a", "b", "a"]
