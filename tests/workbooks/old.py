"""Makes the workbooks of before 2007 of tests/xls.rs with other programs than ours.

    pip install xlwt openpyxl
    npm install --prefix /tmp/sheetjs xlsx
    NODE_PATH=/tmp/sheetjs/node_modules python3 tests/workbooks/old.py

xlwt.xls                    by xlwt, which saves no results of formulas
sheetjs8.xls, sheetjs5.xls  by SheetJS from libreoffice.xlsx, as Excel 97 and as Excel 95 write them
formulas.xls, formulas.xlsx by LibreOffice from one workbook, with results
csc-2021-22.xls, mps-2021-22.xls  by LibreOffice from two returns of the sample inbox
"""

import datetime
import pathlib
import subprocess
import tempfile

import xlwt
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName

here = pathlib.Path(__file__).parent
inbox = here.parent.parent / "inbox"

FORMULAS = [
    "=SUM(A1:A5)", '=IF(A1>2,"yes ""so""","no")', "=VLOOKUP(3,A1:E20,2,FALSE)", '=COUNTIF(A:A,">3")', "=SUM(Other!A1:B3)",
    "='A1'!B2*2", "=SUM(Other:A1!B1)", "=ROUND(A3/7,2)", "=-A1%+(B2-3)^2", '=A1&" "&B1', "=DATE(2020,1,1)",
    "=SUMPRODUCT(A1:A3,B1:B3)", "=SUM($A$1:B$2,$C3)", '=IFERROR(1/0,"x")', "=1/0", "=INDEX(A1:C3,2,3)", '=CHOOSE(2,"a","b","c")',
    '=LEFT("héllo",3)', "=MAX(A1:A3)>=MIN(B1:B3)", "=NOT(A1)", "=NETWORKDAYS(A1,A2)", '=SUMIFS(A1:A9,B1:B9,">3")', "=total_all*2",
    '=TEXT(A1,"0.0%")', "=A1=B1", "=A1<>B1", "=IF(A1,,3)", "=SUM(A1:B2 B1:C3)", "=OFFSET(A1,1,1)", "=ROUNDUP(A5/3,1)+ABS(-2)", '=""',
]


def formulas():
    book = Workbook()
    sheet = book.active
    sheet.title = "It's a sheet"
    other, cell = book.create_sheet("Other"), book.create_sheet("A1")
    for row in range(1, 10):
        for column in range(1, 6):
            sheet.cell(row, column, row * column)
            other.cell(row, column, row + column / 4)
            cell.cell(row, column, -row)
    for row, formula in enumerate(FORMULAS):
        sheet.cell(row + 1, 8, formula)
    book.defined_names["total_all"] = DefinedName("total_all", attr_text="Other!$A$1:$B$2")
    values = ["x" * 300, "日本語 – “quoted”", 1e-300, -123456789.123, 0.1, 536870912, -1, 1.23, datetime.datetime(2021, 3, 31, 14, 30)]
    values += [datetime.date(1900, 1, 15), " ", "a\tb\nc", "😀"]
    # Longer than one record holds, in letters of one byte and of two.
    values += ["".join(chr(0x3B1 + i % 20) if i % 700 else "a" for i in range(9000)), "plain " * 2000]
    for row, value in enumerate(values):
        sheet.cell(row + 1, 10, value)
    for row, code in enumerate(["0.00", "#,##0", "0%", "d/m/yyyy", "[h]:mm", "@", "£#,##0.00", '0.0" days"', "_-* #,##0.00_-"]):
        sheet.cell(row + 1, 11, 44286.25).number_format = code
    for row, colour in enumerate(["FF0000", "92D050", "FFFFFF"]):
        sheet.cell(row + 1, 12).fill = PatternFill("solid", fgColor=colour)
    sheet["A2"].comment = Comment("one " * 200, "x")
    sheet["B30"].comment = Comment("ünï", "x")
    for row in range(40):
        other.cell(row + 1, 9, f"long text number {row} " + ("é" if row % 2 else "Ω") * 40)
    return book


def old():
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Front door")
    sheet.write(0, 0, "Contacts")
    sheet.write(0, 1, 11147)
    sheet.write(1, 1, 0.156, xlwt.easyxf(num_format_str="0.0%"))
    sheet.write(2, 1, datetime.date(2021, 3, 31), xlwt.easyxf(num_format_str="DD/MM/YYYY"))
    sheet.write(3, 1, True)
    sheet.write(4, 1, xlwt.Formula("B1*2"))
    sheet.write_merge(6, 6, 0, 3, "merged")
    sheet.write(7, 0, None, xlwt.easyxf("pattern: pattern solid, fore_colour orange"))
    sheet.write(8, 0, "日本語")
    sheet.row(9).hidden = True
    sheet.write(9, 0, 5)
    sheet.col(5).hidden = True
    sheet.write(0, 5, "aside")
    sheet.write(10, 0, xlwt.Formula('SUM(B1:B2;$A$3)+IF(A1="x";1;2)'))
    for column in range(9):
        sheet.write(11, column, column / 100)
    hidden = book.add_sheet("Hidden")
    hidden.visibility = 2
    for row in range(400):
        hidden.write(row, 1, f"text {row} " + ("Ω" if row % 3 == 0 else "e") * (row % 90))
    book.save(here / "xlwt.xls")


def libreoffice(source, ending, filter_name, name):
    with tempfile.TemporaryDirectory() as made:
        profile = f"-env:UserInstallation=file://{made}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", f"{ending}:{filter_name}", "--outdir", made, source]
        subprocess.run(command, check=True)
        (pathlib.Path(made) / source.with_suffix(f".{ending}").name).rename(here / name)


SHEETJS = """
const X = require('xlsx'), [from, ...to] = process.argv.slice(1);
const book = X.readFile(from, {cellStyles: true, cellFormula: true, cellNF: true});
for (const type of ['8', '5']) X.writeFile(book, to[0].replace('?', type), {bookType: 'biff' + type});
"""

old()
with tempfile.TemporaryDirectory() as made:
    source = pathlib.Path(made) / "formulas.xlsx"
    formulas().save(source)
    libreoffice(source, "xls", "MS Excel 97", "formulas.xls")
    libreoffice(source, "xlsx", "Calc MS Excel 2007 XML", "formulas.xlsx")
libreoffice(inbox / "csc" / "Safeguarding data 2021-22 FINAL.xlsx", "xls", "MS Excel 97", "csc-2021-22.xls")
libreoffice(inbox / "mps" / "MPS return 2021-22.xlsx", "xls", "MS Excel 97", "mps-2021-22.xls")
subprocess.run(["node", "-e", SHEETJS, here / "libreoffice.xlsx", here / "sheetjs?.xls"], check=True)
