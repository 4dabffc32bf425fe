"""How a process lets the stage server run its module: `medtransfer/__init__.py` asks for it, before slow imports."""

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

ADDRESS = "MEDTRANSFER_STAGE_SERVER"  # the variable that names the server's socket
STAGES = "stages."
SERVED = "--served"  # the argument of other modules that the server may run; these end without a message


def delegate(modules: str = STAGES) -> None:
    """Of a process started as `python -m MODULE ...`: let the server run the module, and end as it ends.

    The server may run modules whose names begin with `modules`, and those that have the argument SERVED. Returns where
    this process runs another module, where there is no server, and where the server has loaded the libraries with other
    settings than this process would.
    """
    address, options = os.environ.get(ADDRESS), sys.orig_argv[1:]
    served = SERVED in options
    if not address or options[:1] != ["-m"] or not (served or options[1].startswith(modules)):
        return
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
    except OSError:  # not ready yet
        return
    request: dict[str, Any] = {"module": options[1], "arguments": options[2:], "folder": str(Path.cwd())}
    request |= {"environment": dict(os.environ)}
    socket.send_fds(connection, [json.dumps(request).encode() + b"\n"], [0, 1, 2])
    with connection, connection.makefile("rb") as answers:
        if answers.readline() != b"taken\n":
            return
        try:
            status = answers.readline()
        except KeyboardInterrupt:  # which the module has had too
            status = answers.readline()
    if not status and served:
        os._exit(1)  # the process that calls it sees that, and says what it means
    if not status:
        sys.exit(f"\nerror: the process of {options[1]} was killed\n")
    os._exit(int(status))
