"""A PostgreSQL of a version that is not there yet: it lets people in, says what it is, and knows nothing else."""

import socket
import struct
import threading
from contextlib import suppress
from typing import Self

from tests.doubles.loopback import listen

__all__ = ["NewerPostgres"]

_SSL, _GSS = 80877103, 80877104


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!i", len(content) + 4) + content


_WELCOME = (
    _message(b"R", struct.pack("!i", 0))
    + b"".join(
        _message(b"S", f"{name}\0{value}\0".encode())
        for name, value in {"server_version": "99.1", "client_encoding": "UTF8"}.items()
    )
    + _message(b"Z", b"I")
)


class NewerPostgres:
    """Listens on loopback in a thread: `with NewerPostgres() as server: …server.url…`."""

    def __init__(self) -> None:
        self._socket = listen()
        self.url = f"postgresql://somebody:secret@127.0.0.1:{self._socket.getsockname()[1]}/anything"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                with line, suppress(OSError):
                    self._welcome(line)

    def _welcome(self, line: socket.socket) -> None:
        while True:
            length, code = struct.unpack("!ii", line.recv(8, socket.MSG_WAITALL))
            line.recv(length - 8, socket.MSG_WAITALL)
            if code not in (_SSL, _GSS):
                break
            line.sendall(b"N")
        line.sendall(_WELCOME)
        while line.recv(4096):
            pass
