import torch.nn as nn


class Stateful(nn.Module):
    """Any recurrent layer that goes on where the last batch ended."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.state = None

    def reset(self):
        self.state = None

    def forward(self, x):
        out, self.state = self.layer(x, self.state)
        return out


class Sequencer(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.rnn = Stateful(nn.LSTM(features, hidden, batch_first=True))
        self.head = nn.Linear(hidden, features)

    def forward(self, x):
        return self.head(self.rnn(x))
