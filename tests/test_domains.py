"""The supply chains beside chips: what their tables hold, how they balance, and that controls reach them and them alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ecsim
from ecsim import domains
from ecsim.config import compose
from ecsim.data import TABLES, coverage, load
from ecsim.data.loader import SHIPPED
from ecsim.economy import CHALLENGER, INCUMBENT, Economy
from ecsim.errors import UserError
from ecsim.model import ExportControlModel
from ecsim.outcomes import OUTCOMES
from ecsim.params import Params
from ecsim.population import build

OTHERS = ("dual_use", "nuclear", "emerging")
ALL = ("chips", *OTHERS)
SHORT = "time.quarters=24"


def economy(*names: str, n: int = 400) -> Economy:
    return build(Params().with_values({"population.n_firms": n, "population.domains": list(names)}))


@cache
def run(*overrides: str, policy: str = "none") -> Any:
    return ecsim.run(policy, "population.domains=all", "population.n_firms=600", SHORT, *overrides, seed=5)


def gaps(r: Any) -> pd.DataFrame:
    series = r.series
    return series[series["name"] == "gap"].pivot_table(index="quarter", columns="key", values="value")


def last(r: Any, name: str) -> pd.Series:
    series = r.series
    rows = series[(series["name"] == name) & (series["quarter"] == series["quarter"].max())]
    return rows.set_index("key")["value"]


def test_of_a_single_quarter_no_speed_is_told() -> None:
    found = ecsim.run("none", "population.domains=all", "population.n_firms=600", "time.quarters=1").outcomes
    speeds = [value for name, value in found.items() if name.startswith("closing_speed")]
    assert len(speeds) == 1 + len(ALL) and all(np.isnan(speeds))


# ---- what the tables hold


@pytest.mark.parametrize("domain", OTHERS)
def test_a_chain_has_five_stages_or_more_each_with_three_supplier_states(domain: str) -> None:
    data = load(domains=(domain,))
    assert len(data.products) >= 5
    assert (data.shares.groupby("product")["owner"].nunique() >= 3).all()
    assert (data.shares[data.shares["owner"] == "CHN"].groupby("product")["share"].sum() > 0).all()
    assert set(data.shares.loc[data.shares["owner"] == "CHN", "product"]) == set(data.products["product"])


@pytest.mark.parametrize("domain", OTHERS)
def test_stages_are_joined_and_embody_what_they_buy(domain: str) -> None:
    recipes = load(domains=(domain,)).recipes
    assert (recipes["embodies"] > 0).any()
    e = economy(domain)
    assert e.product_level.max() >= 2
    assert set(e.product_domains) == {domain}


@pytest.mark.parametrize("domain", OTHERS)
def test_every_number_says_what_it_rests_on(domain: str) -> None:
    data = load(domains=(domain,))
    for table in ("product_values", "recipes", "shares", "firms", "gaps", "demand"):
        rows = getattr(data, table)
        assumed = rows["basis"] == "assumption"
        assert rows.loc[assumed, "lo"].notna().all() and rows.loc[assumed, "hi"].notna().all()
        read = rows["flag"].isin(["R1", "R2"])
        assert (rows.loc[read, "basis"] == "fact").all()
        assert not rows.loc[rows["basis"] != "assumption", "source"].str.startswith("assumption").any()
    table = coverage(data).set_index("product")
    assert table.loc["all", ["fact", "derived", "assumption"]].sum() == pytest.approx(1.0)


def test_the_names_of_domains_are_those_of_the_tables() -> None:
    from ecsim.tools import display_names, vocabulary

    assert set(vocabulary("domain")) == set(load().products["domain"]) == set(ALL)
    assert set(vocabulary("product")) == set(load().products["product"])
    assert all(display_names("zh")[p] for p in load().products["product"])


# ---- the population


@pytest.mark.parametrize("n", [200, 600, 3000])
def test_the_start_is_in_balance_with_all_domains(n: int) -> None:
    e, data = economy("all", n=n), load()
    ordered = (e.coef * e.output0[e.slot_firm])[:, None] * e.weight0
    to_firms = np.bincount(np.maximum(e.supplier0, 0).ravel(), weights=ordered.ravel(), minlength=e.n_firms)
    to_markets = (e.final_share0 * e.final0[e.cell_product]).sum(axis=1)[e.cell] * e.final_weight
    np.testing.assert_allclose(to_firms + to_markets, e.output0, rtol=1e-9)
    made = np.bincount(e.product * e.n_states + e.owner, weights=e.output0, minlength=e.n_products * e.n_states)
    made = made.reshape(e.n_products, e.n_states)
    shares = data.shares.groupby(["product", "owner"])["share"].sum()
    for (product, owner), share in shares[shares.index.get_level_values("owner").isin(["USA", "CHN"])].items():
        p = e.product_index[product]
        total = data.shares.loc[data.shares["product"] == product, "share"].sum()
        assert made[p, e.state_index[owner]] / made[p].sum() == pytest.approx(share / total, abs=1e-9)


def test_a_population_that_is_too_small_names_what_it_joined() -> None:
    e = economy("all", n=200)
    assert e.n_firms > 200 and any("rows where 200 were asked for" in note for note in e.notes)
    assert sum("counted with those of" in note for note in e.notes) > 100
    assert set(e.product_domains) == set(ALL)


def test_rows_of_other_domains_leave_the_chips_as_they_are(tmp_path: Path) -> None:
    chips = load(domains=("chips",))
    keep = {*chips.products["product"], "*"}
    for name in TABLES:
        table = pd.read_csv(SHIPPED / f"{name}.csv", dtype=str, keep_default_na=False)
        for column in {"product", "input"} & set(table.columns):
            table = table[table[column].isin(keep)]
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    default, alone = build(Params()), build(Params(), load(tmp_path))
    assert Params().population.domains == ("chips",)
    assert default.products == alone.products and default.firm_names == alone.firm_names
    for name in ("output0", "tech0", "supplier0", "weight0", "final0", "final_share0", "coef", "stretch", "entities", "parent"):
        np.testing.assert_array_equal(getattr(default, name), getattr(alone, name))


@pytest.mark.slow
def test_a_large_population_holds_all_domains() -> None:
    e = economy("all", n=100_000)
    assert e.n_firms == 100_000 and set(e.product_domains) == set(ALL)
    assert not any("less" in note for note in e.notes)


# ---- the key


def test_domains_are_chosen_by_a_list_a_name_or_all() -> None:
    assert compose(["population.domains=[nuclear,chips]"]).run.params.population.domains == ("nuclear", "chips")
    assert compose(["population.domains=nuclear"]).run.params.population.domains == ("nuclear",)
    assert compose(["economy=three_domains"]).run.params.population.domains == ("all",)
    assert set(economy("nuclear", "chips").domains) == {"nuclear", "chips"}


@pytest.mark.parametrize("value", ["[]", "3", "[nuclear,nuclear]"])
def test_what_is_no_list_of_domains_is_refused(value: str) -> None:
    with pytest.raises(UserError, match=r"population\.domains: .* is not a list of names; accepted: a list such as \[chips\]"):
        compose([f"population.domains={value}"])


def test_an_unknown_domain_is_refused() -> None:
    with pytest.raises(UserError, match="unknown domain 'nuklear'; did you mean 'nuclear'"):
        ecsim.run("none", "population.domains=[nuklear]")


# ---- runs


@pytest.mark.parametrize("domain", OTHERS)
@pytest.mark.parametrize("policy", ["small_yard", "blanket", "history"])
def test_every_policy_runs_on_a_domain_alone(domain: str, policy: str) -> None:
    r = ecsim.run(policy, f"population.domains={domain}", SHORT, seed=2)
    assert np.isfinite([r.outcomes[name] for name in ("gap_mean", "gap_added", "power_ratio", "home_revenue", "unmet_need")]).all()
    assert not any(OUTCOMES[name].domain for name in r.outcomes)


def test_outcomes_by_domain_come_with_several_domains_only() -> None:
    names = {o.name for o in OUTCOMES.values() if o.domain}
    assert len(names) == 5 * len(ALL)
    assert names <= set(run().outcomes)
    assert not names & set(ecsim.run("none", SHORT).outcomes)
    assert all(run().outcomes[f"gap_added_in_{d}"] == 0 and run().outcomes[f"home_value_in_{d}"] == 0 for d in ALL)


def test_a_gap_by_domain_is_the_mean_of_its_products_by_value_added() -> None:
    e = build(Params().with_values({"population.n_firms": 600, "population.domains": ["all"]}))
    added = domains.value_at_start(e)
    final = gaps(run()).iloc[-1]
    for domain, products in e.domains.items():
        made = [i for i in products if np.isfinite(final.get(e.products[i], np.nan))]
        mean = sum(added[i] * final[e.products[i]] for i in made) / added[made].sum()
        assert last(run(), "domain_gap")[domain] == pytest.approx(mean)


def test_the_technology_share_of_power_is_the_sum_over_domains() -> None:
    model = ExportControlModel.from_config(compose(["policy=none", "population.domains=all", "population.n_firms=600"]).run)
    model.step()
    w = model.world
    for state in (INCUMBENT, CHALLENGER):
        assert domains.value_added(w, state).sum() == pytest.approx(w.value_owner[state])
    ratio, home = domains.value_ratio(w), domains.incumbent_value(w)
    assert (ratio * home).sum() / home.sum() == pytest.approx(w.value_owner[CHALLENGER] / w.value_owner[INCUMBENT])


@pytest.mark.parametrize(("policy", "reached"), [("small_yard", ALL), ("blanket", ALL), ("history", ALL)])
def test_the_policies_reach_every_domain(policy: str, reached: tuple[str, ...]) -> None:
    r = ecsim.run(policy, "economy=three_domains", "time.quarters=36", "response=none", seed=1)
    assert all(r.outcomes[f"home_value_in_{d}"] < 0 for d in reached)


CHOKEPOINTS = [
    ("dual_use", "aero_engines", "aircraft"),
    ("nuclear", "reactor_pumps", "nuclear_plants"),
    ("emerging", "cryogenics", "quantum_systems"),
    ("emerging", "neural_components", "bci_systems"),
    ("emerging", "bioprocess", "biologics"),
]


@pytest.mark.parametrize(("domain", "controlled", "made_with_it"), CHOKEPOINTS)
def test_control_of_a_chokepoint_widens_the_gap_of_its_own_chain_and_of_no_other(domain: str, controlled: str, made_with_it: str) -> None:
    denied = run(
        f"policy.scope=[{controlled}]",
        f"policy.end_uses={{{controlled}:[{made_with_it}]}}",
        "policy.threshold=null",
        "policy.height=1",
        "policy.fdp=true",
        "alliance=forced",
        "alliance.participation=1",
        "alliance.lag=0",
        "response=none",
        policy="custom",
    )
    assert gaps(denied)[made_with_it].iloc[-1] > gaps(run())[made_with_it].iloc[-1] + 0.1
    for other in set(ALL) - {domain}:
        assert abs(denied.outcomes[f"gap_added_in_{other}"]) < 0.02
        assert abs(denied.outcomes[f"home_value_in_{other}"]) < 0.1


def test_each_domain_has_its_own_fund_and_a_single_one_the_whole_budget() -> None:
    def funds(*overrides: str) -> dict[str, float]:
        model = ExportControlModel.from_config(compose(["policy=blanket", *overrides]).run)
        for _ in range(12):
            model.step()
        return {name: m.size for name, m in model.world.book.measures.items() if name.startswith("response:fund")}

    one, several = funds(), funds("population.domains=all", "population.n_firms=600")
    assert list(one) == ["response:fund"]
    assert set(several) == {f"response:fund:{d}" for d in ALL}
    assert several["response:fund:chips"] == max(several.values())
    assert sum(several.values()) <= one["response:fund"] * 1.05
