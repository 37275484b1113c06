"""The workshop: people play governments and industry, the model adjudicates, an append-only log remembers."""
