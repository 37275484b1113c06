"""The population: shares of the tables at every size, named firms, exact balance, known trade."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecsim.data import load
from ecsim.economy import CHALLENGER, INCUMBENT, Economy, array_fields, check_shapes, sizes_of
from ecsim.params import Params
from ecsim.population import build

SIZES = [200, 400, 5_000, pytest.param(100_000, marks=pytest.mark.slow), pytest.param(1_000_000, marks=pytest.mark.slow)]


def economy(n: int = 400, **more: object) -> Economy:
    return build(Params().with_values({"population.n_firms": n, **more}))


@pytest.fixture(scope="module", params=SIZES)
def sized(request: pytest.FixtureRequest) -> Economy:
    """An economy of each size, built once for all tests of it."""
    return economy(request.param)


def link_value(e: Economy) -> np.ndarray:
    """Orders on each link at the start, shape (M, L)."""
    return e.weight0 * (e.coef * e.output0[e.slot_firm])[:, None]


def sales_to_firms(e: Economy) -> np.ndarray:
    return np.bincount(np.maximum(e.supplier0, 0).ravel(), weights=link_value(e).ravel(), minlength=e.n_firms)


def final_sales(e: Economy) -> np.ndarray:
    by_cell = (e.final0[e.cell_product] * e.final_share0).sum(axis=1)
    return by_cell[e.cell] * e.final_weight


def sales_by_state(e: Economy, row: int) -> np.ndarray:
    """Sales of one firm by location of the buyer, as shares, shape S."""
    at, position = np.nonzero(e.supplier0 == row)
    to = np.zeros(e.n_states)
    np.add.at(to, e.location[e.slot_firm[at]], link_value(e)[at, position])
    cell = e.cell[row]
    to += e.final0[e.cell_product[cell]] * e.final_share0[cell] * e.final_weight[row]
    return to / e.output0[row]


def cell_shares(e: Economy) -> dict[tuple[str, str, str], float]:
    """Share of each cell in the output of its product."""
    output = np.add.reduceat(e.output0, e.cell_start[:-1])
    total = np.bincount(e.cell_product, weights=output)
    keys = zip(e.cell_product, e.cell_owner, e.cell_location, strict=True)
    return {(e.products[p], e.states[o], e.states[s]): output[c] / total[p] for c, (p, o, s) in enumerate(keys)}


def assert_balanced(e: Economy) -> None:
    """For each firm, orders from firms and final sales make its output; nothing is negative; shares sum to one."""
    assert np.abs(sales_to_firms(e) + final_sales(e) - e.output0).max() <= 1e-9 * e.output0.max()
    assert (np.abs(sales_to_firms(e) + final_sales(e) - e.output0) / e.output0).max() <= 1e-9
    assert (e.final_weight >= 0).all()
    assert (e.final0 >= 0).all()
    assert e.weight0.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    assert (e.weight0[e.supplier0 < 0] == 0).all()
    assert np.add.reduceat(e.final_weight, e.cell_start[:-1]) == pytest.approx(1.0, abs=1e-9)
    first = np.searchsorted(e.cell_product, np.arange(e.n_products))
    assert np.add.reduceat(e.final_share0, first, axis=0) == pytest.approx(1.0, abs=1e-9)


def test_shares_of_the_tables_hold_at_every_size(sized, request):
    e, n, data = sized, request.node.callspec.params["sized"], load(domains=("chips",))
    check_shapes(e, sizes_of(e))
    assert_balanced(e)
    assert e.n_firms == n or n < 400
    table = data.shares.set_index(["product", "owner", "location"])["share"]
    table = table / table.groupby("product").transform("sum")
    have = cell_shares(e)
    if n >= 400:
        assert set(have) == set(table.index)
        assert max(abs(have[k] - table[k]) for k in have) < 1e-6
    else:
        side = dict(zip(data.states["state"], data.states["role"], strict=True))
        assert set(have) <= set(table.index)
        for role in ("incumbent", "challenger"):
            for p in e.products:
                of_role = sum(v for (q, o, _), v in have.items() if q == p and side[o] == role)
                assert of_role == pytest.approx(sum(v for (q, o, _), v in table.items() if q == p and side[o] == role), abs=1e-6)
    market = data.products.set_index("product")["market"]
    output = np.bincount(e.product, weights=e.output0) * 4
    assert output == pytest.approx(market.loc[list(e.products)].to_numpy(), rel=1e-9)


def test_named_firms_are_present_with_their_shares(sized, request):
    e, n, data = sized, request.node.callspec.params["sized"], load(domains=("chips",))
    total = np.bincount(e.product, weights=e.output0)
    have: dict[tuple[str, str], float] = {}
    for row, name in e.firm_names.items():
        key = (e.products[e.product[row]], name)
        have[key] = have.get(key, 0.0) + e.output0[row] / total[e.product[row]]
    want = data.firms.groupby(["product", "company"])["share"].sum()
    assert set(have) == set(want.index)
    assert max(abs(have[k] - want[k]) for k in have) < 1e-3
    if n >= 400:
        assert len(e.firm_names) == len(data.firms)


def test_small_populations_list_what_they_merge():
    small, default = economy(200), economy(400)
    merged = [note for note in small.notes if "counted with those of" in note]
    units = len(load(domains=("chips",)).firms) + 158  # named plants and rests of cells
    assert len(merged) == pytest.approx(units - small.n_firms, abs=5)
    assert small.n_firms <= 240
    assert not any("counted with those of" in note for note in default.notes)
    assert 380 <= default.n_firms <= 420


def test_about_twelve_links_a_firm():
    e = economy()
    assert (e.supplier0 >= 0).sum() / e.n_firms == pytest.approx(12, abs=1.5)


def test_rows_stand_in_the_declared_order():
    e = economy(1000)
    key = (e.cell_product.astype(int) * e.n_states + e.cell_owner) * e.n_states + e.cell_location
    assert (np.diff(key) > 0).all()
    assert (np.diff(e.cell) >= 0).all()
    falls = np.diff(e.output0) <= 1e-15
    assert falls[np.diff(e.cell) == 0].all()
    assert (np.diff(e.slot_firm) >= 0).all()
    assert e.cell_start[0] == 0
    assert e.cell_start[-1] == e.n_firms


def test_current_inputs_come_from_upstream_only():
    e = economy()
    current = ~e.capital
    supplier, buyer = e.slot_input[current], e.product[e.slot_firm[current]]
    assert (supplier < buyer).all()
    assert (e.product_level[supplier] < e.product_level[buyer]).all()
    for p in range(e.n_products):
        inputs = np.unique(supplier[buyer == p])
        assert e.product_level[p] == 1 + (e.product_level[inputs].max() if len(inputs) else 0)


def test_suppliers_make_what_the_slot_buys_and_occur_once():
    e = economy(2000)
    known = e.supplier0 >= 0
    made = e.product[np.maximum(e.supplier0, 0)]
    assert (made == e.slot_input[:, None])[known].all()
    for j in range(1, e.supplier0.shape[1]):
        again = (e.supplier0[:, :j] == e.supplier0[:, j : j + 1]) & known[:, j : j + 1]
        assert not again.any()


def test_plants_abroad_keep_owner_and_place():
    e = economy()
    pairs = {(n, e.products[e.product[r]], e.states[e.owner[r]], e.states[e.location[r]]) for r, n in e.firm_names.items()}
    for want in [
        ("SK Hynix", "memory", "KOR", "CHN"),
        ("Samsung", "memory", "KOR", "CHN"),
        ("Intel", "memory", "USA", "CHN"),
        ("TSMC", "foundry_advanced", "TWN", "CHN"),
        ("UMC", "foundry_mature", "TWN", "CHN"),
        ("Applied Materials", "deposition_etch", "USA", "SGP"),
        ("Lam Research", "deposition_etch", "USA", "MYS"),
        ("Siemens EDA", "eda_ip", "DEU", "USA"),
    ]:
        assert want in pairs
    assert (e.owner != e.location).mean() > 0.15


def test_companies_with_many_rows_share_a_parent():
    e = economy()
    rows = {n: e.company_rows[n] for n in ("Huawei", "HiSilicon", "Huawei Ascend", "ASML", "Cymer", "SMIC")}
    assert len({int(e.parent[r]) for n in ("Huawei", "HiSilicon", "Huawei Ascend") for r in rows[n]}) == 1
    assert e.parent[rows["ASML"][0]] == e.parent[rows["Cymer"][0]]
    assert e.parent[rows["ASML"][0]] != e.parent[rows["SMIC"][0]]
    unnamed = np.setdiff1d(np.arange(e.n_firms), list(e.firm_names))
    assert len(np.unique(e.parent[unnamed])) == len(unnamed)


def test_technology_starts_behind_a_frontier_that_somebody_holds():
    e = economy()
    best = np.full(e.n_products, -np.inf)
    np.maximum.at(best, e.product, e.tech0)
    assert best == pytest.approx(0.0, abs=1e-12)
    smic = next(r for r in e.company_rows["SMIC"] if e.products[e.product[r]] == "foundry_advanced")
    assert e.tech0[smic] == pytest.approx(-1.6)  # four years behind at 14/16 nm
    assert e.closing0[smic] * 4 == pytest.approx(0.1)
    japanese = (e.owner == e.state_index["JPN"]) & (e.product == e.product_index["lithography"])  # not on the way to EUV
    assert (e.closing0[japanese] < 0).all() and not e.closing0[(e.owner != CHALLENGER) & ~japanese].any()


@pytest.mark.parametrize("n", [200, 400, 5_000])
def test_the_start_is_within_reach_of_the_equipment(n):
    """The mean item delivered and the stretch carry every firm's technology."""
    e, p = economy(n), Params()
    slots = np.flatnonzero(e.embodies)
    level = e.tech0[e.slot_firm[slots]]
    item = np.minimum(e.tech0[np.maximum(e.supplier0[slots], 0)], (level + p.permission.need_head)[:, None])
    carried = (e.weight0[slots] * item).sum(axis=1) + e.stretch[slots]
    assert (carried >= level - 1e-9).all()


def test_stocks_capacity_and_switches():
    e, p = economy(), Params()
    assert (e.stock0[e.capital] == 0).all()
    current = ~e.capital
    need = e.coef * e.output0[e.slot_firm]
    assert e.stock0[current] == pytest.approx(p.production.cover * need[current])
    assert e.capacity0 == pytest.approx(e.output0 * (1 + p.production.headroom))
    assert (e.equips == e.capital).all()
    assert set(np.unique(e.critical0)) <= {0.0, 0.5, 1.0}
    assert ((e.product_weight > 0) & (e.product_weight <= 1)).all()
    assert ((e.product_choke > 0) & (e.product_choke <= 1)).all()
    assert e.product_choke[e.product_index["lithography"]] > 0.75


def test_legal_entities_let_list_counts_be_reached():
    e = economy()
    chinese = e.owner == CHALLENGER
    assert (e.entities >= 1).all()
    assert 1000 < e.entities[chinese].sum() < 3000  # 479 on the list in January 2021
    assert e.entities[e.company_rows["CETC"]].sum() == 44
    huawei = e.parent == e.parent[e.company_rows["Huawei"][0]]
    assert e.entities[huawei].sum() == 69  # Huawei and 68 affiliates, May 2019


def test_final_demand_by_state_is_that_of_the_table():
    e, data = economy(), load(domains=("chips",))
    want = data.demand.pivot(index="product", columns="state", values="share").fillna(0.0)
    want = want.loc[list(e.products), list(e.states)].to_numpy()
    have = e.final0 / e.final0.sum(axis=1, keepdims=True)
    assert np.abs(have - want / want.sum(axis=1, keepdims=True)).max() < 1e-6


def named(e: Economy, name: str, product: str) -> list[int]:
    return [r for r in e.company_rows[name] if e.products[e.product[r]] == product]


@pytest.mark.parametrize(
    ("name", "product", "state", "share", "tolerance"),
    [
        ("TSMC", "foundry_advanced", "CHN", 0.17, 0.05),
        ("SMIC", "foundry_mature", "CHN", 0.57, 0.12),
        ("SMIC", "foundry_mature", "USA", 0.316, 0.10),
        ("ASML", "lithography", "CHN", 0.17, 0.06),
        ("KLA", "process_control", "CHN", 0.16, 0.06),
        ("Lam Research", "deposition_etch", "CHN", 0.16, 0.06),
        ("Qualcomm", "logic_design", "CHN", 0.65, 0.15),
        ("Broadcom", "logic_design", "CHN", 0.50, 0.12),
        ("Huawei", "telecom_equipment", "CHN", 0.516, 0.06),
        ("Apple", "handsets", "CHN", 0.195, 0.05),
    ],
)
def test_known_trade(name, product, state, share, tolerance):
    """Who serves whom at the start, against shares of sales in filings and in the press (2018)."""
    e = economy()
    rows = named(e, name, product)
    sales = np.average([sales_by_state(e, r)[e.state_index[state]] for r in rows], weights=e.output0[rows])
    assert sales == pytest.approx(share, abs=tolerance)


def test_chips_made_in_china_match_the_cited_total():
    """IC Insights: 23.8 bn of ICs made in China in 2018, wafers at the price of wafers, 15.3% of its market (target C10)."""
    e = economy()
    i = e.product_index
    here = e.location == CHALLENGER
    made = sum(4 * e.output0[here & (e.product == i[p])].sum() for p in ("memory", "hbm", "foundry_advanced", "foundry_mature"))
    assert made == pytest.approx(23.8, rel=0.02)
    bought = 0.0
    for p in ("memory", "hbm", "logic_design"):
        slots = (e.slot_input == i[p]) & (e.location[e.slot_firm] == CHALLENGER)
        bought += 4 * (link_value(e)[slots].sum() + e.final0[i[p], CHALLENGER])
    assert made / bought == pytest.approx(0.153, abs=0.015)


def test_who_supplies_the_plants_that_matter():
    e = economy()

    def suppliers(buyer: str, product: str, item: str) -> dict[str, float]:
        out: dict[str, float] = {}
        for row in named(e, buyer, product):
            for slot in np.flatnonzero((e.slot_firm == row) & (e.slot_input == e.product_index[item])):
                for k, w in zip(e.supplier0[slot], e.weight0[slot], strict=True):
                    if k >= 0:
                        out[e.firm_name(k)] = out.get(e.firm_name(k), 0.0) + float(w)
        return out

    smic = suppliers("SMIC", "foundry_mature", "lithography")
    assert smic["ASML"] > 0.3
    assert 0 < smic["SMEE"] < 0.2
    etch = suppliers("SMIC", "foundry_mature", "deposition_etch")
    assert {"Applied Materials", "Lam Research"} & set(etch)
    assert {"AMEC", "Naura"} & set(etch)
    assert suppliers("HiSilicon", "logic_design", "foundry_advanced")["TSMC"] > 0.8
    assert sum(w for n, w in suppliers("Intel", "logic_design", "foundry_advanced").items() if n == "Intel") > 0.95
    huawei = suppliers("Huawei", "handsets", "logic_design")
    assert 0.3 < huawei["HiSilicon"] < 0.9
    assert "Qualcomm" in huawei
    assert suppliers("ASML", "lithography", "tool_components").keys() == {"Zeiss SMT", "Cymer", "Trumpf", "VDL"}


def test_the_same_arguments_give_the_same_economy():
    assert economy(300) is economy(300)
    again = build.__globals__["_build"].__wrapped__(Params().population, 0.5, 0.10, 0.3, load(domains=("chips",)))
    first = economy()
    for f in array_fields(Economy):
        assert np.array_equal(getattr(first, f.name), getattr(again, f.name), equal_nan=f.name == "cinc"), f.name
    assert {f.name for f in fields(Economy)} >= {"products", "states", "notes", "state_table"}


def test_another_seed_changes_only_what_is_synthesised():
    one, two = economy(2000), economy(2000, **{"population.seed": 7})
    assert not np.array_equal(one.output0, two.output0)
    assert one.cell_product.tolist() == two.cell_product.tolist()
    assert np.add.reduceat(one.output0, one.cell_start[:-1]) == pytest.approx(np.add.reduceat(two.output0, two.cell_start[:-1]))


def test_sizes_have_a_heavy_tail():
    e = economy(20_000)
    rows = np.flatnonzero(e.product == e.product_index["electronics"])
    unnamed = np.sort(e.output0[np.setdiff1d(rows, list(e.firm_names))])[::-1]
    assert unnamed[: len(unnamed) // 100].sum() > 0.4 * unnamed.sum()


def test_states_and_sides():
    e = economy()
    assert e.states[INCUMBENT] == "USA"
    assert e.states[CHALLENGER] == "CHN"
    assert e.side[e.state_index["JPN"]] == 1
    assert e.side[e.state_index["SGP"]] == 3
    assert np.isfinite(e.cinc[0, :2]).all()
    assert np.isnan(e.cinc[0, 2:]).all()
    for role in range(e.n_states):
        assert (e.owner == role).any() or (e.location == role).any()


@settings(max_examples=6)
@given(
    n=st.integers(200, 1_500),
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(1, 8),
    tail=st.floats(1.05, 2.0),
)
@example(n=200, seed=0, width=1, tail=1.05)
@example(n=400, seed=2018, width=2, tail=1.2)
def test_any_population_is_balanced(n, seed, width, tail):
    values = {"population.seed": seed, "population.suppliers_per_slot": width, "population.size_tail": tail}
    e = economy(n, **values)
    check_shapes(e, sizes_of(e))
    assert_balanced(e)
    assert e.n_firms == n or n < 400
    assert (e.output0 > 0).all()
    if width >= 4:
        assert not any("left out" in note for note in e.notes)


def test_empty_positions_of_suppliers_come_last() -> None:
    known = build(Params().with_values({"population.n_firms": 3000})).supplier0 >= 0
    assert not known.all() and (np.diff(known.astype(int), axis=1) <= 0).all()
