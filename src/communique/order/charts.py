"""Pictures of the order: shapes first, then SVG by hand, HTML around it, or PNG where matplotlib is installed.

Made for a journal's page: 170 mm wide, letters of 8 points and more, colours of Okabe and Ito's palette, which people
with any form of colour blindness can tell apart; what a colour says, a sign or a place says too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape
from itertools import pairwise
from typing import Any, Literal

import msgspec
import numpy as np

from communique.errors import ConfigError
from communique.order.alignment import Ties
from communique.order.tables import Array

#: Pixels at 96 to the inch: 170 mm.
WIDTH = 642.0
LETTERS, SMALL, TITLE = 12.0, 11.0, 14.0
INK, FAINT, PAPER = "#1a1a1a", "#b8b8b8", "#ffffff"
BLUE, ORANGE, GREEN, PINK = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
SKY, AMBER, YELLOW, GREY = "#56b4e9", "#e69f00", "#f0e442", "#7f7f7f"
PALETTE = (BLUE, ORANGE, GREEN, AMBER, PINK, SKY, GREY, YELLOW)
LEFT, RIGHT, TOP = 52.0, 16.0, 36.0
PNG_DPI, POINTS_PER_PIXEL, PIXELS_PER_INCH = 300, 0.75, 96.0
#: Share of a letter's height that a letter is wide, on average.
LETTER_WIDTH = 0.55
#: Largest events of a chart of two states that are told in words.
TOLD = 5
#: States named in a map, and in a matrix; more would be too small to read at journal width.
NAMED, IN_MATRIX = 45, 40
#: Share of full colour from which on letters are white.
DARK = 0.5
#: Radius of a numbered disc; share of a period that its bar fills; times its length from which on the next one is apart
#: (months and years differ in length).
MARK, BAR, GAPPED = 8.0, 0.8, 1.5
#: Room that a name in a map needs: width of a letter and height, in pixels.
LABEL = (7.0, 13.0)
SUFFIXES = (".svg", ".html", ".png")


class Line(msgspec.Struct, frozen=True):
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    colour: str = INK
    width: float = 1.5
    dash: bool = False


class Area(msgspec.Struct, frozen=True):
    """A filled shape."""

    points: tuple[tuple[float, float], ...]
    colour: str
    opacity: float = 1.0


class Text(msgspec.Struct, frozen=True):
    """A text; ``anchor`` says which of its points stands at x."""

    x: float
    y: float
    text: str
    size: float = LETTERS
    anchor: Literal["start", "middle", "end"] = "start"
    colour: str = INK


class Dot(msgspec.Struct, frozen=True):
    """A disc."""

    x: float
    y: float
    radius: float
    colour: str = INK


Shape = Line | Area | Text | Dot


class Picture(msgspec.Struct, frozen=True):
    """Shapes on paper, the later over the earlier; ``title`` also tells what they show to those who can't see them."""

    title: str
    width: float
    height: float
    shapes: tuple[Shape, ...]


def svg(picture: Picture) -> str:
    """Return a picture as SVG.

    >>> svg(Picture("Nothing", 10, 10, ()))[:4]
    '<svg'
    """
    body = "\n".join(_svg(shape) for shape in picture.shapes)
    size = f'width="{picture.width:g}" height="{picture.height:g}" viewBox="0 0 {picture.width:g} {picture.height:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="Helvetica, Arial, sans-serif">\n'
        f"<title>{escape(picture.title)}</title>\n"
        f'<rect width="100%" height="100%" fill="{PAPER}"/>\n{body}\n</svg>\n'
    )


def _svg(shape: Shape) -> str:
    if isinstance(shape, Text):
        return (f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size:g}" text-anchor="{shape.anchor}" '
                f'fill="{shape.colour}">{escape(shape.text)}</text>')  # fmt: skip
    if isinstance(shape, Dot):
        return f'<circle cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{shape.radius:.1f}" fill="{shape.colour}"/>'
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
    if isinstance(shape, Area):
        return f'<polygon points="{points}" fill="{shape.colour}" fill-opacity="{shape.opacity:g}"/>'
    dash = ' stroke-dasharray="4 3"' if shape.dash else ""
    return f'<polyline points="{points}" fill="none" stroke="{shape.colour}" stroke-width="{shape.width:g}"{dash}/>'


def page(picture: Picture) -> str:
    """Return a picture as an HTML page that needs nothing else."""
    title = escape(picture.title)
    return f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n{svg(picture)}</html>\n'


def png(picture: Picture) -> bytes:
    """Return a picture as PNG, 300 dots to the inch.

    Raises ``ConfigError`` where matplotlib is not installed.
    """
    import io

    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise ConfigError("a PNG needs matplotlib: pip install 'communique[plot]', or write an .svg") from None
    figure = Figure(figsize=(picture.width / PIXELS_PER_INCH, picture.height / PIXELS_PER_INCH), facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, picture.width)
    axes.set_ylim(picture.height, 0)
    axes.axis("off")
    for order, shape in enumerate(picture.shapes):
        _draw(axes, shape, order)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=PNG_DPI)
    return stream.getvalue()


def _draw(axes: Any, shape: Shape, order: int) -> None:
    from matplotlib.patches import Circle, Polygon

    if isinstance(shape, Text):
        align = {"start": "left", "middle": "center", "end": "right"}[shape.anchor]
        literal = shape.text.replace("$", r"\$")
        axes.text(shape.x, shape.y, literal, fontsize=shape.size * POINTS_PER_PIXEL, ha=align, va="baseline",
                  color=shape.colour, zorder=order)  # fmt: skip
    elif isinstance(shape, Dot):
        axes.add_patch(Circle((shape.x, shape.y), shape.radius, color=shape.colour, lw=0, zorder=order))
    elif isinstance(shape, Area):
        axes.add_patch(Polygon(shape.points, color=shape.colour, alpha=shape.opacity, lw=0, zorder=order))
    else:
        xs, ys = zip(*shape.points, strict=True) if shape.points else ((), ())
        axes.plot(xs, ys, color=shape.colour, lw=shape.width * POINTS_PER_PIXEL, zorder=order,
                  linestyle="--" if shape.dash else "-")  # fmt: skip


def save(picture: Picture, path: str) -> None:
    """Write a picture to a file whose suffix says the format: .svg, .html or .png.

    Raises ``ConfigError`` where the suffix is another, or the file can't be written.
    """
    from pathlib import Path

    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise ConfigError(f"{path}: a picture is written as {', '.join(SUFFIXES)}")
    made = {".svg": svg, ".html": page}.get(suffix)
    content = made(picture).encode() if made else png(picture)
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or 'can not be written'}") from error


def rectangle(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1.0) -> Area:
    """Return a filled rectangle."""
    return Area(((x, y), (x + width, y), (x + width, y + height), (x, y + height)), colour, opacity)


class _Frame(msgspec.Struct, frozen=True):
    """A plane of time and values on the paper."""

    first: float
    last: float
    low: float
    high: float
    top: float
    bottom: float

    def x(self, day: date) -> float:
        width = max(self.last - self.first, 1.0)
        return LEFT + (day.toordinal() - self.first) / width * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) / max(self.high - self.low, 1e-9) * (self.bottom - self.top)


def _frame(days: Sequence[date], values: Sequence[float], top: float, bottom: float, *, zero: bool = True) -> _Frame:
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    low, high = (min(low, 0.0), max(high, 0.0)) if zero else (low, high)
    room = max(high - low, 1e-9) * 0.05  # a twentieth, so that no line lies on the edge
    ordinals = [day.toordinal() for day in days] or [0]
    return _Frame(min(ordinals), max(ordinals), low - room, high + room, top, bottom)


def _axes(frame: _Frame, label: str) -> list[Shape]:
    """Ticks and their values, the zero line, the years."""
    shapes: list[Shape] = []
    for value in _ticks(frame.low, frame.high):
        y = frame.y(value)
        shapes.append(Line(((LEFT, y), (WIDTH - RIGHT, y)), INK if value == 0 else FAINT, 1.0 if value == 0 else 0.5))
        shapes.append(Text(LEFT - 6, y + 4, f"{value:g}", SMALL, "end"))
    first, last = date.fromordinal(max(int(frame.first), 1)), date.fromordinal(max(int(frame.last), 1))
    years = range(first.year + (first.timetuple().tm_yday > 1), last.year + 1)
    step = max(1, -(-len(years) // 12))  # at most a dozen
    for year in years[::step]:
        x = frame.x(date(year, 1, 1))
        shapes += [
            Line(((x, frame.bottom), (x, frame.bottom + 4)), INK, 0.75),
            Text(x, frame.bottom + 17, str(year), SMALL, "middle"),
        ]
    shapes.append(Text(LEFT - 40, frame.top - 8, label, SMALL))
    return shapes


def _ticks(low: float, high: float) -> list[float]:
    """Round values within a span, about five of them."""
    if not high > low:
        return [low]
    raw = (high - low) / 5
    power = 10.0 ** np.floor(np.log10(raw))
    step = float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw))
    first = int(np.ceil(low / step))
    return [round(index * step, 10) + 0.0 for index in range(first, int(np.floor(high / step)) + 1)]


def dyad_chart(
    title: str,
    rows: Sequence[Mapping[str, Any]],
    largest: Sequence[tuple[date, float, str]],
    changes: Sequence[date] = (),
) -> Picture:
    """Return a chart of two states: mean score by period with its interval, change points, the count of events below.

    ``rows`` have period, mean, events and, where known, low and high; ``largest`` are the events to mark, with their
    headlines. Periods without events break the line.
    """
    days = [row["period"] for row in rows]
    width = min((later - day for day, later in pairwise(days)), default=timedelta(days=1))
    ends = [*days, *(day + width for day in days[-1:]), *(event[0] for event in largest)]
    told = sorted(sorted(largest, key=lambda event: -abs(event[1]))[:TOLD])
    known = [value for row in rows for value in (row["mean"], row.get("low"), row.get("high")) if value is not None]
    frame = _frame(ends, [*known, *(event[1] for event in told)], TOP + 22, TOP + 222)
    shapes = [Text(12, 22, title, TITLE), *_axes(frame, "mean score"), *_course(frame, rows, width)]
    for day in changes:
        x = frame.x(day)
        shapes.append(Line(((x, frame.top), (x, frame.bottom)), INK, 1.0, dash=True))
        shapes.append(Text(x + 3, frame.top + 10, f"{day:%Y-%m}", SMALL))
    shapes += _marks(frame, told)
    most = max((row["events"] for row in rows), default=0)
    counts = _frame(ends, [float(row["events"]) for row in rows], frame.bottom + 44, frame.bottom + 94)
    for row in rows:
        x, y = counts.x(row["period"]), counts.y(row["events"])
        broad = max((counts.x(row["period"] + width) - x) * BAR, 1.0)
        shapes.append(rectangle(x, y, broad, counts.y(0) - y, GREY))
    shapes.append(Text(LEFT - 40, counts.top - 4, f"events (most: {most})", SMALL))
    y = counts.bottom + 24
    for number, (day, score, text) in enumerate(told, 1):
        shapes += [*_mark(20, y - 4, number), Text(34, y, _fit(f"{day}  {score:+.1f}  {text}", WIDTH - 50), SMALL)]
        y += 18
    return Picture(title, WIDTH, y + 4, tuple(shapes))


def _course(frame: _Frame, rows: Sequence[Mapping[str, Any]], width: timedelta) -> list[Shape]:
    """The line of means, at the middle of each period, dashed over gaps; and the intervals."""
    shapes: list[Shape] = []
    at = [(frame.x(row["period"] + width / 2), frame.y(row["mean"])) for row in rows]
    for row, (x, _) in zip(rows, at, strict=True):
        if row.get("low") is not None and row.get("high") is not None:
            shapes.append(Line(((x, frame.y(row["low"])), (x, frame.y(row["high"]))), SKY, 3.0))
    for (here, then), (row, after) in zip(pairwise(at), pairwise(rows), strict=True):
        gap = after["period"] - row["period"] > width * GAPPED
        shapes.append(Line((here, then), FAINT if gap else BLUE, 1.0 if gap else 1.75, dash=gap))
    return [*shapes, *(Dot(x, y, 2.5, BLUE) for x, y in at)]


def _marks(frame: _Frame, told: Sequence[tuple[date, float, str]]) -> list[Shape]:
    """Numbered discs at events, moved up where they would lie on each other."""
    placed: list[tuple[float, float]] = []
    shapes: list[Shape] = []
    for number, (day, score, _) in enumerate(told, 1):
        x, y = frame.x(day), frame.y(score)
        step = -2 * MARK if score < 0 else 2 * MARK
        while any(abs(x - other) < 2 * MARK and abs(y - height) < 2 * MARK for other, height in placed):
            y += step
        placed.append((x, y))
        shapes += _mark(x, y, number)
    return shapes


def _mark(x: float, y: float, number: int) -> list[Shape]:
    return [Dot(x, y, MARK, ORANGE), Text(x, y + 4, str(number), SMALL, "middle", PAPER)]


def _fit(text: str, width: float) -> str:
    most = int(width / (SMALL * LETTER_WIDTH))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def bar_chart(title: str, bars: Sequence[tuple[str, float, str]], *, label: str) -> Picture:
    """Return bars with their names, lengths and remarks, one below the other."""
    row, left = 18.0, 84.0
    longest = max((value for _, value, _ in bars), default=0.0) or 1.0
    room = WIDTH - left - 190
    shapes: list[Shape] = [Text(12, 22, title, TITLE), Text(left, TOP + 6, label, SMALL)]
    y = TOP + 14
    for name, value, remark in bars:
        shapes += [Text(left - 6, y + 12, name, LETTERS, "end"),
                   rectangle(left, y + 2, value / longest * room, row - 5, ORANGE),
                   Text(left + value / longest * room + 5, y + 12, f"{value:.2f}  {remark}", SMALL)]  # fmt: skip
        y += row
    return Picture(title, WIDTH, y + 12, tuple(shapes))


def lines_chart(title: str, days: Sequence[date], series: Mapping[str, Sequence[float | None]]) -> Picture:
    """Return a plane below the other for each named series over the same days."""
    shapes: list[Shape] = [Text(12, 22, title, TITLE)]
    top = TOP + 20
    for number, (name, values) in enumerate(series.items()):
        known = [(day, value) for day, value in zip(days, values, strict=True) if value is not None]
        frame = _frame(days, [value for _, value in known], top, top + 100)
        colour = PALETTE[number % len(PALETTE)]
        points = tuple((frame.x(day), frame.y(value)) for day, value in known)
        shapes += [*_axes(frame, name), Line(points, colour, 2.0), *(Dot(x, y, 2.5, colour) for x, y in points)]
        top += 155
    return Picture(title, WIDTH, top - 10, tuple(shapes))


def map_chart(
    title: str, names: Sequence[str], places: Array, weights: Array, groups: Sequence[int], friendly: Array
) -> Picture:
    """Return states at their places: near ones aligned, discs as large as their weight, coloured and numbered by bloc.

    The strongest friendly ties are drawn as lines, the strongest hostile ones as dashes.
    """
    height = 560.0
    low, high = places.min(0, initial=0.0), places.max(0, initial=0.0)
    span = np.maximum(high - low, 1e-9)
    at = (places - low) / span * np.array([WIDTH - 100, height - 130]) + np.array([50.0, 60.0])
    shapes: list[Shape] = [Text(12, 22, title, TITLE)]
    first, second = np.triu_indices(len(names), 1)
    order = np.argsort(-np.abs(friendly[first, second]), kind="stable")[: len(names)]
    for i, j in zip(first[order].tolist(), second[order].tolist(), strict=True):
        value = float(friendly[i, j])
        if value:
            ends = ((float(at[i, 0]), float(at[i, 1])), (float(at[j, 0]), float(at[j, 1])))
            shapes.append(Line(ends, FAINT if value > 0 else ORANGE, 0.75, dash=value < 0))
    largest = float(weights.max(initial=0.0)) or 1.0
    radii = 3.0 + 11.0 * np.sqrt(weights / largest)
    for index in range(len(names)):
        colour = PALETTE[groups[index] % len(PALETTE)]
        shapes.append(Dot(float(at[index, 0]), float(at[index, 1]), float(radii[index]), colour))
    taken: list[tuple[float, float]] = []
    for index in np.argsort(-weights, kind="stable").tolist():
        text = f"{names[index]} {groups[index] + 1}"
        x, y = _free(float(at[index, 0]), float(at[index, 1]), float(radii[index]), len(text) * LABEL[0], taken)
        shapes.append(Text(x, y, text, SMALL, "middle"))
    shapes.append(
        Text(12, height - 12, "the number is the bloc; a grey line is friendly, an orange dashed one hostile", SMALL)
    )
    return Picture(title, WIDTH, height, tuple(shapes))


def _free(x: float, y: float, radius: float, width: float, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """The first place for a name about a disc that no name has yet: above, below, right, left, further above."""
    side, high = radius + width / 2 + 2, LABEL[1]
    offered = [(x, y - radius - 2), (x, y + radius + high - 2), (x + side, y + 4), (x - side, y + 4)]
    offered += [(x, y - radius - 2 - high * step) for step in (1, 2, 3)]
    free = (
        (left, top)
        for left, top in offered
        if all(abs(left - other) >= width or abs(top - height) >= high for other, height in taken)
    )
    place = next(free, offered[0])
    taken.append(place)
    return place


def matrix_chart(title: str, names: Sequence[str], values: Array, groups: Sequence[int]) -> Picture:
    """Return ties as coloured squares, states in the order of their blocs: blue and a plus friendly, orange and a
    minus hostile.
    """
    cell = min((WIDTH - 100) / max(len(names), 1), 26.0)
    left, top = 60.0, TOP + 50
    letters = min(max(cell * 0.75, 8.0), SMALL)
    most = float(np.abs(values).max(initial=0.0)) or 1.0
    shapes: list[Shape] = [Text(12, 22, title, TITLE)]
    for i, name in enumerate(names):
        shapes.append(Text(left - 5, top + (i + 0.75) * cell, name, letters, "end"))
        y = top - 4 - (letters + 2) * (i % 3)  # in three rows, so that names of columns do not run into each other
        shapes.append(Text(left + (i + 0.5) * cell, y, name, letters, "middle"))
        for j in range(len(names)):
            value = float(values[i, j])
            if value:
                colour, sign = (BLUE, "+") if value > 0 else (ORANGE, "–")
                depth = 0.15 + 0.85 * float(np.sqrt(abs(value) / most))
                x, y = left + j * cell, top + i * cell
                ink = PAPER if depth > DARK else INK
                shapes.append(rectangle(x, y, cell, cell, colour, depth))
                shapes.append(Text(x + cell / 2, y + cell * 0.72, sign, letters, "middle", ink))
    for index in range(1, len(names)):
        if groups[index] != groups[index - 1]:
            at, whole = index * cell, len(names) * cell
            shapes += [
                Line(((left, top + at), (left + whole, top + at)), INK, 1.5),
                Line(((left + at, top), (left + at, top + whole)), INK, 1.5),
            ]
    return Picture(title, WIDTH, top + len(names) * cell + 14, tuple(shapes))


def places(tie: Ties, matrix: Array, chosen: Sequence[int]) -> Array:
    """Return a place in the plane for each chosen state, near for those alike: classical scaling of 1 - alignment.

    Torgerson, W. S. (1952). Multidimensional scaling: I. Theory and method. Psychometrika 17, 401-419.
    """
    inner = np.nan_to_num(matrix[np.ix_(list(chosen), list(chosen))])
    apart = np.sqrt(np.maximum(1.0 - inner, 0.0))
    np.fill_diagonal(apart, 0.0)
    size = len(chosen)
    if size < 2:
        return np.zeros((size, 2))
    centre = np.eye(size) - 1.0 / size
    values, vectors = np.linalg.eigh(-0.5 * centre @ (apart**2) @ centre)
    best = np.argsort(-values)[:2]
    found = vectors[:, best] * np.sqrt(np.maximum(values[best], 0.0))
    # A picture is the same on every machine: the state that is furthest out lies right and down.
    signs = np.sign(found[np.abs(found).argmax(0), np.arange(found.shape[1])])
    found = found * np.where(signs == 0, 1.0, signs)
    return np.pad(found, ((0, 0), (0, 2 - found.shape[1])))


BARS = "▁▂▃▄▅▆▇█"
GAP = "·"


def sparkline(values: Sequence[float | None], *, low: float | None = None, high: float | None = None) -> str:
    """Return values as a line of small bars; a gap is a dot.

    >>> sparkline([0, None, 1, 2])
    '▁·▅█'
    """
    known = [value for value in values if value is not None]
    if not known:
        return GAP * len(values)
    low = min(known) if low is None else low
    high = max(known) if high is None else high
    steps = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(GAP if v is None else BARS[round(min(max((v - low) * steps, 0), len(BARS) - 1))] for v in values)
