"""The tables of the long history: what they say, and how bad rows are refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ecsim.data.loader import SHIPPED
from ecsim.data.longrun import CHALLENGERS, VARIABLES, load_acts, load_series
from ecsim.errors import UserError


def changed(tmp_path: Path, name: str, row: int, column: str, value: str) -> Path:
    """A copy of a shipped table with one field changed; row as an editor counts, the header being 1."""
    table = pd.read_csv(SHIPPED / f"{name}.csv", dtype=str, keep_default_na=False)
    table.loc[row - 2, column] = value
    file = tmp_path / f"{name}.csv"
    table.to_csv(file, index=False)
    return file


def test_the_turning_points_are_there_with_their_sources():
    acts = load_acts().set_index("id")
    for name, year, direction, target in (
        ("eca_1949", 1949, "tighten", "RUS"),
        ("eaa_1969", 1969, "loosen", "RUS"),
        ("eaa_1979", 1979, "shift", "RUS"),
        ("chip_1986", 1986, "tighten", "JPN"),
        ("trade_1988", 1988, "loosen", "RUS"),
        ("cocom_end_1994", 1994, "loosen", "RUS"),
        ("ecra_2018", 2018, "tighten", "CHN"),
        ("tariffs_2018", 2018, "tighten", "CHN"),
        ("firrma_2018", 2018, "tighten", "CHN"),
    ):
        act = acts.loc[name]
        assert (act["year"], act["direction"]) == (year, direction)
        assert target in act["targets"].split(";")
    assert (acts["legal_basis"].str.strip() != "").all()


def test_measures_beside_trade_are_coded_for_every_rival_that_met_them():
    acts = load_acts()
    assert set(acts.loc[acts["channel"] == "beside", "targets"]) == {"JPN", "CHN"}


def test_what_is_remembered_is_an_assumption_with_a_range():
    for table in (load_acts(), load_series()):
        remembered = table["flag"].str.startswith("M-")
        assert remembered.any()
        assert (table.loc[remembered, "basis"] == "assumption").all()


@pytest.mark.parametrize(
    ("row", "column", "value", "says"),
    [
        (4, "direction", "tigten", "row 4: unknown direction 'tigten'; did you mean 'tighten'?; accepted: loosen, shift, tighten"),
        (5, "year", "1848", "row 5: year: '1848.0'; accepted: 1949 to 2025"),
        (5, "year", "1950.5", "row 5: year: '1950.5'; accepted: a whole year"),
        (6, "targets", "RUS;USSR", "row 6: targets: unknown state 'USSR'"),
        (7, "size", "much", "row 7: size: 'much' is not a number"),
        (8, "size", "3", "row 8: size: '3.0'; accepted: a value between size_lo and size_hi"),
        (9, "source", " ", "row 9: source"),
        (10, "content", "chips", "row 10: unknown content 'chips'; accepted: emerging, market, strategic_goods, technology"),
        (11, "id", "eca_1949", "row 11: eca_1949 occurs twice"),
    ],
)
def test_a_bad_act_is_refused_with_file_and_row(tmp_path, row, column, value, says):
    with pytest.raises(UserError) as refused:
        load_acts(changed(tmp_path, "control_acts", row, column, value))
    assert f"control_acts.csv: {says}" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_bad_series_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"long_series.csv: row 3: unknown variable 'aly'; did you mean 'ally'"):
        load_series(changed(tmp_path, "long_series", 3, "variable", "aly"))
    table = pd.read_csv(SHIPPED / "long_series.csv", dtype=str, keep_default_na=False)
    short = tmp_path / "short.csv"
    table[(table["state"] != "JPN") | (table["variable"] != "rd")].to_csv(short, index=False)
    with pytest.raises(UserError, match=r"short.csv: JPN, rd: missing"):
        load_series(short)


def test_every_challenger_has_every_series():
    series = load_series()
    for variable, states in VARIABLES.items():
        assert set(CHALLENGERS) <= set(states) or states == ("USA",)
        assert set(series.loc[series["variable"] == variable, "state"]) == set(states)
