"""The keeper's process: `python -m bookable.embedded postgres|valkey DATA_DIR durable|careless`."""

import sys

from bookable.embedded.keeper import main

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
