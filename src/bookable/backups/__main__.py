"""The process of one backup: told what to do on its input, so that no password is on its command line."""

import json
import signal
import sys
from pathlib import Path

from bookable.kernel.clock import Clock

from .errors import BackupError
from .making import make


def main() -> int:
    """Exit 0, or 1 with one line that says why."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wish = json.load(sys.stdin)
    pictures = Path(wish["pictures"]) if wish["pictures"] else None
    try:
        make(wish["url"], Path(wish["path"]), pictures=pictures, at=Clock().real())
    except BackupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
