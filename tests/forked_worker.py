"""A test process of pytest-xdist, forked by a server that has loaded Keras.

execnet starts it as Python: python tests/forked_worker.py ADDRESS -u -c PROGRAM
This process waits for the forked one, which has its standard files, and ends with its status.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def wait_for_fork(address: str, program: str) -> None:
    """Let the server run the program in this process's folder; ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the test process has it too, and ends its test
    request = {"module": "tests.forked_worker", "arguments": [str(Path.cwd()), program], "folder": str(ROOT)}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        content = json.dumps(request | {"environment": dict(os.environ)}).encode()
        socket.send_fds(connection, [content + b"\n"], [0, 1, 2])
        with connection.makefile("rb") as answers:
            if answers.readline() != b"taken\n":
                sys.exit("error: the server has loaded Keras with other settings than this test process has")
            os._exit(int(answers.readline() or 1))


if __name__ == "__main__":
    match sys.argv[1:]:
        case [folder, program]:  # the forked process
            os.chdir(folder)
            exec(program)
        case [address, *_, program]:
            wait_for_fork(address, program)
