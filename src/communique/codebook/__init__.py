"""PLOVER as data: types, modes, scores, quad classes, contexts, and the crosswalk to CAMEO.

>>> score("REQUEST", ("yield",)), quad("REQUEST"), cameo("REQUEST", ("yield",))
(-1.0, 'verbal conflict', '105')
>>> goldstein("0256")
-0.3
"""

from communique.codebook.plover import (
    CodebookError,
    EventType,
    Mode,
    cameo,
    contexts,
    event_type,
    goldstein,
    modes,
    quad,
    requires_recipient,
    score,
    types,
)

#: Sectors of a state's own organs.
STATE_ORGANS = frozenset(["GOV", "MIL", "LEG", "JUD", "COP", "SPY"])

__all__ = [
    "STATE_ORGANS",
    "CodebookError",
    "EventType",
    "Mode",
    "cameo",
    "contexts",
    "event_type",
    "goldstein",
    "modes",
    "quad",
    "requires_recipient",
    "score",
    "types",
]
