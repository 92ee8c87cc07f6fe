#!/usr/bin/env python3
"""Makes the files of the value defects (D26, D28, D30, D31, D64) from the base csc-2020-21: python3 make_values.py

Each file is the base with one thing about it. Bytes are the same on every run with the same openpyxl.
"""
import csv, datetime, io, pathlib, re, shutil, zipfile

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.properties import CalcProperties

HERE = pathlib.Path(__file__).parent
BASE = HERE.parent / "base" / "csc-2020-21.txt"
MADE = datetime.datetime(2021, 5, 4, 9, 0)
FILES = {"Cover": "cover", "Front door": "front-door", "Children in need": "children-in-need",
         "Child protection": "child-protection", "Recommendations": "recommendations"}


def value(text):
    """A cell of the notation as the base has them: a number, a date or a text."""
    text = re.sub(r"\s*\{[^}]*\}$", "", text)
    if re.fullmatch(r"-?[\d,]+(\.\d+)?", text):
        digits = text.replace(",", "")
        return float(digits) if "." in digits else int(digits)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return datetime.datetime.strptime(text, "%Y-%m-%d")
    return text


def base():
    """Sheet -> {(row, column): value}, in the order of the file."""
    sheets, cells = {}, None
    for line in BASE.read_text(encoding="utf-8").splitlines():
        if line.startswith("-- "):
            cells = sheets.setdefault(line[3:].strip(), {})
        elif cells is not None and "│" in line:
            head, *rest = line.split("│")
            if head.strip().isdigit():
                for column, text in enumerate(rest, start=1):
                    if text.strip():
                        cells[int(head), column] = value(text.strip())
    return sheets


def book(sheets, epoch=None, manual=False):
    wb = Workbook()
    wb.remove(wb.active)
    if epoch:
        wb.epoch = epoch
    wb.properties.creator = "Performance analyst"
    wb.properties.created = wb.properties.modified = MADE
    if manual:
        wb.calculation = CalcProperties(calcMode="manual", fullCalcOnLoad=False)
    for name, cells in sheets.items():
        sheet = wb.create_sheet(name)
        for (row, column), what in cells.items():
            cell = sheet.cell(row, column, what)
            if isinstance(what, datetime.datetime):
                cell.number_format = "dd/mm/yyyy hh:mm" if what.time() != datetime.time() else "dd/mm/yyyy"
    return wb


def save(wb, name, change=lambda part, text: text):
    """Saves a workbook with the parts changed, always with the same bytes."""
    bytes_ = io.BytesIO()
    wb.save(bytes_)
    with zipfile.ZipFile(bytes_) as old, zipfile.ZipFile(HERE / name, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            text = change(item.filename, old.read(item.filename).decode("utf-8"))
            text = re.sub(r"(<dcterms:modified[^>]*>)[^<]*", rf"\g<1>{MADE:%Y-%m-%dT%H:%M:%SZ}", text)
            new.writestr(zipfile.ZipInfo(item.filename, (2021, 5, 4, 9, 0, 0)), text, zipfile.ZIP_DEFLATED)


def with_result(sheet_part, cell, result):
    """Puts a saved result beside a formula that openpyxl writes without one."""
    def change(part, text):
        if part != sheet_part:
            return text
        found = re.search(rf'(<c r="{cell}"[^>]*><f>[^<]*</f>)<v\s*/?>(</v>)?', text)
        assert found, f"{part} has no formula in {cell}"
        return text.replace(found.group(0), f"{found.group(1)}<v>{result}</v>")
    return change


def shown(what, style):
    """A value as Excel writes it into a csv file."""
    if isinstance(what, datetime.datetime):
        return what.strftime("%d/%m/%Y")
    if isinstance(what, int):
        return f"{what:,}" if style == "commas" else str(what)
    return str(what)


def folder(name, sheets, encoding, delimiter, style="plain", bom=b""):
    into = HERE / name
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    for sheet, cells in sheets.items():
        last = max(row for row, _ in cells)
        text = io.StringIO()
        out = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
        for row in range(1, last + 1):
            width = max((c for r, c in cells if r == row), default=0)
            out.writerow([shown(cells.get((row, c), ""), style) for c in range(1, width + 1)])
        (into / f"{FILES[sheet]}.csv").write_bytes(bom + text.getvalue().encode(encoding))


def main():
    sheets = base()
    save(book(sheets, epoch=CALENDAR_MAC_1904), "values-1904.xlsx")
    save(book(sheets, epoch=CALENDAR_MAC_1904), "values-1904-lost.xlsx",
         lambda part, text: re.sub(r' date1904="(1|true)"', "", text))

    times = base()
    times["Cover"][9, 2] = datetime.datetime(2020, 3, 31, 23)
    times["Cover"][14, 2] = datetime.datetime(2021, 5, 4, 14, 30)
    save(book(times), "values-times.xlsx")

    formulas = base()
    formulas["Front door"][5, 2] = "=SUM(B24:B35)"
    formulas["Front door"][8, 2] = "=B7/B5"
    formulas["Front door"][12, 2] = "=SUM(C24:C35)"
    save(book(formulas), "values-no-results.xlsx")

    stale = base()
    stale["Front door"][5, 2] = "=SUM(B24:B35)"
    save(book(stale, manual=True), "values-stale.xlsx", with_result("xl/worksheets/sheet2.xml", "B5", 11100))
    save(book(stale, manual=True), "values-by-hand.xlsx", with_result("xl/worksheets/sheet2.xml", "B5", 11147))

    plain = base()
    plain["Recommendations"][8, 16] = "£1,200"
    plain["Recommendations"][8, 7] = "Hold the “initial” conference within 15 days – at the council’s offices."
    folder("values-csv-1252", plain, "cp1252", ",", style="commas")
    folder("values-csv-semicolons", base(), "utf-8", ";", bom=b"\xef\xbb\xbf")
    quoted = base()
    quoted["Recommendations"][8, 7] = 'Hold the "initial" conference, as agreed,\nwithin 15 working days.'
    folder("values-csv-quotes", quoted, "utf-8", ",")


if __name__ == "__main__":
    main()
