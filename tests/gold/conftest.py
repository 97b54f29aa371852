"""Puts the scorer, which lies beside the tests, where they can import it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
