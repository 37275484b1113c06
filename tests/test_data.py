"""The cited tables: what ships is whole and cited; what is wrong is refused in one line."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ecsim
from ecsim.data import TABLES, coverage, load, numbers
from ecsim.data.loader import SHIPPED
from ecsim.data.schema import BASES, SCHEMAS
from ecsim.errors import UserError
from ecsim.params import Params, Population
from ecsim.population import build
from ecsim.strategies.clubs import clubs
from ecsim.synthesis.paths import quarterly
from ecsim.world import World
from scenario_file import GOOD

LICENSED = ("TrendForce", "IDC", "Gartner", "Dell'Oro", "Synergy", "Canalys")


@pytest.fixture(scope="module")
def data():
    return load(domains=("chips",))


def own_folder(tmp_path: Path, **changed: Callable[[pd.DataFrame], pd.DataFrame | None]) -> Path:
    """A folder with changed copies of some tables."""
    for name, change in changed.items():
        table = pd.read_csv(SHIPPED / f"{name}.csv", dtype=str, keep_default_na=False)
        after = change(table)
        (table if after is None else after).to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path


def put(column: str, value: str, **where: str) -> Callable[[pd.DataFrame], None]:
    """A change of one field in the first row that fits."""

    def change(table: pd.DataFrame) -> None:
        fits = np.logical_and.reduce([table[c] == v for c, v in where.items()]) if where else np.ones(len(table), bool)
        table.loc[np.flatnonzero(fits)[0], column] = value

    return change


def test_every_number_is_a_fact_with_source_or_an_assumption_with_range(data):
    table = numbers(data)
    assert len(table) > 2000
    assert set(table["basis"]) == set(BASES)
    assert (table["source"].str.strip() != "").all()
    assert (table["flag"].str.strip() != "").all()
    remembered = table["flag"].str.startswith("M-") | (table["flag"] == "assumption")
    assert (table.loc[remembered, "basis"] == "assumption").all()
    ranged = table[(table["basis"] == "assumption") & ~table["table"].isin(("state_paths", "power_series"))]
    assert (ranged["lo"] <= ranged["value"] + 1e-9).all()
    assert (ranged["hi"] >= ranged["value"] - 1e-9).all()
    assert (ranged["hi"] > ranged["lo"]).mean() > 0.98


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_a_source_column_and_no_empty_row(name, data):
    table = getattr(data, name)
    assert "source" in table.columns
    assert len(table) > 0
    if name not in ("products", "states"):
        assert set(table["basis"]) <= set(BASES)
    assert not table.duplicated(list(SCHEMAS[name].key)).any()


def test_sources_name_no_machine_and_no_folder(data):
    text = " ".join(numbers(data)["source"].unique())
    assert not re.search(r"/work|localhost|\.git\b|facts\.md", text)


def test_no_row_is_taken_whole_from_a_licensed_table(data):
    """Single figures are cited: of no product do all shares come from one licensed publisher."""
    for _, rows in data.firms.groupby("product"):
        for publisher in LICENSED:
            assert not (rows["source"].str.contains(publisher) & (rows["basis"] != "assumption")).all() or len(rows) < 4


def test_coverage_adds_up_and_names_every_product(data):
    table = coverage(data).set_index("product")
    assert list(table.index[:-1]) == list(data.products["product"])
    assert table.index[-1] == "all"
    assert table[list(BASES)].sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert table["cited"].to_numpy() == pytest.approx((table["fact"] + table["derived"]).to_numpy())
    assert (table["cited_who"] >= table["cited"] - 1e-9).all()
    assert (table["cited_where"] >= table["cited"] - 1e-9).all()
    whole = table.loc["all"]
    assert whole["value"] == pytest.approx(table["value"].iloc[:-1].sum())
    assert whole["cited_who"] > 0.25
    assert whole["cited_where"] > 0.4
    assert table.loc["lithography", "cited"] > 0.7


def test_an_assumed_market_counts_as_assumed(tmp_path, data):
    def assume(table):
        rows = (table["product"] == "lithography") & (table["attribute"] == "market")
        table.loc[rows, ["basis", "flag", "lo", "hi"]] = ["assumption", "assumption", "8", "15"]

    changed = load(own_folder(tmp_path, product_values=assume))
    assert coverage(changed).set_index("product").loc["lithography", "cited"] == 0
    assert coverage(data).set_index("product").loc["lithography", "cited"] > 0


def test_the_products_and_states_that_others_rely_on(data):
    products = (
        "critical_minerals materials wafers photomasks tool_components lithography deposition_etch process_control other_tools eda_ip"
        " foundry_advanced foundry_mature memory hbm logic_design assembly_test accelerators servers telecom_equipment handsets"
        " electronics cloud_ai"
    )
    assert list(data.products["product"]) == products.split()
    assert set(data.products["domain"]) == {"chips"}
    assert list(data.states["state"][:2]) == ["USA", "CHN"]
    assert len(data.states) == 21
    third = data.states.loc[data.states["role"] == "third", "state"]
    assert set(third) == {"SGP", "MYS", "VNM", "IND", "ARE", "RUS", "ROW"}


def test_paths_of_states_hold_the_cited_ratios(data):
    """Targets C2a and C2b: GERD ratio 0.75 and PPP ratio 1.107 in 2018 (tolerance 0.05)."""
    for variable, ratio in (("gerd_ppp", 0.753), ("gdp_ppp", 1.107)):
        path = quarterly(data, variable, Population())
        assert (path > 0).all()
        assert (path[:4, 1] / path[:4, 0]).mean() == pytest.approx(ratio, abs=0.05)
    nominal = quarterly(data, "gdp_nominal", Population())
    assert len(nominal) >= 4 * 30
    assert (nominal[:4].mean(axis=0)[0]) == pytest.approx(20656.5, rel=0.01)


def test_a_users_folder_takes_the_place_of_single_tables(tmp_path):
    folder = own_folder(tmp_path, product_values=put("value", "0.5", product="memory", attribute="rd"))
    put_range = pd.read_csv(folder / "product_values.csv", dtype=str, keep_default_na=False)
    rows = (put_range["product"] == "memory") & (put_range["attribute"] == "rd")
    put_range.loc[rows, "hi"] = "0.6"
    put_range.to_csv(folder / "product_values.csv", index=False)
    mine = load(folder)
    assert mine.products.set_index("product").loc["memory", "rd"] == 0.5
    assert mine.firms.equals(load().firms)
    assert mine.files["product_values"].parent == folder
    assert mine.files["firms"].parent == SHIPPED


def nothing_for(state: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Final demand of a state given to the incumbent."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        share = table["share"].astype(float)
        lost = share[table["state"] == state].set_axis(table["product"][table["state"] == state])
        more = share + table["product"].map(lost).fillna(0.0)
        table.loc[table["state"] == "USA", ["share", "hi"]] = more.astype(str)
        return table[table["state"] != state]

    return change


REFUSED = [
    ("shares", put("share", "0.5", product="wafers", owner="JPN", location="JPN"), r"shares\.csv: wafers: shares sum to .*; accepted: 1"),
    ("demand", put("share", "0.6", product="servers"), r"demand\.csv: servers: shares sum to .*; accepted: 1"),
    ("shares", put("share", "-0.1"), r"shares\.csv: row 2: share: '-0\.1'; accepted: 0 to 1"),
    ("product_values", put("value", "-3", product="memory", attribute="market"), r"product_values\.csv: row \d+: value: '-3\.0'; accepted"),
    ("product_values", put("attribute", "size"), r"product_values\.csv: row 2: unknown attribute 'size'; accepted: .*market"),
    ("firms", put("location", "XYZ"), r"firms\.csv: row 2: location: unknown state 'XYZ'; accepted: .*USA"),
    ("firms", put("owner", "CHM"), r"firms\.csv: row 2: owner: unknown state 'CHM'; did you mean 'CHN'"),
    ("shares", put("product", "waffers", product="wafers"), r"shares\.csv: row \d+: product: .* 'waffers'; did you mean 'wafers'"),
    ("recipes", put("input", "handsets", product="materials"), r"recipes\.csv: recipes run in a circle: .*materials"),
    ("recipes", put("kind", "magic"), r"recipes\.csv: row 2: unknown kind 'magic'; accepted: capital, current, knowledge"),
    ("recipes", put("criticality", "0.3"), r"recipes\.csv: row 2: criticality: '0\.3'; accepted: 1 \(critical\)"),
    ("recipes", put("buyer", "Huawai", buyer="Huawei"), r"recipes\.csv: row \d+: buyer: unknown company.*'Huawai'; did you mean 'Huawei'"),
    ("recipes", put("buyer", "Intel", product="servers"), r"recipes\.csv: row \d+: .* is no input of servers in general"),
    ("needs", put("input", "handsets"), r"needs\.csv: row 2: handsets is no input of foundry_mature; accepted: a pair of recipes\.csv"),
    ("needs", put("below", "-1"), r"needs\.csv: row 2: below: '-1\.0'; accepted"),
    ("firms", put("share", "0.99", company="SMEE"), r"firms\.csv: row \d+: share: .*; accepted: a value between lo and hi"),
    ("firms", put("entities", "0", company="SMEE"), r"firms\.csv: row \d+: entities: '0\.0'; accepted: 1 to inf"),
    ("firms", put("share", "many", company="SMEE"), r"firms\.csv: row \d+: share: 'many' is not a number"),
    ("firms", put("source", ""), r"firms\.csv: row 2: source: ''; accepted: where the number comes from"),
    ("firms", put("basis", "rumour"), r"firms\.csv: row 2: unknown basis 'rumour'; accepted: assumption, derived, fact"),
    ("gaps", put("lo", "", basis="assumption"), r"gaps\.csv: row \d+: lo: 'nan'; accepted: lo and hi for an assumption"),
    ("states", put("role", "friend", state="JPN"), r"states\.csv: row 4: unknown role 'friend'; accepted: ally, challenger"),
    ("states", put("role", "ally", state="CHN"), r"states\.csv: row 3: role: 'ally'; accepted: the incumbent in the first row"),
    ("ties", put("buyer_product", "phones", channel="link"), r"ties\.csv: row \d+: buyer_product: unknown product 'phones'"),
    ("state_paths", put("year", "2017", year="2018"), r"state_paths\.csv: USA, gdp_nominal, 2018: missing"),
    ("firms", lambda t: pd.concat([t, t.iloc[[3]]]), r"firms\.csv: row \d+: .* occurs twice; accepted: one row for each product, company"),
    ("firms", lambda t: t.drop(columns="owner"), r"firms\.csv: column 'owner' is missing; accepted: product, company"),
    ("gaps", lambda t: t[t["state"] != "*"], r"gaps\.csv: critical_minerals: no row for all other states"),
    ("product_values", lambda t: t[t["attribute"] != "leak"], r"product_values\.csv: critical_minerals, leak: missing"),
    ("gaps", lambda t: t.iloc[:0], r"gaps\.csv: no rows"),
    ("states", put("state", "Jpn", state="JPN"), r"states\.csv: row 4: state: 'Jpn'; accepted: an ISO code of three capital letters"),
    ("states", put("name_zh", "", state="JPN"), r"states\.csv: row 4: name_zh: ''; accepted: a name in each language"),
    ("path_growth", lambda t: t[t["state"] != "NLD"], r"path_growth\.csv: NLD, gdp_nominal: missing; accepted: a value for every state"),
    (
        "state_values",
        lambda t: t[~((t["state"] == "KOR") & (t["variable"] == "exports_to_CHN_share"))],
        r"state_values\.csv: KOR, exports_to_CHN_share: missing; accepted: a value for every ally and third state",
    ),
    ("demand", nothing_for("AUS"), r"demand\.csv: AUS: no row; accepted: a share of at least one product for every state of states\.csv"),
]


@pytest.mark.parametrize(("name", "change", "message"), REFUSED, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(REFUSED)])
def test_a_bad_table_is_refused_in_one_line(tmp_path, name, change, message):
    with pytest.raises(UserError, match=message) as caught:
        load(own_folder(tmp_path, **{name: change}))
    assert "\n" not in str(caught.value)


def test_named_firms_cannot_hold_more_than_their_cell(tmp_path):
    def grow(table):
        rows = table["company"] == "SMEE"
        table.loc[rows, ["share", "hi"]] = ["0.2", "0.5"]

    message = r"firms\.csv: lithography, CHN, CHN: named firms hold 0\.20000 of supply; accepted: at most 0\.003"
    with pytest.raises(UserError, match=message):
        load(own_folder(tmp_path, firms=grow))


def test_inputs_cannot_cost_more_than_the_output(tmp_path):
    def dear(table):
        rows = (table["product"] == "servers") & (table["input"] == "memory")
        table.loc[rows, ["share", "hi"]] = ["0.9", "0.95"]

    with pytest.raises(UserError, match=r"recipes\.csv: servers: inputs cost .* of output; accepted: below 1"):
        load(own_folder(tmp_path, recipes=dear))


def test_more_use_than_supply_is_refused(tmp_path):
    def small(table):
        rows = (table["product"] == "wafers") & (table["attribute"] == "market")
        table.loc[rows, "value"] = "4"

    tables = load(own_folder(tmp_path, product_values=small))
    with pytest.raises(UserError, match=r"recipes\.csv: wafers: buyers use .* USD bn a year; accepted: below its market of 4"):
        build(Params(), tables)


def test_a_folder_that_is_none_and_a_file_that_is_none(tmp_path):
    with pytest.raises(UserError, match="is not a folder; accepted: a folder with any of products.csv"):
        load(tmp_path / "nowhere")
    shutil.copy(SHIPPED / "firms.csv", tmp_path / "frims.csv")
    with pytest.raises(UserError, match="unknown table 'frims'; did you mean 'firms'"):
        load(tmp_path)


@pytest.mark.slow
def test_another_chain_is_added_by_data_alone(tmp_path):
    """A second domain with one product, made from critical minerals; the chip chain stays as it is."""

    def copy_of(column: str, old: str, new: str, **fixed: str):
        def change(table):
            rows = table[(table[column] == old) & (table["buyer"] == "")] if "buyer" in table else table[table[column] == old]
            return pd.concat([table, rows.assign(**{column: new}, **fixed)])

        return change

    tables = ("product_values", "shares", "gaps", "demand", "recipes")
    changes = {name: copy_of("product", "telecom_equipment", "motors") for name in tables}
    changes["recipes"] = lambda t: pd.concat(
        [t, t[(t["product"] == "telecom_equipment") & (t["input"] == "critical_minerals")].assign(product="motors")]
    )
    changes["products"] = copy_of("product", "telecom_equipment", "motors", domain="drives")
    folder = own_folder(tmp_path, **changes)
    both = build(Params(), load(folder))
    assert "motors" in both.products
    assert both.product_level[both.product_index["motors"]] == 2
    chips = build(Params(), load(folder, domains=("chips",)))
    assert chips.products == build(Params()).products
    with pytest.raises(UserError, match="unknown domain 'ships'; did you mean 'chips'"):
        load(folder, domains=("ships",))


def test_shares_of_research_are_of_companies_that_there_are(tmp_path: Path) -> None:
    folder = own_folder(tmp_path, firms=lambda t: None, company_rd=put("company", "ASLM", company="ASML"))
    with pytest.raises(UserError, match=r"company_rd\.csv: row 2: company: unknown company 'ASLM'; did you mean 'ASML'"):
        load(folder)


def test_a_company_spends_on_research_what_it_reported() -> None:
    e = build(Params())
    rd = {c: {round(float(e.rd_share[r]), 3) for r in e.company_rows[c]} for c in ("ASML", "Huawei", "SMIC")}
    assert rd == {"ASML": {0.123}, "Huawei": {0.141}, "SMIC": {0.166}}
    unnamed = [r for r in range(e.n_firms) if r not in e.firm_names]
    np.testing.assert_array_equal(e.rd_share[unnamed], e.product_rd[e.product[unnamed]])


@pytest.fixture(scope="module")
def finland_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page on states writes."""
    page = (Path(__file__).parents[1] / "docs" / "add-a-state.md").read_text(encoding="utf-8")
    home = tmp_path_factory.mktemp("states")
    with contextlib.chdir(home):
        exec(page.split("```python\n")[1].split("```")[0], {})
    return home / "finland"


def test_the_page_on_states_adds_the_state_that_it_shows(finland_folder: Path) -> None:
    """Finland leaves its group with its makers, its demand and its seats, and the world is as large as before."""
    before, after = build(Params()), build(Params(), load(finland_folder, domains=("chips",)))
    finland, group = after.state_index["FIN"], after.state_index["EUR"]
    assert {after.states[o] for o in after.owner[after.company_rows["Nokia"]]} == {"FIN"}
    assert after.final0[:, finland].sum() > 0 and after.gdp_nominal[0, finland] == pytest.approx(276.0, rel=0.1)
    for name in ("final0", "gdp_nominal"):
        assert getattr(after, name).sum(axis=1) == pytest.approx(getattr(before, name).sum(axis=1), rel=0.02)
    assert after.output0[after.owner == finland].sum() > 0 and after.side[finland] == after.side[group]
    assert clubs()["echri"].shares(after.states)["FIN"] == 1.0 and "FIN" not in clubs()["echri"].shares(before.states)
    assert clubs()["wassenaar"].shares(before.states)["EUR"] != clubs()["wassenaar"].shares(after.states)["EUR"]


def played(*words: str, quarters: int = 8) -> World:
    """The world after some quarters."""
    model = ecsim.build_model(*words)
    for _ in range(quarters):
        model.step()
    return model.world


def test_a_state_of_a_folder_of_one_s_own_can_be_named_in_policies_and_alliances(finland_folder: Path) -> None:
    words = ("small_yard", f"economy={finland_folder}", "alliance=forced", "alliance.mode=coalition", "alliance.lag=1")
    world = played(*words, "policy.destinations=[CHN,FIN]", "alliance.members=[NLD]")
    assert {r.destinations for r in world.book.rules.values() if r.issuer == "USA"} >= {("CHN", "FIN")}
    assert ("FIN", "USA") in played(*words, "alliance.members=[FIN]").book.adoption
    for word, key in (("policy.destinations=[CHN,FIN]", "policy.destinations"), ("alliance.members=[FIN]", "alliance.members")):
        with pytest.raises(UserError, match=rf"^{key}: unknown state 'FIN'; .*accepted: "):
            ecsim.run("small_yard", "time.quarters=4", "alliance=forced", word)


FINNISH = GOOD.replace("2020", "2018").replace(
    "USA, verb: impose, tool: ccl, products: [hbm]", "FIN, verb: impose, tool: national_list, products: [lithography]"
)


def test_a_state_of_a_folder_of_one_s_own_can_be_named_in_scenarios(finland_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(FINNISH, encoding="utf-8")
    words = ("history", f"scenario.file={tmp_path / 'mine.yaml'}")
    assert played(*words, f"economy={finland_folder}", quarters=2).book.rules["M1"].issuer == "FIN"
    with pytest.raises(UserError, match=r"^mine\.yaml: M1: actor: unknown state 'FIN'"):
        ecsim.run(*words, "time.quarters=4")
