"""The folder from which one jail is furnished: sized file systems and read-only binds in a mount namespace of our own.

Nobody else sees these mounts, and they vanish with the process that made them; what a killed shim can leave behind is
an empty folder and an empty control group, which `leftovers.sweep` removes. It knows nothing of bwrap and never reads
what the learner wrote.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from grading.sandboxes import syscalls
from grading.sandboxes.base import Limits, SandboxFault
from grading.sandboxes.order import Bind

# Not TMPDIR: the path must be short, and every user on the way to it able to pass.
HOME = Path("/tmp")  # noqa: S108 - the folder below it is ours alone, and verified
SCRATCH_INODES = 20_000
REFUSED = (
    "this host does not let us make namespaces (a container's profile, AppArmor, user.max_user_namespaces or "
    "kernel.unprivileged_userns_clone may forbid it)"
)
WRITABLE = ("out", "tmp", "shm")
WRITABLE_FLAGS = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
# The folders of a jail into which things are admitted while it runs; those of an examiner's jail are more.
ROOMS, EXAMINERS_ROOMS = ("work", "jail"), ("work", "jail", "ours", "package")
ETC = {
    "passwd": "nobody:x:65534:65534:nobody:/tmp:/bin/false\nroot:x:0:0::/:/bin/false\n",
    "group": "nogroup:x:65534:\nroot:x:0:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def name_of_this_process() -> str:
    """A name that no other process of this boot ever bears: its number and the tick at which it started."""
    return f"{os.getpid()}.{_start_tick(os.getpid())}"


def is_alive(name: str) -> bool:
    pid, _, tick = name.partition(".")
    return pid.isdigit() and _start_tick(int(pid)) == tick


def _start_tick(pid: int) -> str:
    """None for a process that is gone, or dead and only not yet reaped."""
    with suppress(OSError):
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if state in "ZX" else fields[18]
    return ""


def home() -> Path:
    """Where this user's chambers are made; in a folder that all may write to, so it is trusted only if it is ours."""
    folder = HOME / f"milepost-{os.geteuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o711)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise SandboxFault(f"{folder} is not a folder that only we can write to: remove it")
    return folder


def enter_namespaces(apart: bool) -> None:
    """A mount namespace of our own; without root, inside a user namespace in which we may mount.

    Our only child will be the first process of a process namespace: when it dies, whenever and however, the kernel
    kills all that it started. bwrap's own --die-with-parent leaves a gap while bwrap is still building.
    """
    uid, gid = os.geteuid(), os.getegid()
    namespaces = syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID
    try:
        syscalls.unshare(namespaces if apart else namespaces | syscalls.CLONE_NEWUSER)
    except OSError as error:
        raise SandboxFault(f"{REFUSED}: {error.strerror}") from None
    if not apart:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)


class Chamber:
    """One run's folder; `owner` is the user as whom the learner's code runs."""

    def __init__(self, name: str, owner: int) -> None:
        self.path = home() / name
        self.owner = owner
        self.binds: list[tuple[str, str]] = []
        self.rooms: tuple[str, ...] = ()
        self.admitted = 0

    def furnish(self, limits: Limits, binds: list[Bind]) -> None:
        self.path.mkdir(mode=0o711)
        flags = syscalls.MS_NOSUID | syscalls.MS_NODEV
        syscalls.mount("tmpfs", str(self.path), "tmpfs", flags, "size=4m,nr_inodes=4096,mode=0711")
        self._mount_writable("out", limits.out_mb, limits.out_files + 1)
        self._mount_writable("tmp", limits.tmp_mb, SCRATCH_INODES)
        self._mount_writable("shm", limits.tmp_mb, SCRATCH_INODES)
        self._write_etc()
        for place, bind in enumerate(binds):
            self._bind(self.path / f"bind{place}", bind)

    def furnish_with_rooms(self, limits: Limits, binds: list[Bind]) -> None:
        """As `furnish`, for a jail into which more can be admitted while it runs."""
        self.furnish(limits, [bind for bind in binds if bind.programs])
        ours = any(bind.target.startswith("/ours/") for bind in binds)
        self._open_rooms(EXAMINERS_ROOMS if ours else ROOMS)
        for _, target in self.binds:
            # bwrap can make no folder in a room, and the host may keep its interpreter at a path like ours.
            if self._is_in_room(target):
                _make_folder(self._spot(target))
        self.admit([bind for bind in binds if not bind.programs])

    def _open_rooms(self, names: tuple[str, ...]) -> None:
        """One shared mount: what is mounted below it here arrives in the jail, which can send nothing back."""
        rooms = self.path / "rooms"
        rooms.mkdir()
        syscalls.mount("tmpfs", str(rooms), "tmpfs", WRITABLE_FLAGS, "size=1m,nr_inodes=4096,mode=0755")
        syscalls.mount(None, str(rooms), None, syscalls.MS_SHARED)
        for name in (*names, "work/out"):
            _make_folder(rooms / name)
        self.rooms = names

    def admit(self, binds: list[Bind]) -> None:
        """Bound read-only out of the jail's sight first: a mount that has arrived there can no longer be changed."""
        for bind in binds:
            if not self._is_in_room(bind.target):
                raise SandboxFault(f"nothing can be admitted at {bind.target}")
            hidden = self.path / f"admitted{self.admitted}"
            self.admitted += 1
            self._place(hidden, bind, syscalls.MS_BIND)
            _make_unchangeable(hidden, syscalls.MS_RDONLY | syscalls.MS_NOEXEC)
            spot = self._spot(bind.target)
            _make_folder(spot.parent)
            _make_folder(spot) if hidden.is_dir() else spot.touch()
            syscalls.mount(str(hidden), str(spot), None, syscalls.MS_BIND)

    def _is_in_room(self, target: str) -> bool:
        return target.split("/")[1] in self.rooms

    def _spot(self, target: str) -> Path:
        return self.path / "rooms" / target.lstrip("/")

    def resize(self, limits: Limits) -> None:
        """Give the writable file systems the sizes of these limits."""
        sizes = {
            "out": f"size={limits.out_mb}m,nr_inodes={limits.out_files + 1}",
            "tmp": f"size={limits.tmp_mb}m",
            "shm": f"size={limits.tmp_mb}m",
        }
        for name, size in sizes.items():
            syscalls.mount(None, str(self.path / name), None, syscalls.MS_REMOUNT | WRITABLE_FLAGS, size)

    def _mount_writable(self, name: str, size_mb: int, inodes: int) -> None:
        folder = self.path / name
        folder.mkdir()
        size = f"size={size_mb}m,nr_inodes={inodes},mode=0700,uid={self.owner}"
        syscalls.mount("tmpfs", str(folder), "tmpfs", WRITABLE_FLAGS, size)

    def _write_etc(self) -> None:
        folder = self.path / "etc"
        folder.mkdir(mode=0o755)
        for name, text in ETC.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o644)

    def _bind(self, place: Path, bind: Bind) -> None:
        """Bound here first: bwrap, as the learner's user, might not pass the folders that lead to the source."""
        self._place(place, bind, syscalls.MS_BIND | syscalls.MS_REC)
        if not bind.programs:
            _make_unchangeable(place, syscalls.MS_NOEXEC)
        self.binds.append((str(place), bind.target))

    def _place(self, place: Path, bind: Bind, flags: int) -> None:
        source = Path(bind.source)
        if not source.exists():
            raise SandboxFault(f"{source} does not exist, so it cannot be seen at {bind.target}")
        place.mkdir() if source.is_dir() else place.touch()
        syscalls.mount(str(source), str(place), None, flags)
        self._expect_readable(place, bind)

    def _expect_readable(self, place: Path, bind: Bind) -> None:
        found = place.stat()
        needed = 0o005 if place.is_dir() else 0o004
        if self.owner != os.geteuid() and not stat.S_ISSOCK(found.st_mode) and found.st_mode & needed != needed:
            raise SandboxFault(
                f"{bind.source} can be read by its owner alone, so nobody could read it inside: chmod o+rX it"
            )

    def full(self) -> bool:
        """Whether one of the writable file systems has no room left."""
        left = (os.statvfs(self.path / name) for name in WRITABLE)
        return any(room.f_bfree == 0 or room.f_ffree == 0 for room in left)

    def remove(self) -> None:
        with suppress(OSError):
            syscalls.unmount(str(self.path))
        with suppress(FileNotFoundError):
            self.path.rmdir()


def _make_folder(path: Path) -> None:
    """A folder that every user may pass, whatever our mask is, and the folders that lead to it."""
    if not path.exists():
        _make_folder(path.parent)
        path.mkdir()
        path.chmod(0o755)


def _make_unchangeable(place: Path, wanted: int) -> None:
    """Flags that an outer namespace has locked must be kept, or the kernel refuses the change."""
    locked = os.statvfs(place).f_flag & (syscalls.MS_NOSUID | syscalls.MS_NODEV | os.ST_RDONLY)
    flags = syscalls.MS_REMOUNT | syscalls.MS_BIND | syscalls.MS_NOSUID | syscalls.MS_NODEV
    syscalls.mount(None, str(place), None, flags | locked | wanted)
