"""What an operation costs: Bookable against pgbench and against a peer, in one run (see docs/performance.md)."""
