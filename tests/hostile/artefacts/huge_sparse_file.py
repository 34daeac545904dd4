"""Claims 1 TB with a sparse file. Must: be stopped at the file limit, or refused by its size.

Ends: finished | disk full
Stopped by: file size limit, collection by size
"""

import os

opened = os.open("/work/out/rows.csv", os.O_WRONLY | os.O_CREAT)
for size in (1 << 40, 10 << 30):
    try:
        os.ftruncate(opened, size)
        print("GOT a file of", size)
    except OSError:
        pass
os.ftruncate(opened, 15 << 20)
