import torch


class inference:
    """Eval mode and no gradients inside the block; everything as it was after it."""

    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.training = self.model.training
        self.model.eval()
        torch.set_grad_enabled(False)
        self.previous = torch.is_grad_enabled()
        return self.model

    def __exit__(self, *exc):
        self.model.train(self.training)
        torch.set_grad_enabled(self.previous)
