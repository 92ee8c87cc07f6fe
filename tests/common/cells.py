"""What openpyxl reads in workbooks: the oracle of tests/openpyxl.rs.

    python3 tests/common/cells.py < list-of-files

One line of JSON for each file, in the order given: sheets with their cells, each [address, kind, value, format, formula,
under a merged cell], and their comments.
Values are the saved ones (data_only=True), formulas come from a second reading (data_only=False).
"""

import datetime
import json
import math
import sys
import warnings

from openpyxl import load_workbook
from openpyxl.worksheet import _reader
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

warnings.simplefilter("ignore")

DAY = 86400.0


def keep_all(reader):
    """openpyxl empties the cells under merged ones while it reads; here they are wanted."""
    found = reader.parser.merged_cells
    reader.ws.safereturn_merges = [CellRange(cell.ref) for cell in found.mergeCell] if found else []


_reader.WorksheetReader.bind_merged_cells = keep_all


def typed(cell):
    value = cell.value
    if value is None:
        return "empty", None
    if cell.data_type == "e":
        return "error", value
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, (int, float)):
        return ("number", float(value)) if math.isfinite(value) else ("infinite", None)
    if isinstance(value, datetime.datetime):
        return "date", value.isoformat()
    if isinstance(value, datetime.date):
        return "date", value.isoformat() + "T00:00:00"
    # Neither has a date; what the file holds is the part of a day.
    if isinstance(value, datetime.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        return "time", seconds / DAY
    if isinstance(value, datetime.timedelta):
        return "time", value.total_seconds() / DAY
    return "text", str(value)


def formula(cell):
    if cell.data_type != "f":
        return None
    value = cell.value
    if isinstance(value, ArrayFormula):
        value = value.text
    if isinstance(value, DataTableFormula):
        return "a data table"
    return value.removeprefix("=")


def read(path):
    with open(path, "rb") as file:
        saved = load_workbook(file, data_only=True, keep_links=False)
    with open(path, "rb") as file:
        written = load_workbook(file, data_only=False, keep_links=False)
    sheets = []
    for name in saved.sheetnames:
        sheet = saved[name]
        cells, comments, blanks = [], {}, 0
        merges = getattr(sheet, "safereturn_merges", [])
        if hasattr(sheet, "_cells"):
            formulas = written[name]._cells
            for place, cell in sorted(sheet._cells.items()):
                kind, value = typed(cell)
                if cell.comment is not None:
                    comments[cell.coordinate] = cell.comment.text
                text = formula(formulas[place]) if place in formulas else None
                if kind == "empty" and text is None:
                    # A comment makes openpyxl invent the cell it stands in.
                    blanks += cell.comment is None
                    continue
                within = [m for m in merges if m.min_row <= place[0] <= m.max_row and m.min_col <= place[1] <= m.max_col]
                under = any(place != (m.min_row, m.min_col) for m in within)
                cells.append([cell.coordinate, kind, value, cell.number_format, text, under])
        state = {"veryHidden": "very hidden"}.get(sheet.sheet_state, sheet.sheet_state)
        sheets.append(
            {
                "name": name,
                "state": state,
                "merges": [str(merge.coord) for merge in merges],
                "blanks": blanks,
                "cells": cells,
                "comments": comments,
            }
        )
    return {"sheets": sheets}


for line in sys.stdin:
    try:
        found = read(line.rstrip("\n"))
    except Exception as error:  # whatever it stumbles over is compared with what we say of the file
        found = {"failure": f"{type(error).__name__}: {error}"}
    print(json.dumps(found), flush=True)
