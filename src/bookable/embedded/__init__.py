"""PostgreSQL and Valkey come with Bookable: started in DATA_DIR when no address of a server is configured.

A server belongs to a DATA_DIR, not to a process. Whoever asks first starts it, whoever asks later joins it,
and it ends with its last user, in whatever way that one ended. No step is needed after a `kill -9`.
"""

from bookable.embedded.places import EmbeddedError, binary_of_postgres
from bookable.embedded.running import Embedded, Running, start, start_postgres, start_valkey

__all__ = [
    "Embedded",
    "EmbeddedError",
    "Running",
    "binary_of_postgres",
    "start",
    "start_postgres",
    "start_valkey",
]
