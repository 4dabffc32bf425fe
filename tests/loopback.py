"""What tests of remotes talk to, on 127.0.0.1: an S3 server that checks signatures, and a connection that breaks."""

import contextlib
import hashlib
import json
import logging
import math
import socket
import threading
import urllib.request
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from botocore.client import BaseClient

KEYS = tuple[str, str]
REGION = "us-east-1"


class S3Server:
    """moto's server with two users: `writer` may do everything, `reader` may not write. Others are refused."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        self.port = self.server.get_host_and_port()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._accept(math.inf)  # requests without a check of their signature
        self.writer = self._user("writer", ["s3:*"])
        self.reader = self._user("reader", ["s3:Get*", "s3:Head*", "s3:List*"])
        self._accept(0)

    def _accept(self, requests: float) -> None:
        body, plain = str(requests).encode(), {"Content-Type": "text/plain"}
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/reset-auth", data=body, headers=plain))

    def _client(self, service: str, keys: KEYS) -> "BaseClient":
        import boto3

        name = {"aws_access_key_id": keys[0], "aws_secret_access_key": keys[1]}
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, **name)

    def _user(self, name: str, actions: list[str]) -> KEYS:
        iam = self._client("iam", ("any", "any"))
        iam.create_user(UserName=name)
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
        }
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def make(self, bucket: str) -> None:
        """A bucket, which is empty where it is new."""
        self._client("s3", self.writer).create_bucket(Bucket=bucket)

    def objects(self, bucket: str) -> dict[str, bytes]:
        """What is in a bucket: content by key."""
        client = self._client("s3", self.writer)
        keys = [each["Key"] for each in client.list_objects_v2(Bucket=bucket).get("Contents", [])]
        return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    def stop(self) -> None:
        """End the server."""
        self._accept(math.inf)
        self.server.stop()


def names_content(path: str, content: bytes) -> bool:
    """Whether content is whole: DVC names a file by its MD5, of which the first two digits are the folder."""
    folder, name = path.removesuffix(".dir").split("/")[-2:]
    return hashlib.md5(content).hexdigest() == folder + name


class BreakingProxy:
    """Passes on to a port of this machine, until so many bytes went one way; then every connection breaks.

    `let_through` lets connections through again.
    """

    def __init__(self, port: int, **allowed: int) -> None:
        """`allowed`: bytes `up`, to the server, or `down`, from it."""
        self.target, self.allowed = port, {"up": math.inf, "down": math.inf} | allowed
        self.broken, self._lock = False, threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def let_through(self) -> None:
        """From now on, everything is passed on."""
        self.broken, self.allowed = False, {"up": math.inf, "down": math.inf}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._socket.accept()
                if self.broken:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self.target))
                for way, start, end in (("up", client, server), ("down", server, client)):
                    threading.Thread(target=self._pass_on, args=(way, start, end), daemon=True).start()

    def _pass_on(self, way: str, start: socket.socket, end: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the other end has closed
            while content := start.recv(1 << 14):
                with self._lock:
                    passed = content[: int(min(len(content), self.allowed[way]))]
                    self.allowed[way] -= len(passed)
                    self.broken |= len(passed) < len(content)
                end.sendall(passed)
                if self.broken:
                    break
        for each in (start, end):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
