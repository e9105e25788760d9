import torch


class inference:
    """Eval mode and no gradients inside the block; everything as it was after it."""

    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.training = self.model.training
        self.previous = torch.is_grad_enabled()
        self.model.eval()
        torch.set_grad_enabled(False)
        return self.model

    def __exit__(self, *exc):
        torch.set_grad_enabled(self.previous)
        self.model.train(self.training)
