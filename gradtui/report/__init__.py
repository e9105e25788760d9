"""Findings as text and as JSON, graphs as pictures."""
