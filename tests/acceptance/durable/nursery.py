"""Where mortal processes are born quickly: everything is imported once, and each of them is a fork.

Run as `python -m tests.acceptance.durable.nursery`; each line on standard input is the environment of one more. It tells
the socket that `ERRAND_BIRTHS` names once it works, and its death is the end of that connection. All end with their parent.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from journeyman.conversation.speech_patterns import commitment_patterns, human_patterns
from journeyman.governance.bundle import Bundle
from tests.acceptance.durable import mortal
from tests.acceptance.durable.project import write_policies


def prepare() -> None:
    """Do what each of them would do once, and alike: half of what a birth costs."""
    with tempfile.TemporaryDirectory() as folder:
        Bundle.load(write_policies(Path(folder)))
    commitment_patterns()
    human_patterns()


def main() -> None:
    """Fork for every line."""
    prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            os.environ.update(json.loads(line))
            log = os.open(os.environ["ERRAND_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.close(0)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                asyncio.run(mortal.main())
            finally:
                os._exit(1)


if __name__ == "__main__":
    main()
