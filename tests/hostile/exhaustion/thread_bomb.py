"""Starts threads without end. Must: stop at the process limit, which counts threads.

Ends: too many processes
Stopped by: process limit of the control group
"""

import threading

started = 0
while True:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    started += 1
    if started > 200:
        print("GOT 200 threads")
