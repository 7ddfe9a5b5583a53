"""PyTorch, on the CPU or on a GPU: the same batches as numpy_best.py, in single precision (no TF32)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from batched import BatchedSearcher
from searcher import PeerUnavailable
from shared_table import SharedTableSearcher, Table
from task import Task

try:
    import torch
except ImportError:
    torch = None  # type: ignore[assignment]

_SEED = 1
_FRESH_BATCH = {"cpu": 64, "cuda": 2048}
_SHARED_BLOCK = {"cpu": 128, "cuda": 8192}
_SMALLEST_UNIFORM = 2.0**-25  # torch.rand can give 0


def _prepare(device: str, threads: int) -> torch.device:
    if torch is None:
        raise PeerUnavailable("PyTorch is not installed")
    if device == "cuda" and not torch.cuda.is_available():
        raise PeerUnavailable("PyTorch finds no GPU that it can use")
    torch.set_grad_enabled(False)
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = False
    return torch.device(device)


class TorchFresh(BatchedSearcher):
    def __init__(self, task: Task, device: str = "cpu", threads: int = 1) -> None:
        self._device = _prepare(device, threads)
        batch = _FRESH_BATCH[device]
        super().__init__(task, batch)
        k, attempts = task.assets_per_portfolio, task.attempts
        self._spacings = torch.empty((batch, k, attempts), device=self._device)
        self._products = torch.empty((batch, k + 2, attempts), device=self._device)
        self._generator = torch.Generator(device=self._device)

    def _seed(self, number: int) -> None:
        self._generator.manual_seed(_SEED + (number << 8))

    def _draw(self, portfolios: int) -> torch.Tensor:
        spacings = self._spacings[:portfolios]
        if self._device.type == "cuda":
            return spacings.exponential_(generator=self._generator)
        # On the CPU, exponential_ takes several times as long as a uniform and its logarithm.
        return spacings.uniform_(generator=self._generator).clamp_min_(_SMALLEST_UNIFORM).log_().neg_()

    def _from_program(self, exponentials: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(exponentials.astype(np.float32)).to(self._device)

    def _evaluate(self, draws: torch.Tensor, assets: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        k = self._task.assets_per_portfolio
        coefficients = torch.from_numpy(self._coefficients(assets)).to(self._device)
        products = torch.bmm(coefficients, draws, out=self._products[: len(assets)])
        accepted = draws.amax(dim=1) <= self._task.max_weight * products[:, k + 1]
        variance = products[:, :k].mul_(draws).sum(dim=1)
        return products[:, k] * variance.rsqrt_(), accepted

    def _best(
        self, sharpe: torch.Tensor, accepted: torch.Tensor, wanted: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        count = accepted.cumsum(dim=1, dtype=torch.int32)
        sharpe.masked_fill_(~accepted | (count > wanted), -torch.inf)
        largest, where = sharpe.max(dim=1)
        return largest.cpu().numpy(), where.cpu().numpy(), count[:, -1].clamp(max=wanted).cpu().numpy()

    def _to_numpy(self, array: torch.Tensor) -> np.ndarray:
        return array.cpu().numpy().copy()


class TorchShared(SharedTableSearcher):
    class Held(NamedTuple):
        weights: torch.Tensor
        products: torch.Tensor

    def __init__(self, task: Task, device: str = "cpu", threads: int = 1) -> None:
        self._device = _prepare(device, threads)
        super().__init__(task, _SHARED_BLOCK[device])

    def _hold(self, table: Table) -> Held:
        arrays = (torch.from_numpy(array).to(self._device) for array in (table.weights, table.products))
        return self.Held(*arrays)

    def _sharpe_ratios(self, held: Held, assets: np.ndarray) -> torch.Tensor:
        packed = torch.from_numpy(self._packed(assets)).to(self._device)
        excess = torch.from_numpy(self._excess[assets]).to(self._device)
        return (excess @ held.weights).mul_((packed @ held.products).rsqrt_())

    def _largest(self, sharpe: torch.Tensor) -> tuple[float, int]:
        place = int(sharpe.argmax())
        return float(sharpe.view(-1)[place]), place

    def _to_numpy(self, array: torch.Tensor) -> np.ndarray:
        return array.cpu().numpy().copy()
