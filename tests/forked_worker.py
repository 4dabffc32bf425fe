"""A test process of pytest-xdist that a server forks: python tests/forked_worker.py ADDRESS -u -c PROGRAM

The server has loaded Keras. This process waits, and ends as the other one, which has its standard files, does.
"""

import json
import os
import socket
import sys


def main(address: str, program: str) -> None:
    request = {"module": "tests.forked_worker", "arguments": [program], "folder": os.getcwd()}  # noqa: PTH109
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        content = json.dumps(request | {"environment": dict(os.environ)}).encode()
        socket.send_fds(connection, [content + b"\n"], [0, 1, 2])
        with connection.makefile("rb") as answers:
            taken, status = answers.readline(), answers.readline()
    os._exit(int(status or 1) if taken else 1)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        main(sys.argv[1], sys.argv[-1])
    exec(sys.argv[1])
