"""Starting a double as a process of its own, for tests, demos and benchmarks."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def running(provider: str, *options: str, patience: float = 10.0) -> Iterator[str]:
    """Run `python -m activities.providers.PROVIDER OPTIONS` for the length of the block; gives its address.

    Raises RuntimeError when it ends before it listens. `patience`: seconds for it to end after being asked to.
    """
    command = [sys.executable, "-m", f"activities.providers.{provider}", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            if not ready:
                raise RuntimeError(f"the provider `{provider}` ended before it listened: see its error output above")
            yield str(json.loads(ready)["address"])
        finally:
            process.terminate()
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                process.kill()
