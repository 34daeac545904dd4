"""Makes empty files in every folder until none takes more. Must: find few inodes.

Ends: finished | disk full | out of CPU time | out of memory
Stopped by: file systems with an inode limit
"""

made = 0
for folder in ("/work/out", "/tmp", "/dev/shm", "/work", "/dev"):
    try:
        for number in range(100_000):
            open(f"{folder}/f{number}", "w").close()
            made += 1
    except OSError:
        pass
if made > 45_000:
    print("GOT", made, "inodes")
