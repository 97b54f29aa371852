"""Shards on a Ray cluster. The only user of ray, which is loaded when it is needed."""

from __future__ import annotations

import logging
import os
import tempfile
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from communique.errors import CommuniqueError, ConfigError
from communique.scale.shards import Failed, Finished, Plan, Shard, Store, absolute, code_shard, find_shards
from communique.workers import Workers

#: How often a shard is tried: machines die, and a shard that kills whoever touches it has to end.
TRIES = 4
#: Workers one after the other that may be lost before they have begun.
LOST_AT_START = 10
CPU = "CPU"
#: The longest name of Ray's folder: a socket's has 107 bytes, of which Ray takes 70 for itself; and the folder instead.
LONGEST_ROOM, SHORT_ROOM = 36, Path("/tmp/ray")


def scale(place: str, plan: Plan, *, address: str | None = None, workers: int = 0) -> Iterator[Finished | Failed]:
    """Code every shard in ``place`` that is not finished, and yield each as it is done; finished ones come first.

    1. Shards that the same run has finished are left as they are. 2. As many workers as the cluster has cores, or
    ``workers``, each with a model of its own, take one shard after the other. 3. The shard of a worker that died goes
    to another one.

    ``address`` is that of a Ray cluster ("auto" for the one that this machine belongs to); without one, Ray is started
    on this machine. Raises ``ConfigError`` where Ray is not installed or not to be reached, or a machine of the cluster
    would code otherwise.
    """
    plan = msgspec.structs.replace(plan, output=absolute(plan.output))
    shards = find_shards(place)
    done = {one.shard.key: one for one in Store(plan.output).finished() if one.run.id == plan.run.id}
    waiting: deque[Shard] = deque()
    for shard in shards:
        known = done.get(shard.key)
        if known is not None and known.shard.version == shard.version:
            yield known
        else:
            waiting.append(shard)
    if waiting:
        with _cluster(address, workers) as ray:
            count = min(workers or int(ray.cluster_resources().get(CPU, 1)), len(waiting))
            crew = _Crew(ray, absolute(place), plan, count)
            try:
                yield from crew.code(waiting)
            finally:
                crew.end()


class _Coder:
    """What lives on the cluster: reads and writes shards; the model is in a process of its own beside it."""

    def __init__(self, place: str, plan: Plan) -> None:
        self._place, self._plan = place, plan

    def begin(self) -> None:
        self._plan.check()
        self._workers = Workers(self._plan.make, 1)

    def code(self, shard: Shard) -> Finished:
        return code_shard(shard, self._place, self._plan, self._workers)


class _Crew:
    """The workers on the cluster, and who is at which shard.

    A worker gets a shard when it has begun: one that waits for a core, after a machine died, holds nothing up.
    """

    def __init__(self, ray: Any, place: str, plan: Plan, count: int) -> None:
        self._ray = ray
        self._make = ray.remote(num_cpus=1, max_restarts=0)(_Coder).remote
        self._place, self._plan = place, plan
        self._idle: list[Any] = []
        self._at: dict[Any, tuple[Any, Shard | None]] = {}
        self._lost_at_start = 0
        for _ in range(count):
            self._hire()

    def code(self, waiting: deque[Shard]) -> Iterator[Finished | Failed]:
        """Yield what comes of the shards, as it comes."""
        tries: Counter[str] = Counter()
        while waiting or any(shard for _, shard in self._at.values()):
            while self._idle and waiting:
                worker, shard = self._idle.pop(), waiting.popleft()
                tries[shard.key] += 1
                self._at[worker.code.remote(shard)] = (worker, shard)
            (answer,), _ = self._ray.wait(list(self._at), num_returns=1)
            worker, at = self._at.pop(answer)
            result = self._result(answer)
            if not isinstance(result, str):
                self._idle.append(worker)
                self._lost_at_start = 0
                if result is not None:
                    yield result
                continue
            self._replace(worker, result, had_begun=at is not None)
            if at is not None and tries[at.key] < TRIES:
                waiting.append(at)
            elif at is not None:
                yield Failed(at, f"{at.source}: not coded in {TRIES} tries: {result}")

    def end(self) -> None:
        """End the workers, whatever they are at."""
        for worker in (*self._idle, *(worker for worker, _ in self._at.values())):
            self._ray.kill(worker)

    def _hire(self) -> None:
        worker = self._make(self._place, self._plan)
        self._at[worker.begin.remote()] = (worker, None)

    def _replace(self, worker: Any, why: str, *, had_begun: bool) -> None:
        self._ray.kill(worker)
        self._lost_at_start = 0 if had_begun else self._lost_at_start + 1
        if self._lost_at_start >= LOST_AT_START:
            raise CommuniqueError(f"workers can't be started on the cluster: {why}")
        self._hire()

    def _result(self, answer: Any) -> Finished | str | None:
        """Return what a worker made (nothing when it has begun), or what went wrong.

        Raises what would go wrong with every shard.
        """
        try:
            finished: Finished | None = self._ray.get(answer)
        except self._ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, CommuniqueError):
                raise error.cause from error
            return f"{type(error.cause).__name__}: {error.cause}".splitlines()[0]
        except self._ray.exceptions.RayError as error:
            return f"the worker died ({type(error).__name__})"
        return finished


@contextmanager
def _cluster(address: str | None, workers: int) -> Iterator[Any]:
    """Give ray, joined to a cluster or started here; one that was joined already is used and left as it is."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ModuleNotFoundError as error:
        raise ConfigError("Ray is not installed: pip install 'communique[ray]'") from error
    if ray.is_initialized():
        yield ray
        return
    here: dict[str, Any] = {} if address else {"num_cpus": workers or None, "include_dashboard": False, **_room()}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **here)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        raise ConfigError(f"no Ray cluster at {address or 'this machine'}: {str(error).splitlines()[0]}") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _room() -> dict[str, str]:
    """Where Ray puts its sockets: in the system's folder for that, unless its name is too long for a socket's."""
    folder = Path(tempfile.gettempdir(), "ray")
    if len(str(folder)) <= LONGEST_ROOM or not os.access(SHORT_ROOM.parent, os.W_OK):
        return {}
    return {"_temp_dir": str(SHORT_ROOM)}
