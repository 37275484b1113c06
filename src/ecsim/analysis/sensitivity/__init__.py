"""Which inputs move an outcome: Morris screen, Sobol indices, PAWN; SALib does the estimating, the guards are here."""
