"""The language of an article: English told by its function words, others by py3langid."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

#: Function words that stand in English texts and in hardly any other.
ENGLISH_WORDS = frozenset(
    """the and of to that was with said which were from have has had been would this they their will not by
    for are its who on""".split()
)
#: Share of all words from which a text is English without further ado. Of 937 English texts (PolNeAR's above all)
#: two have less, 0.08 and 0.09, which py3langid then knows; Dutch had the most of 23 other languages, 0.04.
ENGLISH_SHARE = 0.12
#: Words below which shares say nothing, and that are looked at: the first of an article settle it.
FEWEST_WORDS, MOST_WORDS = 12, 400
#: Characters that are looked at for the same reason.
LOOKED_AT = 4_000
#: How sure py3langid must be of another language: names of places and persons make short English texts look foreign.
SURE, SURE_OF_SHORT = 0.5, 0.9
#: Letters of other scripts (Cyrillic, Han, Arabic, ...) among all, above which a text is not English, however short.
OTHER_SCRIPT = 0.5

WORD = re.compile(r"[^\W\d_]+")
LATIN_END = "\u0250"


def find_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language that ``text`` is in, or None where it is too short to say.

    >>> find_language("The talks that were held in Klow ended with a statement by the ministers of both states.")
    'en'
    >>> find_language("Переговоры в Женеве завершились в понедельник без совместного заявления.")
    'ru'
    """
    looked_at = text[:LOOKED_AT]
    words = WORD.findall(looked_at)[:MOST_WORDS]
    english = sum(word.lower() in ENGLISH_WORDS for word in words)
    if len(words) >= FEWEST_WORDS and english >= ENGLISH_SHARE * len(words):
        return "en"
    letters = [character for word in words for character in word]
    if not letters:
        return None
    foreign = sum(letter >= LATIN_END for letter in letters) / len(letters) > OTHER_SCRIPT
    code, share = _identifier().classify(looked_at)
    if code == "en":
        return None if foreign else "en"
    sure = SURE if foreign or len(words) >= FEWEST_WORDS else SURE_OF_SHORT
    if share >= sure and code not in ("zxx", "und"):
        return str(code)
    return "und" if foreign else None


@cache
def _identifier() -> Any:
    """The model of 139 languages; loading takes half a second, so texts that are plainly English do without."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def name_of(code: str) -> str:
    """Return what a person calls a language, or its code.

    >>> name_of("fr"), name_of("xx")
    ('French', '"xx"')
    """
    return NAMES.get(code, "an unknown language" if code == "und" else f'"{code}"')


NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "ms": "Malay", "nl": "Dutch", "no": "Norwegian", "nb": "Norwegian", "pl": "Polish", "ps": "Pashto",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sr": "Serbian", "sv": "Swedish",
    "sw": "Swahili", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
