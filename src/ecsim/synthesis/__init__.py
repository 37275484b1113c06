"""Steps from cited tables to a population of firms: units, rows, slots, links, balance, markets, paths of states."""
