"""Makes the OpenDocument workbooks of tests/ods.rs: openpyxl writes what a spreadsheet can hold, LibreOffice saves it.

    python3 tests/workbooks/make_ods.py

every-kind.xlsx and .ods: number formats, times, formulas, errors, groups, merges, print titles, fills.
filled-csc, filled-nhsc: returns of the sample inbox, filled in and saved again as .ods.
locked.ods: saved with the password “secret”. macro.ods: with a macro.
"""

import datetime
import pathlib
import shutil
import subprocess
import tempfile

from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName

here = pathlib.Path(__file__).parent
inbox = here.parent.parent / "inbox"
profile = pathlib.Path(tempfile.mkdtemp())

FORMATS = [
    (0.156, "0.0%"), (0.156, "0%"), (0.1564, "0.00%"), (11147, "#,##0"), (1234.5, "#,##0.00"), (1.5, "0.0"),
    (1.25, "£#,##0.00"), (12, '0" children"'), (12, "000"), (4857773450, "000 000 0000"), (12345, "0.00E+00"),
    (0.5, "# ?/?"), (-5, "#,##0;[Red](#,##0)"), (15.6, '0.0"%"'), (5, "@"), (7, "0;;;@"), (0.25, "0.0%;[Red]-0.0%"),
    (0.25, "[>1]0%;0.0%"), (1, '"Yes";"No";"No"'), (1.5, "0.0#"), (3, "General"), (44286, "yyyy"), (44286, "d"),
    (44286, "mmm-yy"), (44286, "[$-809]d mmmm yyyy;@"), (44286.604166666664, "dd/mm/yyyy hh:mm"), (0.3, "hh:mm AM/PM"),
    (0.4375, "h:mm:ss"), (1.2604166666666667, "[h]:mm:ss"), (0.5, "dd/mm/yyyy"), (61, "dd/mm/yyyy"), (59, "dd/mm/yyyy"),
    (1, "dd/mm/yyyy"), (-3, "dd/mm/yyyy"), (1200000, '0.0,,"m"'),
]

FORMULAS = [
    "=1/0", "=NA()", "=FOO()", '=VALUE("x")', "=SQRT(-1)", "=#REF!+1", "=A1+$B$2", "=SUM(A1:A4)", "=Other!B5",
    "='Other sheet'!B5&\"x[.y];z\"", "=SUM('Other sheet'!A1:B2)", "=TRUE()", '=IF(A1>1,"a;b","c")', "=A4+template_v",
    '="#N/A"', '=""', "=DATE(2021,3,31)", "=A1=A2", "=SUM(Data:Other!B5:B6)", "={1,2;3,4}", "=A1+0",
]


def every_kind():
    book = Workbook()
    sheet = book.active
    sheet.title = "Data"
    for row, (value, code) in enumerate(FORMATS, 1):
        sheet.cell(row, 1, value).number_format = code
        sheet.cell(row, 2, code).data_type = "s"
    for row, formula in enumerate(FORMULAS, 1):
        sheet.cell(row, 4, formula)
        sheet.cell(row, 5, "'" + formula)
    for row, text in enumerate(["#N/A", "#DIV/0!", "two\nlines", "  lead and trail  ", "a  b", "http://x.y", "<&>"], 1):
        sheet.cell(row, 7, text).data_type = "s"
    sheet["G8"] = True
    sheet["G9"] = "#N/A"
    sheet["G9"].data_type = "e"
    sheet["I1"] = "down"
    sheet["I2"] = "under"
    # Not merge_cells, which would take away the value below.
    sheet.merged_cells.add("I1:I3")
    sheet.row_dimensions.group(30, 33, hidden=True)
    sheet.column_dimensions.group("L", "N", hidden=True)
    sheet["L2"] = "aside"
    sheet.print_title_rows = "1:2"
    sheet.print_title_cols = "A:B"
    sheet.column_dimensions["P"].number_format = "0.0%"
    sheet["P3"] = 0.5
    sheet["P3"].number_format = "0.0%"
    for row in range(1, 5):
        sheet.cell(row, 17).fill = PatternFill("solid", fgColor="FFFFFF")
    sheet["R2"].fill = PatternFill("solid", fgColor="00FF00")
    sheet["R4"] = "right"
    book.defined_names["template_v"] = DefinedName("template_v", attr_text="Data!$A$4")
    book.defined_names["safereturn_template"] = DefinedName("safereturn_template", attr_text='"made up"')
    other = book.create_sheet("Other")
    other["B5"] = 5
    other["B1048576"] = 6
    hidden = book.create_sheet("Other sheet")
    hidden["B5"] = 5
    hidden.sheet_state = "veryHidden"
    book.properties.created = book.properties.modified = datetime.datetime(2021, 5, 1)
    book.properties.creator = "Invented for testing"
    book.properties.keywords = "one, two"
    book.save(profile / "every-kind.xlsx")


def soffice(*arguments):
    subprocess.run(["soffice", f"-env:UserInstallation=file://{profile}", "--headless", *arguments], check=True)


def convert(source, to):
    soffice("--convert-to", to, "--outdir", here, source)


MACRO = """
Sub Make
  Dim how(1) As New com.sun.star.beans.PropertyValue
  how(0).Name = "Hidden"
  how(0).Value = True
  doc = StarDesktop.loadComponentFromURL("file://FOLDER/libreoffice.ods", "_blank", 0, how())
  how(0).Name = "FilterName"
  how(0).Value = "calc8"
  doc.BasicLibraries.createLibrary("Own")
  doc.BasicLibraries.getByName("Own").insertByName("Adder", "Sub Add" &amp; Chr(10) &amp; "End Sub")
  doc.storeToURL("file://FOLDER/macro.ods", how())
  how(1).Name = "Password"
  how(1).Value = "secret"
  doc.storeToURL("file://FOLDER/locked.ods", how())
  doc.close(True)
End Sub
"""


def by_macro():
    folder = profile / "user" / "basic" / "Standard"
    folder.mkdir(parents=True, exist_ok=True)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    space = 'xmlns:script="http://openoffice.org/2000/script"'
    library = 'xmlns:library="http://openoffice.org/2000/library"'
    folder.joinpath("Module1.xba").write_text(
        f'{head}<script:module {space} script:name="Module1" script:language="StarBasic">'
        f'{MACRO.replace("FOLDER", str(here.resolve()))}</script:module>'
    )
    folder.joinpath("script.xlb").write_text(
        f'{head}<library:library {library} library:name="Standard" library:readonly="false" '
        'library:passwordprotected="false"><library:element library:name="Module1"/></library:library>'
    )
    soffice("macro:///Standard.Module1.Make")


every_kind()
# Both from LibreOffice, with the results of the formulas.
convert(profile / "every-kind.xlsx", "xlsx:Calc MS Excel 2007 XML")
convert(profile / "every-kind.xlsx", "ods:calc8")
for name, source in [
    ("filled-csc", inbox / "csc" / "Safeguarding data 2021-22 FINAL.xlsx"),
    ("filled-nhsc", inbox / "nhsc-whittington" / "Whittington 2020-21.xlsx"),
]:
    shutil.copy(source, here / f"{name}.xlsx")
    convert(here / f"{name}.xlsx", "ods:calc8")
by_macro()
shutil.rmtree(profile)
