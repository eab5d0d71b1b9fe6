"""The acts of sabotage are still there to be done: each line stands once, and what is made of it is Python."""

import ast

import pytest

from .__main__ import ROOT, done
from .acts import ACTS, Act


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_an_act_can_be_done(act: Act) -> None:
    honest = (ROOT / act.file).read_text()
    assert ast.dump(ast.parse(done(act, honest))) != ast.dump(ast.parse(honest))
    assert all((ROOT / test.partition("::")[0]).exists() for test in act.tests)


def test_no_two_acts_have_one_name() -> None:
    assert len({act.name for act in ACTS}) == len(ACTS)
