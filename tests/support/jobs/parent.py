"""An import that leaves a process behind."""

import os
import time

child = os.fork()
if not child:
    time.sleep(600)
    os._exit(0)
VALUE = child
