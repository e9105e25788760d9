class Callback:
    def after_backward(self, model, step, loss):
        pass

    def after_step(self, model, step, loss):
        pass


class History(Callback):
    def __init__(self):
        self.losses = []

    def after_step(self, model, step, loss):
        self.losses.append(loss.item())


class GradientNorms(Callback):
    def __init__(self, every):
        self.every, self.seen = every, []

    def after_backward(self, model, step, loss):
        if step % self.every == 0:
            norms = [p.grad.norm() for p in model.parameters() if p.grad is not None]
            self.seen.append(sum(n.item() for n in norms))
        model.zero_grad()


class Events:
    def __init__(self, model, callbacks):
        self.model, self.callbacks = model, callbacks

    def fire(self, event, step, loss):
        for callback in self.callbacks:
            getattr(callback, event)(self.model, step, loss)
