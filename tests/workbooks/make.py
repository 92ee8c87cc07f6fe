"""Makes the small workbooks of tests/reader.rs with other programs than ours.

    python3 tests/workbooks/make.py

openpyxl writes no saved results of formulas; LibreOffice writes the same workbook again, with results, and as .ods and .xls.
"""

import datetime
import pathlib
import subprocess

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.defined_name import DefinedName

here = pathlib.Path(__file__).parent


def save(book, name):
    book.properties.created = book.properties.modified = datetime.datetime(2021, 5, 1)
    book.properties.creator = "Invented for testing"
    book.save(here / name)


def messy():
    book = Workbook()
    sheet = book.active
    sheet.title = "Front door "
    sheet["B4"] = "Contacts in the year"
    sheet["C4"] = 11147
    sheet["B5"] = "Contacts about domestic abuse"
    sheet["C5"] = 0.156
    sheet["C5"].number_format = "0.0%"
    sheet["B6"] = "As points"
    sheet["C6"] = 15.6
    sheet["B7"] = "As text"
    sheet["C7"] = "15.6%"
    sheet["B8"] = "Formula"
    sheet["C8"] = "=C4*2"
    sheet["B9"] = "Date"
    sheet["C9"] = datetime.date(2021, 3, 31)
    sheet["B10"] = "Error"
    sheet["C10"] = "#N/A"
    sheet["B11"] = "Rated"
    sheet["C11"].fill = PatternFill("solid", fgColor="FFC000")
    sheet["B12"] = CellRichText("No\u00a0", TextBlock(InlineFont(b=True), "break"))
    sheet["C12"] = " 44 "
    sheet["B13"] = "Hidden"
    sheet["C13"] = 7
    sheet["E4"] = "aside"
    sheet.row_dimensions[13].hidden = True
    sheet.column_dimensions["E"].hidden = True
    sheet.merge_cells("B2:C2")
    sheet["B2"] = "Front door"
    sheet["C6"].comment = Comment("should be 46, ask Jo", "x")
    sheet.auto_filter.ref = "B4:C13"
    sheet.auto_filter.add_filter_column(1, ["11147"])
    lists = book.create_sheet("Lists")
    lists["A1"] = "NEG"
    lists.sheet_state = "hidden"
    book.custom_doc_props.append(StringProperty(name="template", value="2020-21/1.0.0"))
    book.defined_names["template_version"] = DefinedName("template_version", attr_text='"1.0.0"')
    return book


def mac():
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active["A1"] = datetime.date(2021, 3, 31)
    book.active["A2"] = datetime.datetime(2021, 3, 31, 14, 30)
    return book


save(messy(), "openpyxl.xlsx")
save(mac(), "mac.xlsx")
for ending, filter_name in [("xlsx", "Calc MS Excel 2007 XML"), ("ods", "calc8"), ("xls", "MS Excel 97")]:
    subprocess.run(
        ["soffice", "--headless", "--convert-to", f"{ending}:{filter_name}", "--outdir", here / "made", here / "openpyxl.xlsx"],
        check=True,
    )
    (here / "made" / f"openpyxl.{ending}").rename(here / f"libreoffice.{ending}")
(here / "made").rmdir()
