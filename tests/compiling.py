"""The model compiled before the tests are divided among processes, each of which would otherwise compile all of it for itself.

Two processes do it: one plays a quarter from its beginning, the other begins with the kernels that come last.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

COMPILED = "compiled"


def compile_once() -> None:
    """Compile, unless what is on disk is of this source and of this Python."""
    from ecsim.kernels import kept

    if kept.is_kept() or not os.access(Path(kept.__file__).parent, os.W_OK):
        return
    print("compiling the model, before the tests begin …", file=sys.stderr, flush=True)
    for process in [subprocess.Popen([sys.executable, __file__, part], stderr=subprocess.PIPE, text=True) for part in PARTS]:
        told = process.communicate()[1]
        if process.returncode:
            print(f"compiling ahead failed, and the tests will have to:\n{told}", file=sys.stderr, flush=True)


def from_the_beginning() -> None:
    import ecsim

    ecsim.run("endogenous", "alliance=endogenous", "economy=small", "time.quarters=8")


def from_the_end() -> None:
    import ecsim
    from ecsim.schedule import played_by

    model = ecsim.build_model("none", "economy=small", "time.quarters=4", "time.engine=reference")
    model.step()
    played_by(COMPILED)[1][-1](model.world)


PARTS: dict[str, Callable[[], None]] = {"from_the_beginning": from_the_beginning, "from_the_end": from_the_end}

if __name__ == "__main__":
    PARTS[sys.argv[1]]()
