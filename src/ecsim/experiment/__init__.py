"""Studies: which runs (design, variants, plan), how they are computed (runner), and where they are kept (store)."""
