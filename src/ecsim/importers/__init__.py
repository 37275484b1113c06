"""Importers: public tables that a user downloaded become a supply chain that runs."""
