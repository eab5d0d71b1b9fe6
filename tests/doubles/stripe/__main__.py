"""`python -m tests.doubles.stripe [PORT]`: the double in a process of its own, until it is interrupted."""

import contextlib
import signal
import sys

from tests.doubles.stripe.double import StripeDouble

if __name__ == "__main__":
    with StripeDouble(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as double:
        print(double.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
