"""Writes to every folder until none takes more. Must: find only small, sized file systems.

Ends: disk full | finished | out of memory
Stopped by: sized file systems
"""

total = 0
for folder in ("/work/out", "/tmp", "/dev/shm", "/work", "/", "/dev", "/usr/lib", "/var/tmp", "/jail"):
    for number in range(5000):
        try:
            with open(f"{folder}/fill{number}", "wb", 0) as file:
                while True:
                    total += file.write(bytes(1 << 20))
        except OSError as error:
            if error.errno != 27:
                break
if total > 256 << 20:
    print("GOT", total >> 20, "MB of disk")
