"""From stored tables to answers: paired differences, variance, trade-offs, factorial effects, claims, findings.

Nothing here runs the model. Everything starts from `study.load_study(folder)`, and `compare.compare(study)`
gives all tables at once.
"""
