"""Starts threads without end. Must: stop at the process limit, which counts threads.

Ends: too many processes
"""

import threading

started = 0
while True:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    started += 1
    if started > 200:
        print("GOT 200 threads")
