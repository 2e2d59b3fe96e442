"""The embedded Postgres: killed, stopped, moved, copied."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from journeyman.embedded import home as homes
from journeyman.embedded.postgres import Postgres
from journeyman.embedded.process import command_of
from journeyman.errors import ConfigurationError

pytestmark = pytest.mark.slow

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's data stand outside of the folder")

Make = Callable[..., Postgres]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes servers that are removed at the end."""
    made: list[Postgres] = []

    def build(name: str = "folder", **options: object) -> Postgres:
        server = Postgres(tmp_path / name, **options)  # type: ignore[arg-type]  # passed through as they are
        made.append(server)
        return server

    yield build
    for server in made:
        await server.remove()


async def run(server: Postgres, statement: str) -> object:
    conn = await asyncpg.connect(server.dsn())
    try:
        return await conn.fetchval(statement)
    finally:
        await conn.close()


def orphaned(folder: Path) -> int:
    """The process id of a server whose parent was killed."""
    code = (
        "import asyncio, os, sys; from pathlib import Path; from journeyman.embedded.postgres import Postgres\n"
        "server = Postgres(Path(sys.argv[1]), durable=False)\n"
        "asyncio.run(server.start()); print(server.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run([sys.executable, "-c", code, folder], stdout=subprocess.PIPE, text=True, check=False)
    return int(parent.stdout)


async def test_what_was_committed_survives_a_kill_and_a_stop(make: Make) -> None:
    server = make()
    await server.start()
    await run(server, "create table kept as select 1 as id")
    server.kill()
    assert not server.running
    await server.start()
    assert await run(server, "select count(*) from kept") == 1
    await server.restart()
    assert await run(server, "select count(*) from kept") == 1


async def test_a_durable_server_syncs_and_listens_on_no_port(make: Make) -> None:
    server = make()
    await server.start()
    settings = "current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')"
    assert await run(server, f"select array[{settings}, current_setting('listen_addresses')]") == ["on", "on", "on", ""]


async def test_a_port_lets_in_nobody_without_a_password(make: Make) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = make(port=port, durable=False)
    await server.start()
    assert await run(server, "select 1") == 1
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:guess@127.0.0.1:{port}/journeyman")


async def test_a_taken_port_is_a_configuration_error(make: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port `{port}` .* is taken; stop what listens there or choose"):
            await make(port=port).start()


async def test_a_server_that_outlived_its_parent_is_ended_and_started_anew(make: Make, tmp_path: Path) -> None:
    orphan = orphaned(tmp_path / "folder")
    assert command_of(orphan) is not None
    server = make(durable=False)
    await server.start()
    assert server.pid != orphan
    assert await run(server, "select 1") == 1


async def test_a_stale_lock_file_whose_number_is_reused_does_not_stop_a_start(make: Make) -> None:
    server = make(durable=False)
    await server.start()
    lock = server.data / "postmaster.pid"
    left = lock.read_text().splitlines()
    server.kill()
    lock.write_text("\n".join([str(os.getpid()), *left[1:]]) + "\n")
    await server.start()
    assert await run(server, "select 1") == 1


async def test_a_folder_whose_path_is_too_long_for_a_socket_works(make: Make) -> None:
    server = make("long-" * 25, durable=False)
    await server.start()
    assert await run(server, "select 1") == 1


async def test_a_start_cut_short_while_the_data_are_made_can_be_repeated(make: Make) -> None:
    server = make(durable=False)
    half = server.data.with_name("data.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    await server.start()
    assert await run(server, "select 1") == 1


@as_root
async def test_as_root_the_server_runs_as_somebody_else_and_no_mode_changes(make: Make, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    before = {path: path.stat().st_mode for path in (tmp_path, *tmp_path.parents, tmp_path / "closed")}
    server = make("closed/folder", durable=False)
    await server.start()
    assert server.pid is not None
    assert os.stat(f"/proc/{server.pid}").st_uid != 0
    assert await run(server, "select 1") == 1
    assert {path: path.stat().st_mode for path in before} == before


@as_root
@pytest.mark.parametrize("name", ["folder", "long-" * 25])
def test_an_ordinary_user_has_the_data_in_the_folder(name: str) -> None:
    """Root drops its rights in a process of its own, to be an ordinary user there."""
    code = (
        "import asyncio, os, sys; from pathlib import Path; import concurrent.futures.thread, encodings.idna\n"
        "from journeyman.embedded.postgres import Postgres; from journeyman.store.migrate import migrate, migrations\n"
        "migrations(); os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "async def main():\n"
        "    server = Postgres(Path(sys.argv[1]), durable=False)\n"
        "    await server.start(); await migrate(server.dsn()); server.kill(); await server.restart()\n"
        "    print(server.data, await migrate(server.dsn())); await server.remove()\n"
        "asyncio.run(main())"
    )
    base = Path(tempfile.mkdtemp())
    try:
        os.chown(base, 65534, 65534)
        done = subprocess.run([sys.executable, "-c", code, base / name], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{base / name}/postgres/data []\n"
        assert [path.name for path in (base / name).iterdir()] == ["postgres.log"]
    finally:
        shutil.rmtree(base)


@as_root
async def test_as_root_a_folder_made_anew_starts_empty_and_a_moved_one_keeps_its_data(
    make: Make, tmp_path: Path
) -> None:
    server = make(durable=False)
    await server.start()
    await run(server, "create table kept as select 1 as id")
    await server.stop()
    server.folder.rename(tmp_path / "moved")
    moved = make("moved", durable=False)
    await moved.start()
    assert await run(moved, "select count(*) from kept") == 1
    anew = make(durable=False)
    await anew.start()
    assert await run(anew, "select to_regclass('kept')") is None


@as_root
async def test_as_root_a_copied_folder_is_refused(make: Make, tmp_path: Path) -> None:
    server = make(durable=False)
    await server.start()
    shutil.copytree(server.folder, tmp_path / "copy")
    with pytest.raises(ConfigurationError, match=r"is a copy of .*; delete `.*postgres.id` to start empty"):
        await Postgres(tmp_path / "copy").start()
    assert await run(server, "select 1") == 1


@pytest.mark.slow
@as_root
async def test_as_root_programs_that_cannot_be_reached_are_copied_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (version, binaries), *_ = sorted(homes.installs().items(), reverse=True)
    wheel = binaries.parent.parent
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(binaries.parent, closed / wheel.name / binaries.parent.name, symlinks=True)
    shutil.copytree(wheel.with_name(wheel.name + ".libs"), closed / (wheel.name + ".libs"))
    unreachable = closed / wheel.name / binaries.parent.name / "bin"
    monkeypatch.setattr(homes, "installs", lambda: {version: unreachable})
    # of root, but not closed: the unprivileged user must get through
    root_home = Path("/var/lib/journeyman") / f"test-{os.getpid()}"
    server = Postgres(tmp_path / "folder", durable=False, root_home=root_home)
    try:
        await server.start()
        assert await run(server, "select 1") == 1
        copies = list((root_home / "binaries").glob("*/*/*/bin/postgres"))
        assert len(copies) == 1
        written = copies[0].stat().st_ctime_ns
        await server.stop()
        again = Postgres(tmp_path / "folder", durable=False, root_home=root_home)
        await again.start()
        await again.remove()
        assert copies[0].stat().st_ctime_ns == written
    finally:
        await server.stop()
        shutil.rmtree(root_home, ignore_errors=True)
