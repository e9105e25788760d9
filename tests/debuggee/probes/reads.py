"""Reads its input, and prints what isn't ASCII."""
import sys

name = input("who? ")
print(f"naïve {name} ✓ 日本", flush=True)
print(sys.stdin.read(), file=sys.stderr)
