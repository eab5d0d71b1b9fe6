"""Whole processes, killed and asked to end, seen from outside."""

import pytest

pytest.register_assert_rewrite("tests.processes.books", "tests.processes.customers")
