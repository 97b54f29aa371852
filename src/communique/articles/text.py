"""Plain text to Article."""

from __future__ import annotations

import re

import msgspec

from communique.articles.dates import DATE, YEAR, find_date
from communique.articles.decode import normalise
from communique.articles.piece import Given
from communique.model import Article, content_id

#: What ends a sentence: a first line that ends so is no title.
SENTENCE_ENDS = (".", "!", "…", ":", ";", ",")

#: Longest first line that :func:`article_from_text` takes for a title, when no settings say otherwise.
MAX_TITLE_CHARACTERS = 200

#: Lines at the top of a text in which its date may stand: below them stands the article itself.
DATE_LINES = 8
#: A line with the date is no longer than this; a sentence with one mostly is.
DATE_LINE_CHARACTERS = 110
#: What may stand before the date in such a line.
BEFORE_DATE = re.compile(
    r"\A[\W_]*(?:(?:(?:first|last) )?(?:published|posted|updated|modified|issued|filed|released|dated?|sent|created)"
    r"(?: on| at)?\b[\s:,.–—-]*)?\Z|[|·•—–/]\s*\Z|\A[^.]{0,60}[,|]\s*\Z",
    re.IGNORECASE,
)
#: What may stand behind it: nothing, a place, a word count, a further date; but no sentence that goes on.
BEHIND_DATE = re.compile(r"\A\s*(?:\Z|[|·•—–,;()/-])")
#: Agencies as they sign datelines, and what they are called.
AGENCIES = {
    "Reuters": "Reuters", "REUTERS": "Reuters", "AP": "Associated Press", "AFP": "Agence France-Presse",
    "Xinhua": "Xinhua", "UPI": "United Press International", "TASS": "TASS", "Itar-Tass": "ITAR-TASS",
    "ITAR-TASS": "ITAR-TASS", "Interfax": "Interfax", "DPA": "dpa", "dpa": "dpa", "EFE": "EFE", "IRNA": "IRNA",
    "Kyodo": "Kyodo", "KYODO": "Kyodo", "KCNA": "KCNA", "Yonhap": "Yonhap", "ANSA": "ANSA",
    "PTI": "Press Trust of India",
    "ANI": "ANI", "Anadolu": "Anadolu Agency", "AA": "Anadolu Agency", "WAFA": "WAFA", "SANA": "SANA", "SPA": "SPA",
    "Bloomberg": "Bloomberg", "CNN": "CNN", "VOA": "VOA", "RFE/RL": "RFE/RL", "IANS": "IANS", "Antara": "Antara",
}  # fmt: skip
SIGNED = re.compile(r"^[^\n()]{2,60}\(([A-Za-z][\w./ -]{1,20})\)\s*[-—–]", re.MULTILINE)

LEADING_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")


def article_from_text(
    text: str,
    *,
    title: str | None = None,
    published: str | None = None,
    url: str | None = None,
    raw_sha256: str | None = None,
    max_title_characters: int = MAX_TITLE_CHARACTERS,
) -> Article:
    """Return the article that a plain text makes: normalised, with its title where it has one.

    A ``title`` that does not open the text is put before it, as a paragraph of its own. With none given,
    a short first line that an empty line follows is the title.

    >>> article_from_text("Talks end\\n\\nThe talks ended.").title
    'Talks end'
    """
    text = trim(normalise(text))
    if title is None:
        title = find_title(text, max_title_characters)
    else:
        title = " ".join(normalise(title).split()) or None
        text = with_title(text, title)
    return Article(
        id=content_id(text, title, url),
        text=text,
        title=title,
        published=published,
        url=url,
        raw_sha256=raw_sha256,
        reader="text",
    )


def first_lines(text: str, given: Given) -> Given:
    """Return ``given`` with the date and the agency that the top of a plain text tells, where it has none itself.

    A date counts in a line of its own, after a label, or in a dateline; not in a sentence or a headline.

    >>> first_lines("Talks end\\n22 March 2023, 10:05 GMT\\n\\nKLOW (Reuters) - The talks ended.", Given()).published
    '2023-03-22T10:05:00+00:00'
    """
    top = [line.strip() for line in normalise(text[:TOP_CHARACTERS]).split("\n") if line.strip()][:DATE_LINES]
    if given.publisher is None and (signed := SIGNED.search("\n".join(top))) is not None:
        given = msgspec.structs.replace(given, publisher=AGENCIES.get(signed[1]))
    if given.published is None:
        for line in top:
            if (found := line_date(line)) is not None:
                return msgspec.structs.replace(given, published=found, published_from="first lines")
    return given


#: Characters that the first lines are looked for in.
TOP_CHARACTERS = 4_000


def line_date(line: str) -> str | None:
    """Return the date of a line that is there to tell it."""
    if YEAR.search(line) is None:  # much faster than to look for a date, and most lines have none
        return None
    match = DATE.search(line[:DATE_LINE_CHARACTERS])
    if match is None or not BEFORE_DATE.search(line[: match.start()]):
        return None
    rest = line[match.end() :]
    if len(rest) > DATE_LINE_CHARACTERS and not re.match(r"\s*(?:\([\w ./-]+\)\s*)?[-—–]", rest):
        return None
    return find_date(line[: match.end()]) if BEHIND_DATE.match(rest) else None


def find_title(text: str, longest: int) -> str | None:
    """Return the first line of ``text`` when it looks like a title: short, no sentence, set apart."""
    first, _, rest = text.partition("\n")
    first = first.strip()
    second, _, body = rest.partition("\n")
    set_apart = not second.strip() and bool(body.strip())
    is_title = set_apart and 0 < len(first) <= longest and not first.endswith(SENTENCE_ENDS)
    return first if is_title else None


def with_title(text: str, title: str | None) -> str:
    """Return ``text`` with ``title`` as its first paragraph, unless it opens so already.

    >>> with_title("The talks ended.", "Talks end")
    'Talks end\\n\\nThe talks ended.'
    """
    first_line = " ".join(text.partition("\n")[0].split())
    if not title or first_line.casefold() == title.casefold():
        return text
    return f"{title}\n\n{text}" if text else title


def trim(text: str) -> str:
    """Return ``text`` without the empty lines around it; the first line's indent stays."""
    return LEADING_BLANK_LINES.sub("", text).rstrip()
