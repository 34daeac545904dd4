"""The system calls a jailed process may not make, as a classic BPF program; refuses to know who loads it.

Known calls that lead out of the jail, or to memory that nobody counts, answer EPERM. A number that we do not know
answers ENOSYS, so a new kernel opens no new door.
"""

import platform
import struct
from dataclasses import dataclass, field

LOAD, JUMP_EQUAL, JUMP_GREATER_OR_EQUAL, JUMP_GREATER, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x25, 0x45, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97

# Offsets into struct seccomp_data; the low half of each 64-bit argument comes first on both machines.
NUMBER, MACHINE, FIRST, SECOND, THIRD = 0, 4, 16, 24, 32

X86_64, AARCH64 = "x86_64", "aarch64"
AUDIT = {X86_64: 0xC000003E, AARCH64: 0xC00000B7}
LAST_OLD = {X86_64: 334, AARCH64: 294}
FIRST_NEW, LAST_NEW = 424, 462
X32 = 0x40000000

# name: (x86_64, aarch64); None where the machine never had it.
Numbers = dict[str, tuple[int, int | None]]

FORBIDDEN: Numbers = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    "_sysctl": (156, None),
    "vhangup": (153, 58),
    "syslog": (103, 116),
    "personality": (135, 92),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "memfd_secret": (447, 447),
    "vmsplice": (278, 75),
    "mknod": (133, None),
    "mknodat": (259, 33),
}

# Memory that no per-process counter sees: forbidden where no memory cgroup counts it.
UNCOUNTED_MEMORY: Numbers = {
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
}

# Answered as if the kernel were older: libraries then fall back to calls that we can judge.
ABSENT: Numbers = {
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "clone3": (435, 435),
}

CLONE, SOCKET, SOCKETPAIR, IOCTL = (56, 220), (41, 198), (53, 199), (16, 29)
NEW_NAMESPACES = 0x7E020000
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, NETLINK_ROUTE = 1, 2, 10, 16, 0
TIOCSTI, TIOCLINUX = 0x5412, 0x541C


@dataclass(slots=True)
class Program:
    """Instructions with jumps by label, made into numbers at the end."""

    lines: list[tuple[int, int | str, int | str, int]] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)

    def add(self, code: int, value: int, then: int | str = 0, otherwise: int | str = 0) -> None:
        self.lines.append((code, then, otherwise, value))

    def label(self, name: str) -> None:
        self.labels[name] = len(self.lines)

    def answer(self, name: str, value: int) -> None:
        self.label(name)
        self.add(RETURN, value)

    def assemble(self) -> bytes:
        packed = (
            struct.pack("<HBBI", code, self._distance(here, then), self._distance(here, otherwise), value)
            for here, (code, then, otherwise, value) in enumerate(self.lines)
        )
        return b"".join(packed)

    def _distance(self, here: int, target: int | str) -> int:
        jump = self.labels[target] - here - 1 if isinstance(target, str) else target
        if not 0 <= jump < 256:
            raise ValueError(f"a jump of {jump} from instruction {here} does not fit")
        return jump


def build_filter(*, count_memory: bool, machine: str | None = None) -> bytes:
    """The program for this machine; `count_memory` says that a cgroup counts shared memory too."""
    machine = machine or platform.machine()
    if machine not in AUDIT:
        raise ValueError(f"no system call filter is written for a machine of kind {machine}")
    program = Program()
    _refuse_foreign_numbers(program, machine)
    _refuse_by_name(program, ABSENT, machine, "absent")
    _refuse_by_name(program, FORBIDDEN, machine, "forbidden")
    if not count_memory:
        _refuse_by_name(program, UNCOUNTED_MEMORY, machine, "forbidden")
    _look_into_arguments(program, machine)
    return program.assemble()


def _refuse_foreign_numbers(program: Program, machine: str) -> None:
    program.add(LOAD, MACHINE)
    program.add(JUMP_EQUAL, AUDIT[machine], 0, "kill")
    program.add(LOAD, NUMBER)
    if machine == X86_64:
        program.add(JUMP_GREATER_OR_EQUAL, X32, "absent", 0)
    program.add(JUMP_GREATER, LAST_NEW, "absent", 0)
    program.add(JUMP_GREATER_OR_EQUAL, FIRST_NEW, "known", 0)
    program.add(JUMP_GREATER, LAST_OLD[machine], "absent", 0)
    program.label("known")


def _refuse_by_name(program: Program, calls: Numbers, machine: str, label: str) -> None:
    for pair in calls.values():
        number = pair[0] if machine == X86_64 else pair[1]
        if number is not None:
            program.add(JUMP_EQUAL, number, label, 0)


def _look_into_arguments(program: Program, machine: str) -> None:
    which = 0 if machine == X86_64 else 1
    for call, label in ((CLONE, "clone"), (SOCKET, "socket"), (SOCKETPAIR, "pair"), (IOCTL, "ioctl")):
        program.add(JUMP_EQUAL, call[which], label, 0)
    program.answer("allow", ALLOW)
    program.answer("absent", ERRNO | ENOSYS)
    program.answer("forbidden", ERRNO | EPERM)
    program.answer("kill", KILL)
    _judge_clone(program)
    _judge_socket(program)
    _judge_ioctl(program)


def _judge_clone(program: Program) -> None:
    program.label("clone")
    program.add(LOAD, FIRST)
    program.add(JUMP_ANY_BIT, NEW_NAMESPACES, 0, "clone allowed")
    program.add(RETURN, ERRNO | EPERM)
    program.answer("clone allowed", ALLOW)


def _judge_socket(program: Program) -> None:
    """Network namespaces do not hold back AF_VSOCK and others: only the plain families are let through."""
    program.label("socket")
    program.add(LOAD, FIRST)
    for family in (AF_UNIX, AF_INET, AF_INET6):
        program.add(JUMP_EQUAL, family, "family allowed", 0)
    program.add(JUMP_EQUAL, AF_NETLINK, 0, "family refused")
    program.add(LOAD, THIRD)
    program.add(JUMP_EQUAL, NETLINK_ROUTE, "family allowed", "family refused")
    program.label("pair")
    program.add(LOAD, FIRST)
    program.add(JUMP_EQUAL, AF_UNIX, "family allowed", "family refused")
    program.answer("family allowed", ALLOW)
    program.answer("family refused", ERRNO | EAFNOSUPPORT)


def _judge_ioctl(program: Program) -> None:
    program.label("ioctl")
    program.add(LOAD, SECOND)
    program.add(JUMP_EQUAL, TIOCSTI, "typing refused", 0)
    program.add(JUMP_EQUAL, TIOCLINUX, "typing refused", 0)
    program.add(RETURN, ALLOW)
    program.answer("typing refused", ERRNO | EPERM)
