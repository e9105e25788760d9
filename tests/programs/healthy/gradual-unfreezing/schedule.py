class GradualUnfreezing:
    """Epoch 0 trains the head alone; each later epoch thaws one more group, from the top down."""

    def __init__(self, groups, refreeze=()):
        self.groups, self.refreeze = groups, dict(refreeze)

    def start(self, epoch):
        for depth, group in enumerate(self.groups):
            trains = depth <= epoch and epoch not in self.refreeze.get(depth, ())
            for module in group:
                module.requires_grad_(trains)
        return sum(p.requires_grad for group in self.groups for m in group for p in m.parameters())
