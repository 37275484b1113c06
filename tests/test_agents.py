"""Firms and states as Mesa agents: windows on the arrays, for reading and notebooks."""

from __future__ import annotations

import mesa
import numpy as np
import pandas as pd
import pytest

import ecsim
from ecsim.agents.firm import READABLE, Firm
from ecsim.agents.state import State
from ecsim.model import ExportControlModel


@pytest.fixture(scope="module")
def model() -> ExportControlModel:
    made = ecsim.build_model("small_yard", "economy=small", "alliance=forced", "alliance.mode=intensity", "alliance.lag=0")
    for _ in range(8):
        made.step()
    return made


def test_a_firm_reads_its_row_of_the_arrays(model: ExportControlModel) -> None:
    e, w = model.economy, model.world
    row = int(np.argmax(w.revenue))
    firm = Firm(model, row)
    assert (firm.product, firm.owner, firm.location) == (e.products[e.product[row]], e.states[e.owner[row]], e.states[e.location[row]])
    assert firm.name == e.firm_name(row) and repr(firm) == f"<Firm {firm.name}: {firm.product} in {firm.location}>"
    for name in READABLE:
        assert getattr(firm, name) == float(getattr(e if name in ("entities", "military") else w, name)[row]), name
    with pytest.raises(AttributeError, match="world"):
        _ = firm.world


def test_a_state_reads_what_the_model_knows_of_it(model: ExportControlModel) -> None:
    w = model.world
    states = {a.code: a for a in model.agents if isinstance(a, State)}
    assert set(states) == set(model.economy.states)
    for i, code in enumerate(model.economy.states):
        s = states[code]
        assert (s.gdp, s.power, s.anxiety, s.dissatisfaction) == (w.gdp[i], w.power[i], w.anxiety[i], w.dissatisfaction[i])
        assert s.adoption == w.book.adoption.get((code, "USA"), 0.0) and repr(s) == f"<State {code} ({s.role})>"
    assert states["USA"].role == "incumbent" and states["CHN"].role == "challenger"
    assert 0 < states["JPN"].adoption < 1 and states["CHN"].adoption == 0


def test_a_run_is_the_same_with_agents_and_without() -> None:
    words = ("endogenous", "economy=small", "alliance=endogenous", "time.quarters=20")
    plain, looked_into = ecsim.run(*words), ecsim.build_model(*words)
    assert isinstance(looked_into, mesa.Model)
    whole = looked_into.run()
    pd.testing.assert_frame_equal(plain.series, whole.series)
    pd.testing.assert_frame_equal(plain.events, whole.events)
