"""Burns CPU in children that each stay below any limit of one process. Must: be counted as a whole.

Ends: out of CPU time | timed out
Stopped by: CPU time of the control group
"""

import os
import time

while True:
    if os.fork() == 0:
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
        os._exit(0)
    os.wait()
