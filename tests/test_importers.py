"""The importer of the CSET/ETO tables, on a made-up chain in both published schemas."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecsim.cli import main
from ecsim.config import compose
from ecsim.course import simulate
from ecsim.data import load
from ecsim.errors import UserError
from ecsim.importers.eto import import_eto
from ecsim.importers.eto_maker import DEFAULTS
from ecsim.importers.eto_tables import read, size_of
from ecsim.population import build

SIZE = "market_share_chart_global_market_size_info"
INPUTS = [
    ("Planning", "N1", "process", "S1", ""),
    ("Growing", "N2", "process", "S2", ""),
    ("Packing", "N3", "process", "S3", ""),
    ("Drawing software", "N4", "tool_resource", "", "$5 billion (2019)"),
    ("Lithography lamps", "N5", "tool_resource", "", ""),
    ("Blue lamps", "N6", "tool_resource", "", "$3 billion (2019)"),
    ("Red lamps", "N7", "tool_resource", "", "$1,000 million (2019)"),
    ("Soil", "N8", "material_resource", "", ""),
    ("Boxes", "N9", "material_resource", "", "about $2 billion"),
    ("Shovels", "N10", "tool_resource", "", "$400 million"),
    ("Ribbons", "N11", "material_resource", "", "$1 billion"),
    ("Flower", "N12", "ultimate_output", "", ""),
]
STAGES = [("S1", "Plan", "Over $100 billion (2019)"), ("S2", "Grow", ""), ("S3", "Pack", "$20 billion")]
PROVIDERS = [
    ("USA", "P1", "country", ""),
    ("CHN", "P2", "country", ""),
    ("NLD", "P3", "country", ""),
    ("SWE", "P4", "country", ""),
    ("Various", "P5", "country", ""),
    ("MAL", "P6", "country", ""),
    ("Lampco", "P7", "organization", "NLD"),
    ("Shovelco", "P8", "organization", "CHN"),
]
PROVISION = [  # provider, provided, share in per cent, negligible
    *(("P1", "S1", "70", ""), ("P2", "S1", "20", ""), ("P5", "S1", "10", "")),
    *(("P1", "S2", "50", ""), ("P2", "S2", "30", ""), ("P6", "S2", "20", "")),
    *(("P2", "S3", "60", ""), ("P6", "S3", "40", "")),
    *(("P1", "N4", "99", ""), ("P2", "N4", "1", "")),
    *(("P3", "N6", "100", ""), ("P7", "N6", "90", ""), ("P2", "N6", "", "negligible")),
    *(("P1", "N7", "60", ""), ("P4", "N7", "40", "")),
    *(("P1", "N8", "", ""), ("P2", "N8", "", "")),
    *(("P2", "N9", "100", ""), ("P2", "N10", "50", ""), ("P1", "N10", "50", ""), ("P8", "N10", "", "")),
]
SEQUENCE = [  # input, goes into, is a kind of
    *(("N4", "N1", ""), ("N5", "N2", ""), ("N6", "", "N5"), ("N7", "", "N5"), ("N8", "N2", ""), ("N9", "N3", "")),
    *(("N10", "N8", ""), ("N11", "N3", ""), ("N1", "N2", ""), ("N2", "N3", ""), ("N3", "N12", "")),
]


def write(folder: Path, name: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    folder.mkdir(exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows(rows)


def tables(folder: Path, *, newer: bool = False, **changed: list[tuple[str, ...]]) -> Path:
    """The made-up chain, in the first or the newer schema, some tables changed."""
    t = {"inputs": INPUTS, "stages": STAGES, "providers": PROVIDERS, "provision": PROVISION, "sequence": SEQUENCE} | changed
    before = "" if newer else "eto_"
    write(folder, f"{before}inputs", ("input_name", "input_id", "type", "stage_id", SIZE), t["inputs"])
    write(folder, f"{before}stages", ("stage_id", "stage_name", SIZE), t["stages"])
    write(folder, f"{before}sequence", ("input_id", "goes_into_id", "is_type_of_id"), t["sequence"])
    if newer:
        aliases = [(n, "", i, k, c) for n, i, k, c in t["providers"]] + [("Lampco", "Lamp Company", "P7", "organization", "NLD")]
        write(folder, "providers", ("provider_name", "alias", "provider_id", "provider_type", "country"), aliases)
        old = [("P3", "N6", "12.5", "2019", "a source")]
        dated = [*old, *((p, i, s, "2025", "a source") for p, i, s, _ in t["provision"])]
        write(folder, "provision", ("provider_id", "provided_id", "share_provided", "year", "source"), dated)
    else:
        write(folder, "eto_providers", ("provider_name", "provider_id", "provider_type", "country"), t["providers"])
        marked = [(p, i, f"{s}%" if s else "", n) for p, i, s, n in t["provision"]]
        write(folder, "eto_provision", ("provider_id", "provided_id", "share_provided", "negligible_market_share"), marked)
    return folder


def share(data, product: str, state: str) -> float:
    rows = data.shares[(data.shares["product"] == product) & (data.shares["owner"] == state)]
    return float(rows["share"].sum())


@pytest.mark.parametrize("newer", [False, True])
def test_inputs_are_products_provision_is_shares_and_sequence_is_recipes(tmp_path, newer) -> None:
    made = import_eto(tables(tmp_path / "in", newer=newer), tmp_path / "out")
    data = load(tmp_path / "out" / "tables")
    names = set(data.products["product"])
    assert names == {f"x_{n}" for n in ("plan", "grow", "pack", "drawing_software", "lithography_lamps", "soil", "boxes", "shovels")}
    assert share(data, "x_plan", "USA") == pytest.approx(0.7)
    assert share(data, "x_plan", "ROW") == pytest.approx(0.1)  # various countries
    assert share(data, "x_pack", "MYS") == pytest.approx(0.4)  # MAL
    blue_dutch = 1.0 / (1.0 + DEFAULTS.negligible)
    assert share(data, "x_lithography_lamps", "NLD") == pytest.approx((3 * blue_dutch + 1 * 0.0) / 4)
    assert share(data, "x_lithography_lamps", "EUR") == pytest.approx(0.1)  # Sweden: 40% of a quarter of the market
    assert share(data, "x_soil", "CHN") == pytest.approx(0.5)  # shares not given
    assert share(data, "x_lithography_lamps", "CHN") == pytest.approx(3 * (1.0 - blue_dutch) / 4)  # negligible, or not given
    recipes = data.recipes.set_index(["product", "input"])
    assert recipes.loc[("x_grow", "x_lithography_lamps"), "kind"] == "capital"
    assert recipes.loc[("x_plan", "x_drawing_software"), "kind"] == "knowledge"
    assert recipes.loc[("x_grow", "x_soil"), "kind"] == "current"
    assert recipes.loc[("x_soil", "x_shovels"), "kind"] == "capital"
    assert ("x_plan", "x_grow") in recipes.index
    assert ("x_plan", "x_pack") in recipes.index
    market = data.products.set_index("product")["market"]
    assert (market["x_plan"], market["x_lithography_lamps"], market["x_boxes"]) == (100, 4, 2)
    assert market["x_grow"] == DEFAULTS.fabrication * 100
    assert recipes.loc[("x_pack", "x_boxes"), "share"] == pytest.approx(DEFAULTS.used * 2 / 20)
    firm = data.firms.set_index("company").loc["Lampco"]
    assert firm["share"] == pytest.approx(0.9 * 0.75)
    assert made.products == 8
    assert any("Ribbons" in line for line in made.dropped)
    assert any("Flower" in line for line in made.dropped)
    assert any("Blue lamps in Lithography lamps" in line for line in made.merged)
    assert any("Soil: shares" in line for line in made.guessed)
    assert "## Guessed" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_what_is_imported_runs_under_a_yard_of_its_own(tmp_path) -> None:
    import_eto(tables(tmp_path / "in"), tmp_path / "out", name="flowers")
    made = {}
    for policy in ("none", "flowers_small_yard", "blanket"):
        words = [f"policy={policy}", "economy=flowers", "response=none", "time.quarters=16"]
        settings = compose(words, config_dir=tmp_path / "out")
        made[policy] = simulate(settings.run).outcomes
    assert all(np.isfinite(x["unmet_need"]) for x in made.values())
    assert made["none"]["unmet_need"] == pytest.approx(0.0, abs=0.5)
    assert made["blanket"]["denied"] > made["none"]["denied"] == 0
    assert made["flowers_small_yard"]["denied"] > 0
    same = compose([f"economy={tmp_path / 'out' / 'tables'}"]).run.params
    assert build(same).products == build(compose(["economy=flowers"], config_dir=tmp_path / "out").run.params).products


def test_the_command(tmp_path, capsys) -> None:
    source = tables(tmp_path / "in")
    assert main(["import", "eto", str(source), "--out", str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["products"] == 8
    assert main(["import", "eto", str(source), "--out", str(tmp_path / "out")]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert main(["import", "oecd", str(source)]) == 2
    assert "unknown tables 'oecd'; accepted: eto" in capsys.readouterr().err


BROKEN = {
    "share": (
        {"provision": [*PROVISION[:3], ("P1", "S2", "half", "")]},
        "eto_provision.csv: row 5: share_provided: 'half%' is not a number",
    ),
    "too much": ({"provision": [("P1", "S1", "170", "")]}, "eto_provision.csv: row 2: share_provided: '170%' is out of range"),
    "provider": ({"provision": [("P77", "S1", "70", "")]}, "eto_provision.csv: row 2: provider_id: unknown id 'P77'; did you mean 'P7'?"),
    "provided": ({"provision": [("P1", "N99", "70", "")]}, "eto_provision.csv: row 2: provided_id: unknown id 'N99'"),
    "twice": ({"inputs": [*INPUTS, INPUTS[0]]}, "eto_inputs.csv: row 14: input_id: 'N1' stands twice"),
    "type": (
        {"inputs": [("Planning", "N1", "proces", "S1", "")]},
        "eto_inputs.csv: row 2: type: unknown type 'proces'; did you mean 'process'?",
    ),
    "edge": ({"sequence": [("N4", "N1", ""), ("N5", "N222", "")]}, "eto_sequence.csv: row 3: goes_into_id: unknown id 'N222'"),
    "circle": ({"sequence": [("N6", "", "N7"), ("N7", "", "N6")]}, "runs in a circle: N6 -> N7 -> N6"),
    "stages": ({"stages": STAGES[:2], "inputs": INPUTS[:2]}, "accepted"),
    "nobody": ({"provision": [p for p in PROVISION if p[1] != "S2"]}, "no provider of stage 'Grow'"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_table_is_refused_with_file_and_row_and_nothing_is_left(tmp_path, case) -> None:
    changed, told = BROKEN[case]
    tables(tmp_path / "in", **changed)
    with pytest.raises(UserError) as error:
        import_eto(tmp_path / "in", tmp_path / "out")
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_missing_file_or_column_is_refused(tmp_path) -> None:
    with pytest.raises(UserError, match="no folder"):
        read(tmp_path / "nowhere")
    tables(tmp_path / "in")
    pd.read_csv(tmp_path / "in" / "eto_sequence.csv").drop(columns="is_type_of_id").to_csv(
        tmp_path / "in" / "eto_sequence.csv", index=False
    )
    with pytest.raises(UserError, match=r"eto_sequence.csv: column 'is_type_of_id' is missing"):
        read(tmp_path / "in")
    (tmp_path / "in" / "eto_sequence.csv").unlink()
    with pytest.raises(UserError, match="no sequence.csv"):
        read(tmp_path / "in")


@pytest.mark.parametrize(
    ("text", "size"), [("$56.2 billion (microprocessors) (2019)", 56.2), ("about $780 million", 0.78), ("$1,300 million", 1.3), ("", None)]
)
def test_sizes_are_read_from_text(text, size) -> None:
    assert np.isnan(size_of(text)) if size is None else size_of(text) == pytest.approx(size)
