"""A process that uses the servers: tells on its output where they are, and leaves when its input ends."""

import json
import os
import signal
import sys
from pathlib import Path

from bookable import embedded


def main(data_dir: str) -> None:
    signal.signal(signal.SIGINT, lambda *_: tell(heard="interrupt"))
    try:
        with embedded.start(Path(data_dir), durable=False, say=lambda text: tell(say=text)) as servers:
            tell(database_url=servers.database_url, redis_url=servers.redis_url)
            sys.stdin.read()
    except embedded.EmbeddedError as error:
        tell(error=str(error))


def tell(**what: str) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
