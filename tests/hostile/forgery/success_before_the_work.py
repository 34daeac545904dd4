"""Ends with success at once and leaves a child to write the artefact later. Must: be judged on what was there.

Against: ingest
Ends: failed
Says: is missing
Stopped by: the tree is dead before bytes are taken
"""

import os
import time

from pipeline import honest_ingest

if os.fork() == 0:
    os.setsid()
    time.sleep(2)
    honest_ingest.main()
os._exit(0)
