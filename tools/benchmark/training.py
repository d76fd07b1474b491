"""PyTorch's side of tools/bench-training: the same models and steps as Tests/TrainingBenchmark, and the same lines in and out."""
import resource
import sys
import time

import torch
import torch.nn.functional as functional
from torch import nn

BATCH, EMBEDDING, WORDS, SEQUENCE = 64, 256, 30522, 32


class Trunk(nn.Module):
    def __init__(self, width, heads, norm_first):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=norm_first) for _ in range(6))
        self.head = nn.Linear(width, EMBEDDING)

    def forward(self, rows):
        for layer in self.layers:
            rows = layer(rows)
        return functional.normalize(self.head(rows.mean(1)), dim=-1)


class Image(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.places, self.trunk = nn.Conv2d(3, 192, 8, 8), nn.Parameter(torch.zeros(1, 64, 192)), Trunk(192, 3, True)

    def forward(self, pixels):
        return self.trunk(self.patch(pixels).flatten(2).transpose(1, 2) + self.places)


class Text(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(WORDS, 384), nn.Parameter(torch.zeros(1, SEQUENCE, 384))
        self.norm, self.trunk = nn.LayerNorm(384), Trunk(384, 12, False)

    def forward(self, tokens):
        return self.trunk(self.norm(self.words(tokens) + self.places))


class Job:
    """A model with a batch and a loss."""

    def __init__(self, name):
        torch.manual_seed(0)
        self.towers = nn.ModuleDict({kind: make() for kind, make in (("image", Image), ("text", Text)) if name in (kind, "clip")})
        self.batch = {"image": torch.randn(BATCH, 3, 64, 64), "text": torch.randint(0, WORDS, (BATCH, SEQUENCE))}
        self.target = functional.normalize(torch.randn(BATCH, EMBEDDING), dim=-1)
        self.scale = nn.Parameter(torch.tensor(2.66))
        parameters = [*self.towers.parameters(), *([self.scale] if name == "clip" else [])]
        self.optimizer = torch.optim.AdamW(parameters, lr=1e-4, fused=True)

    def loss(self):
        found = [tower(self.batch[kind]) for kind, tower in self.towers.items()]
        if len(found) == 1:
            return (1 - (found[0] * self.target).sum(-1)).mean()
        logits = self.scale.exp() * found[0] @ found[1].T
        targets = torch.arange(BATCH)
        return (functional.cross_entropy(logits, targets) + functional.cross_entropy(logits.T, targets)) / 2

    def step(self):
        """Seconds of wall and of processors."""
        wall, processors = time.perf_counter(), time.process_time()
        self.optimizer.zero_grad(set_to_none=True)
        self.loss().backward()
        self.optimizer.step()
        return time.perf_counter() - wall, time.process_time() - processors


def main():
    for line in sys.stdin:
        name, threads, steps = line.split()
        torch.set_num_threads(int(threads))
        job = Job(name)
        laps = [lap for _ in range(int(steps)) for lap in job.step()]
        print(*laps, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


if __name__ == "__main__":
    main()
