"""Where doubles listen."""

import socket

__all__ = ["listen"]


def listen(port: int = 0) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes a free one.

    Its protocol is named, because asyncio sets TCP_NODELAY on no other: without it every answer of a kept
    connection waits 40 ms for the delayed ACK.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen(512)
    return made
