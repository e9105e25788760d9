"""Whole screens: the main one, the help, and the question asked before leaving."""
