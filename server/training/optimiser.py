"""Optimiser: Muon for the matrices, Adam for the rest, one schedule for both.

Muon (Jordan and others, 2024): momentum whose matrices are brought near to orthogonal ones by
a few Newton-Schulz steps. On small language models it needs about two thirds of Adam's tokens.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_STEPS = 5


class Muon(torch.optim.Optimizer):
    """For parameters of two dimensions; those of one shape are worked on together."""

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        *,
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.02,
    ) -> None:
        super().__init__(
            parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        )

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            alike: dict[tuple[int, ...], list[nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    alike.setdefault(tuple(parameter.shape), []).append(parameter)
            for shape, parameters in alike.items():
                self._step_alike(shape, parameters, group)

    def _step_alike(
        self, shape: tuple[int, ...], parameters: list[nn.Parameter], group: dict[str, float]
    ) -> None:
        wanted = []
        for parameter in parameters:
            gradient = parameter.grad
            assert gradient is not None
            state = self.state[parameter]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(gradient)
            state["momentum"].lerp_(gradient, 1 - group["momentum"])
            wanted.append(gradient.lerp(state["momentum"], group["momentum"]))
        turned = orthogonal(torch.stack(wanted))
        scale = max(1.0, shape[0] / shape[1]) ** 0.5
        for parameter, update in zip(parameters, turned, strict=True):
            parameter.mul_(1 - group["lr"] * group["weight_decay"])
            parameter.add_(update.to(parameter.dtype), alpha=-group["lr"] * scale)


def orthogonal(matrices: Tensor) -> Tensor:
    """Each of a stack of matrices with its singular values brought near to one."""
    a, b, c = _COEFFICIENTS
    x = matrices.bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.mT
    for _ in range(_STEPS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x


def optimisers(model: nn.Module) -> list[torch.optim.Optimizer]:
    """One for the layers' matrices, one for embedding and norms."""
    matrices, rest = [], []
    for name, parameter in model.named_parameters():
        (matrices if parameter.dim() == 2 and "embedding" not in name else rest).append(parameter)
    return [
        Muon(matrices, lr=0.02),
        torch.optim.AdamW(rest, lr=2.5e-3, betas=(0.9, 0.97), weight_decay=0.0),
    ]


def rate(done: float, *, warm: float = 0.01, flat: float = 0.55) -> float:
    """The share of the full learning rate when `done` (0 to 1) of the training is: up, flat,
    then down to nothing in a straight line."""
    if done < warm:
        return max(done, 1e-4) / warm
    return 1.0 if done < flat else max(0.0, (1 - done) / (1 - flat))
