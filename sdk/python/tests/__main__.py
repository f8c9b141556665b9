"""Runs every test: `python3 -m tests`."""

import sys
import unittest

runner = unittest.TextTestRunner(stream=sys.stdout)
unittest.main(module=None, argv=["tests", "discover", "-t", ".", "-s", "tests"], testRunner=runner)
