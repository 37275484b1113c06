"""Policy documents of one run as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecsim.documents.instruments import names
from ecsim.documents.process import Batch
from ecsim.documents.writing import GOALS, ISSUERS

COLUMNS = ("quarter", "name", "key", "value")


def document_table(papers: Sequence[Batch]) -> pd.DataFrame:
    """Counts by quarter, long: documents by issuer, clauses ("code") by instrument, and clauses by objective.

    Args:
        papers: one batch a quarter, of one run; quarters without documents are there with zeros.
    """
    rows = []
    for quarter, batch in enumerate(papers):
        counts = (
            ("document", ISSUERS, np.bincount(batch.issuer, minlength=len(ISSUERS))),
            ("code", names(), batch.codes.sum(axis=0)),
            ("objective", GOALS, batch.goals.sum(axis=(0, 1))),
        )
        rows += [(quarter, name, key, float(n)) for name, keys, values in counts for key, n in zip(keys, values, strict=True)]
    return pd.DataFrame(rows, columns=list(COLUMNS))
