"""Looks for torch, imports it in the way that is named, and says what of it can be seen."""
import importlib
import importlib.util
import sys

how = sys.argv[1]
spec = importlib.util.find_spec("torch")
print(spec.name, spec.origin, type(spec.loader).__name__)
match how:
    case "plain":
        import torch

        torch.manual_seed(1)
        print(torch.rand(2), torch.get_num_threads(), torch.is_grad_enabled())
    case "submodule":
        import torch.nn.functional as F
    case "import_module":
        importlib.import_module("torch")
    case "environment":
        import os

        os.environ["TORCH_DISTRIBUTED_DEBUG"] = "DETAIL"
        import torch
torch = sys.modules["torch"]
print(torch.__spec__.name, torch.__spec__.origin, torch.__spec__.cached, sorted(vars(torch.__spec__.loader)), type(torch.__loader__).__name__)
print([type(finder).__name__ for finder in sys.meta_path], [getattr(f, "__name__", "") for f in sys.meta_path])
print(importlib.import_module("torch") is torch)
