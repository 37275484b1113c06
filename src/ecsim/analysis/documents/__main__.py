"""`python -m ecsim.analysis.documents`: the process of policy documents against the paper's 184."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ecsim.analysis.documents import study, tables


def main(arguments: list[str] | None = None) -> int:
    """Run the study, or refit; print tables on stdout, progress on stderr."""
    parser = argparse.ArgumentParser(prog="python -m ecsim.analysis.documents", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("results/documents"), help="folder for tables and figures")
    parser.add_argument("--seeds", type=int, default=study.SEEDS, help="size of the ensemble")
    parser.add_argument("--fit", action="store_true", help="fit anew and print stored beside fitted values")
    parser.add_argument(
        "--robust", action="store_true", help="refit with mechanisms off, other measures of power and assumptions at their ends"
    )
    given = parser.parse_args(arguments)
    if given.fit:
        found, table = study.refit()
        print(tables.as_text(table, 3))
        print(f"\nmisfit {found.misfit:.2f} (sum of squared residuals in tolerances), {found.evaluations} parameter sets tried")
    if given.robust:
        given.out.mkdir(parents=True, exist_ok=True)
        for name, frame in (("switched_off", study.switched_off()), ("robustness", study.robustness())):
            frame.to_csv(given.out / f"{name}.csv", index=False)
            print("\n" + tables.as_text(frame, 2))
    if not (given.fit or given.robust):
        _report(study.run(given.out, seeds=given.seeds, say=lambda text: print(text, file=sys.stderr)))
        print(f"\nwritten to {given.out}")
    return 0


def _report(done: study.Study) -> None:
    shown = ["id", "part", "target", "tolerance", "mean", "lo", "hi", "verdict", "matched_by", "role", "mean_beta_0", "verdict_beta_0"]
    print("Targets (mean and 90% interval over seeds; of a pattern, percent of runs that show it)")
    print(tables.as_text(done.targets[shown]))
    print("\nParameters against moments\n" + tables.as_text(done.ledger) + "\n" + tables.ledger_text())
    print("\nWhat yearly numbers and W9 say of the mechanisms (uniform priors)\n" + tables.as_text(done.posterior.summary, 2))
    print("\nThe same from the yearly numbers alone\n" + tables.as_text(done.posterior_numbers.summary, 2))
    print(f"emulator: at least {100 * done.posterior.accuracy:.0f}% of the variance of left-out means explained")
    print("\nInstrument class by objective\n" + tables.as_text(done.framework))


if __name__ == "__main__":
    sys.exit(main())
