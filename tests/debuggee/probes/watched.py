"""What an Observer should hear of: torch, a fork, an exception or an end."""
import os
import sys

print("before torch")
import torch  # noqa

print("after torch", torch.ones(1).item())
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
if sys.argv[1] == "raise":
    local = 1 / 0
sys.exit(int(sys.argv[1]))
