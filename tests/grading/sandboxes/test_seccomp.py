"""The filter's own program, run here instruction by instruction for both machines."""

import struct

import pytest

from grading.sandboxes import seccomp
from grading.sandboxes.seccomp import AARCH64, ALLOW, AUDIT, ERRNO, KILL, X86_64, build_filter

EPERM, ENOSYS, EAFNOSUPPORT = ERRNO | 1, ERRNO | 38, ERRNO | 97


def decide(program, machine, number, *arguments):
    data = struct.pack("<IIQ6Q", number, AUDIT[machine], 0, *arguments, *[0] * (6 - len(arguments)))
    loaded, here = 0, 0
    while True:
        code, then, otherwise, value = struct.unpack_from("<HBBI", program, here * 8)
        here += 1
        if code == seccomp.LOAD:
            (loaded,) = struct.unpack_from("<I", data, value)
        elif code == seccomp.RETURN:
            return value
        else:
            holds = {
                seccomp.JUMP_EQUAL: loaded == value,
                seccomp.JUMP_GREATER: loaded > value,
                seccomp.JUMP_GREATER_OR_EQUAL: loaded >= value,
                seccomp.JUMP_ANY_BIT: bool(loaded & value),
            }
            here += then if holds[code] else otherwise


@pytest.fixture(params=[X86_64, AARCH64])
def machine(request):
    return request.param


@pytest.fixture
def asked(machine):
    program = build_filter(count_memory=True, machine=machine)

    def ask(pair, *arguments):
        return decide(program, machine, pair[machine == AARCH64], *arguments)

    return ask


def test_everyday_calls_are_allowed(asked):
    for pair in {
        "read": (0, 63),
        "openat": (257, 56),
        "execve": (59, 221),
        "mmap": (9, 222),
        "futex": (202, 98),
    }.values():
        assert asked(pair) == ALLOW


def test_every_forbidden_call_is_refused(asked, machine):
    for name, pair in seccomp.FORBIDDEN.items():
        if pair[machine == AARCH64] is not None:
            assert asked(pair) == EPERM, name


def test_calls_that_carry_their_meaning_elsewhere_seem_absent(asked):
    for name, pair in seccomp.ABSENT.items():
        assert asked(pair) == ENOSYS, name


def test_calls_of_future_kernels_seem_absent(asked):
    assert asked((463, 463)) == asked((999, 999)) == asked((350, 350)) == ENOSYS


def test_shared_memory_is_refused_only_where_nobody_counts_it(machine):
    counted, uncounted = (build_filter(count_memory=count, machine=machine) for count in (True, False))
    for pair in seccomp.UNCOUNTED_MEMORY.values():
        number = pair[machine == AARCH64]
        assert decide(counted, machine, number) == ALLOW
        assert decide(uncounted, machine, number) == EPERM


def test_a_new_process_is_allowed_but_not_in_a_new_namespace(asked):
    thread, fork = 0x3D0F00, 0x1200011
    assert asked(seccomp.CLONE, thread) == asked(seccomp.CLONE, fork) == ALLOW
    for bit in range(64):
        if seccomp.NEW_NAMESPACES >> bit & 1:
            assert asked(seccomp.CLONE, fork | 1 << bit) == EPERM


@pytest.mark.parametrize("family", [1, 2, 10])
def test_plain_sockets_are_allowed(asked, family):
    assert asked(seccomp.SOCKET, family, 1, 0) == ALLOW


@pytest.mark.parametrize("family", [0, 17, 31, 38, 40, 44, 45])
def test_odd_sockets_are_refused(asked, family):
    assert asked(seccomp.SOCKET, family, 1, 0) == asked(seccomp.SOCKETPAIR, family) == EAFNOSUPPORT


def test_of_netlink_only_routes_are_allowed(asked):
    assert asked(seccomp.SOCKET, 16, 3, 0) == ALLOW
    assert asked(seccomp.SOCKET, 16, 3, 9) == EAFNOSUPPORT


def test_nobody_types_into_our_terminal(asked):
    assert asked(seccomp.IOCTL, 0, 0x5412) == asked(seccomp.IOCTL, 0, 0x541C) == EPERM
    assert asked(seccomp.IOCTL, 0, 0x5401) == ALLOW


def test_numbers_of_another_machine_kill(machine):
    program = build_filter(count_memory=True, machine=machine)
    assert decide(program, AARCH64 if machine == X86_64 else X86_64, 0) == KILL


def test_the_thirty_two_bit_door_is_shut():
    program = build_filter(count_memory=True, machine=X86_64)
    assert decide(program, X86_64, 0x40000000 | 101) == ENOSYS


def test_a_machine_without_a_filter_is_refused():
    with pytest.raises(ValueError, match="riscv64"):
        build_filter(count_memory=True, machine="riscv64")
