"""An import that starts as many processes as it can."""

import os
import time

for _ in range(100):
    try:
        child = os.fork()
    except OSError:
        break
    if not child:
        time.sleep(600)
        os._exit(0)
time.sleep(30)
