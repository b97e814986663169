"""Hours worked, from a CSV file to a printed summary."""

import argparse
import csv
import datetime as dt
from pathlib import Path

HEADER = ("day", "start", "end", "note")


def parse_clock(text: str) -> dt.time:
    hours, _, minutes = text.partition(":")
    return dt.time(int(hours), int(minutes or 0))


def duration(start: dt.time, end: dt.time) -> dt.timedelta:
    today = dt.date.today()
    span = dt.datetime.combine(today, end) - dt.datetime.combine(today, start)
    if span < dt.timedelta():
        span += dt.timedelta(days=1)
    return span


def read(path: Path):
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file, fieldnames=HEADER), start=1):
            if not row["day"] or row["day"].startswith("#"):
                continue
            try:
                day = dt.date.fromisoformat(row["day"])
                span = duration(parse_clock(row["start"]), parse_clock(row["end"]))
            except ValueError as fault:
                raise SystemExit(f"{path}:{number}: {fault}")
            yield day, span, row["note"]


def weeks(entries):
    totals = {}
    for day, span, _ in entries:
        year, week, _ = day.isocalendar()
        totals[year, week] = totals.get((year, week), dt.timedelta()) + span
    return totals


def show(totals, target=dt.timedelta(hours=40)):
    print(f"{'week':>8} {'hours':>7} {'balance':>8}")
    for (year, week), total in sorted(totals.items()):
        hours = total.total_seconds() / 3600
        balance = (total - target).total_seconds() / 3600
        print(f"{year}-{week:02} {hours:7.1f} {balance:+8.1f}")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="a CSV file: day, start, end, note")
    parser.add_argument("--target", type=float, default=40.0, metavar="HOURS")
    options = parser.parse_args(arguments)
    show(weeks(read(options.path)), dt.timedelta(hours=options.target))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
