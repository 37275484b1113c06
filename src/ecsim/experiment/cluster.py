"""The workers of a Dask cluster as an executor: one that runs already, or one started on this machine.

Dask reschedules the tasks of a worker that dies. A task whose workers died more often than it may be tried is given
up, and its runs are rows that say so. Workers must hold the same program and libraries as the caller.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from ecsim.cores import ONE_THREAD
from ecsim.errors import UserError
from ecsim.experiment.manifest import code_hash
from ecsim.experiment.settings import LauncherConfig

TASKS_A_THREAD = 3  # under way, so that no worker waits for the network
PATIENCE = 20  # seconds


class DaskExecutor(Executor):
    """Sends tasks to the workers of a Dask cluster.

    Args:
        launcher: address of the scheduler, and how often a task is tried again.
        workers: processes of the cluster that is started when there is no address.

    Raises:
        UserError: Dask is not installed, nothing answers at the address, or a worker holds another program.
    """

    def __init__(self, launcher: LauncherConfig, workers: int) -> None:
        try:
            dask: Any = importlib.import_module("dask")
            distributed: Any = importlib.import_module("distributed")
        except ImportError as error:
            raise UserError("launcher: Dask is not installed; accepted: pip install 'ecsim[cluster]', or launcher=local") from error
        self._distributed = distributed
        self._cluster: Any = None
        where: Any = launcher.address
        if where is None:
            with dask.config.set({"distributed.nanny.environ": ONE_THREAD}):
                self._cluster = where = distributed.LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=40
                )
        try:
            self._client = distributed.Client(where, timeout=PATIENCE, set_as_default=False)
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            told = " ".join(str(error).split())[:120]
            raise UserError(f"launcher.address: no Dask cluster with workers at '{launcher.address}' ({told})") from error
        self._executor = self._client.get_executor(pure=False, retries=launcher.retries)
        self._hash = code_hash()
        self.check()

    def check(self) -> None:
        """Make sure that all workers hold this program.

        Raises:
            UserError: one does not.
        """
        try:
            found = self._client.run(code_hash)
        except Exception as error:  # whatever a worker without ecsim raises
            raise UserError(f"launcher: a worker cannot load ecsim ({error}); accepted: workers with the same environment") from error
        other = [address for address, value in found.items() if value != self._hash]
        if other:
            raise UserError(f"launcher: worker {other[0]} holds another version of the program; accepted: the same on all workers")

    @property
    def width(self) -> int:
        """Tasks under way at a time; grows with the cluster."""
        return TASKS_A_THREAD * max(1, sum(self._client.nthreads().values()))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send a task; a worker that joined later and holds another program refuses it."""
        future: Future[Any] = self._executor.submit(_checked, self._hash, fn, *args, **kwargs)
        return future

    def broken_by(self, error: BaseException) -> bool:
        """Losing the scheduler loses the study; finished runs are kept.

        Raises:
            UserError: the scheduler is gone.
        """
        if isinstance(error, self._distributed.CancelledError | self._distributed.comm.CommClosedError | OSError):
            raise UserError("launcher: the connection to the Dask scheduler was lost; run the same command again to go on") from error
        return False

    def given_up_by(self, error: BaseException) -> bool:
        """Whether a task killed its worker too often."""
        return isinstance(error, self._distributed.KilledWorker)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; close it if it was started here."""
        self._executor.shutdown(wait=wait)
        self._close()

    def stop(self) -> None:
        """Leave without waiting for what is under way."""
        self._close()

    def _close(self) -> None:
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def _checked(expected: str, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    if code_hash() != expected:
        raise UserError("launcher: a worker holds another version of the program; accepted: the same on all workers")
    return fn(*args, **kwargs)
