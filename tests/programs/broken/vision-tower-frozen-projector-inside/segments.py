from torch.utils.checkpoint import checkpoint


def _chain(modules):
    def run(h):
        for module in modules:
            h = module(h)
        return h

    return run


def run_in_segments(modules, h, segments):
    """The modules one after the other; only the ends of the segments are kept for backward."""
    size = -(-len(modules) // segments)
    for start in range(0, len(modules), size):
        h = checkpoint(_chain(modules[start : start + size]), h, use_reentrant=True)
    return h
