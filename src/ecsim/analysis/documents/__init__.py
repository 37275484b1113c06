"""Policy documents against the 184 texts of the paper: fit, table of targets, likelihood of path dependence, figures."""
