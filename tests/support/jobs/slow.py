"""An import that takes a while."""

import time

time.sleep(0.3)
VALUE = "slow"
