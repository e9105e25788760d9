"""Find the line where gradients stop: run a training script and browse the graph backward will walk."""

__version__ = "0.1.0"
