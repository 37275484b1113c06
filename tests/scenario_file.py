"""The text of a scenario file in which nothing is wrong."""

GOOD = """
title: {en: t, zh: 题}
narrative: {en: n, zh: 述}
date: 2020-01-01
sources: [s]
moves:
  - {id: M1, date: 2020-01-01, actor: USA, verb: impose, tool: ccl, products: [hbm], evidence: read}
expect: []
"""
