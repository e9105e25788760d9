import queue
import threading

import numpy as np
import torch


class Prefetcher:
    """Worker threads make batches ahead of time; they come out in the order of the seeds."""

    def __init__(self, make_batch, seeds, workers=2, depth=3):
        self.make_batch, self.seeds = make_batch, seeds
        self.queues = [queue.Queue(depth) for _ in range(workers)]
        self.threads = [
            threading.Thread(target=self._work, args=(out, seeds[i::workers]), daemon=True)
            for i, out in enumerate(self.queues)
        ]
        for thread in self.threads:
            thread.start()

    def _work(self, out, seeds):
        torch.set_grad_enabled(False)
        for seed in seeds:
            out.put(self.make_batch(np.random.default_rng(seed)))

    def __iter__(self):
        for i in range(len(self.seeds)):
            yield self.queues[i % len(self.queues)].get()
        for thread in self.threads:
            thread.join()
