#!/usr/bin/env python3
"""Makes the real workbooks of the layout defects (D32, D34, D35, D43, D56) from the base return as text.

Run in this folder: python3 make_layout.py (needs openpyxl 3). The bytes are committed; the script says how they came.
"""
import datetime
import io
import re
import zipfile

import openpyxl
from openpyxl.packaging.custom import StringProperty

FIXED = datetime.datetime(2021, 5, 12, 9, 0)


def value(text):
    text = re.sub(r"\s*\{.*\}$", "", text.strip())
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return datetime.date.fromisoformat(text)
    if re.fullmatch(r"[\d,]+", text):
        return int(text.replace(",", ""))
    return text or None


def base(name="csc-2020-21"):
    book = openpyxl.Workbook()
    book.remove(book.active)
    sheet = None
    for line in open(f"../base/{name}.txt", encoding="utf-8"):
        if line.startswith("-- "):
            sheet = book.create_sheet(line[3:].strip())
        elif sheet is not None and "│" in line:
            number, *cells = line.rstrip("\n").split("│")
            if number.strip():
                for column, text in enumerate(cells, 1):
                    if value(text) is not None:
                        sheet.cell(int(number), column, value(text))
    return book


def save(book, name, change=lambda path, data: data):
    """Saves with fixed dates; `change` may edit a part of the package. Runs again to the same bytes."""
    book.properties.created = book.properties.modified = FIXED
    book.properties.creator = ""
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = change(item.filename, old.read(item.filename))
            data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2021-05-12T09:00:00Z", data)
            new.writestr(zipfile.ZipInfo(item.filename, (2021, 5, 12, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)


def linked():
    """D32: three figures by formula from another workbook, one from this one; results saved."""
    book = base()
    sheet = book["Children in need"]
    results = {"B5": 1946, "B6": 1463, "B7": 1390, "B8": 2019}
    sheet["B5"] = "=[1]CIN!B2"
    sheet["B6"] = "=SUM([1]CIN!B3:B14)"
    sheet["B7"] = "='C:\\\\Returns\\\\[CIN 2021.xlsx]CIN'!B15"
    sheet["B8"] = "=B5+B6-B7"

    def saved(path, data):
        # openpyxl saves no results; a workbook that was open in Excel has them.
        if path == "xl/worksheets/sheet3.xml":
            for cell, n in results.items():
                data = re.sub(rb'(<c r="%s"[^>]*><f>.*?</f>)<v ?/>' % cell.encode(), rb"\g<1><v>%d</v>" % n, data)
                data = re.sub(rb'(<c r="%s"[^>]*><f>.*?</f>)<v></v>' % cell.encode(), rb"\g<1><v>%d</v>" % n, data)
        return data

    save(book, "D32-linked-workbook.xlsx", saved)


def headings():
    """D34: a group merged over two-row headings; the row title merged down beside them."""
    book = base()
    sheet = book["Child protection"]
    sheet.move_range("A133:D145", rows=1)
    sheet["A134"] = None
    sheet["A133"] = "Agency"
    sheet["B133"] = "Initial conferences"
    sheet.merge_cells("A133:A134")
    sheet.merge_cells("B133:D133")
    sheet["A132"].alignment = openpyxl.styles.Alignment(horizontal="center")
    sheet.merge_cells("A132:D132")
    save(book, "D34-merged-headings.xlsx")


def merged():
    """D35: values merged down two rows of a list; a label merged over two columns; a band merged down beside the rows."""
    book = base()
    sheet = book["Recommendations"]
    for column in "CDE":
        sheet.merge_cells(f"{column}8:{column}9")
    sheet = book["Child protection"]
    sheet.insert_cols(1)
    sheet["A41"] = "Category of abuse"
    sheet.merge_cells("A41:A45")
    sheet["A133"] = "Who came"
    sheet.merge_cells("A134:A145")
    save(book, "D35-merged-cells.xlsx")


def ghost():
    """D43: formatting down to the last row and out to the last column, blank rows inside the blocks."""
    book = base()
    for sheet in book.worksheets[1:]:
        sheet["A1048576"] = " "
        sheet["XFD2"] = " "
        for row in range(200, 400):
            sheet.cell(row, 3).fill = openpyxl.styles.PatternFill("solid", fgColor="FFFFFF")
    save(book, "D43-ghost-range.xlsx")


def other_year():
    """D56: the properties of last year's template under a cover of this year."""
    book = base()
    book.custom_doc_props.append(StringProperty(name="safereturn_year", value="2019-20"))
    book.custom_doc_props.append(StringProperty(name="safereturn_template", value="iscp-return"))
    save(book, "D56-other-year.xlsx")


for make in (linked, headings, merged, ghost, other_year):
    make()
