"""One sentence with two marked spans: the question put to the relation model."""

from __future__ import annotations

import msgspec

from communique.model import Span


class Marked(msgspec.Struct, frozen=True):
    """A sentence with the span of an actor and the span of a recipient, offsets into ``text``."""

    text: str
    actor: Span
    recipient: Span
