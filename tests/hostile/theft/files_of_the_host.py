"""Opens the secrets whose paths it was told. Must: find none of them.

Ends: finished
Stopped by: mount namespace
"""

import os

for path in (
    os.environ["HOSTS_FILE"],
    "/etc/shadow",
    "/root/.ssh/id_rsa",
    "/root/.bash_history",
    "/proc/kcore",
    "/dev/mem",
    "/dev/sda",
    "/dev/vda",
    "/var/lib/dpkg/status",
    "/run/secrets",
):
    for reach in (path, f"/proc/1/root{path}", f"/proc/self/root{path}", f"/work/tree/../..{path}"):
        try:
            data = open(reach, "rb").read(100)
        except OSError:
            continue
        if data:
            print("GOT", reach, data[:20])
