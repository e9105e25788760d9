"""The screen: shows what the other folders computed, and turns keys into commands."""
