"""Workers that cannot be reached are refused in words."""

import pytest

from medtransfer.settings.errors import UserError
from medtransfer.training.cluster import connection


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("0", "WORKERS=0 computes nothing"),
        ("00", "computes nothing"),
        ("-1", "neither a number"),
        ("host:8786", "such as tcp://host:8786"),
        ("tcp://", "such as tcp://host:8786"),
        ("http://127.0.0.1:1", "such as tcp://host:8786"),
    ],
)
def test_unusable_value_is_refused(value: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        connection.check(value)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tls://127.0.0.1:1"])
def test_address_without_a_scheduler_is_refused_with_the_commands(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT", 0.2)
    connection.check(address)
    with pytest.raises(UserError, match=f"no scheduler answers at {address} .*make worker SCHEDULER="):
        connection.connected(address).__enter__()
