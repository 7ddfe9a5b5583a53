"""CuPy on a GPU: the same batches as numpy_best.py, larger, in single precision."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from batched import BatchedSearcher
from searcher import PeerUnavailable
from shared_table import SharedTableSearcher, Table
from task import Task

try:
    import cupy
except ImportError:
    cupy = None

_SEED = 1
_FRESH_BATCH = 2048
_SHARED_BLOCK = 8192


def _prepare() -> None:
    if cupy is None:
        raise PeerUnavailable("CuPy is not installed")
    try:
        cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise PeerUnavailable(f"CuPy finds no GPU that it can use: {error}") from error


class CupyFresh(BatchedSearcher):
    def __init__(self, task: Task) -> None:
        _prepare()
        super().__init__(task, _FRESH_BATCH)
        self._seed(0)

    def _seed(self, number: int) -> None:
        self._generator = cupy.random.Generator(cupy.random.Philox4x3210(_SEED + (number << 8)))

    def _draw(self, portfolios: int) -> Any:
        shape = (portfolios, self._task.assets_per_portfolio, self._task.attempts)
        return self._generator.standard_exponential(shape, dtype=np.float32)

    def _from_program(self, exponentials: np.ndarray) -> Any:
        return cupy.asarray(exponentials, dtype=np.float32)

    def _evaluate(self, draws: Any, assets: np.ndarray) -> tuple[Any, Any]:
        k = self._task.assets_per_portfolio
        products = cupy.matmul(cupy.asarray(self._coefficients(assets)), draws)
        accepted = draws.max(axis=1) <= np.float32(self._task.max_weight) * products[:, k + 1]
        variance = (products[:, :k] * draws).sum(axis=1)
        return products[:, k] / cupy.sqrt(variance), accepted

    def _best(self, sharpe: Any, accepted: Any, wanted: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        count = cupy.cumsum(accepted, axis=1, dtype=np.int32)
        sharpe = cupy.where(accepted & (count <= wanted), sharpe, np.float32(-np.inf))
        where = sharpe.argmax(axis=1)
        largest = cupy.take_along_axis(sharpe, where[:, None], axis=1)[:, 0]
        return cupy.asnumpy(largest), cupy.asnumpy(where), cupy.asnumpy(cupy.minimum(count[:, -1], wanted))

    def _to_numpy(self, array: Any) -> np.ndarray:
        return cupy.asnumpy(array)


class CupyShared(SharedTableSearcher):
    class Held(NamedTuple):
        weights: Any
        products: Any

    def __init__(self, task: Task) -> None:
        _prepare()
        super().__init__(task, _SHARED_BLOCK)

    def _hold(self, table: Table) -> Held:
        return self.Held(cupy.asarray(table.weights), cupy.asarray(table.products))

    def _sharpe_ratios(self, held: Held, assets: np.ndarray) -> Any:
        variance = cupy.asarray(self._packed(assets)) @ held.products
        return (cupy.asarray(self._excess[assets]) @ held.weights) / cupy.sqrt(variance)

    def _largest(self, sharpe: Any) -> tuple[float, int]:
        place = int(sharpe.argmax())
        return float(sharpe.ravel()[place]), place

    def _to_numpy(self, array: Any) -> np.ndarray:
        return cupy.asnumpy(array)
