"""The half of `cargo run --example same` that other programs than ours write: openpyxl, LibreOffice, SheetJS.

That starts it with the folder of the workbooks and that of SheetJS, and describes the return on standard input.
"""

import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from openpyxl import Workbook
from openpyxl.comments import Comment

INTO, MODULES = pathlib.Path(sys.argv[1]), sys.argv[2]
HERE = pathlib.Path(__file__).resolve().parent
SOURCE = INTO / "rust_xlsxwriter.xlsx"


def openpyxl():
    told = json.load(sys.stdin)
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = book.properties.title = "Invented for testing"
    book.properties.created = book.properties.modified = datetime.datetime(2021, 5, 4)
    for sheet in told["sheets"]:
        page = book.create_sheet(sheet["name"])
        page.column_dimensions["A"].width = 44
        for place, said in sheet["cells"].items():
            cell, value = page[place], said["value"]
            if said["formula"]:
                value = "=" + said["formula"]
            elif isinstance(value, dict):
                value = datetime.date.fromisoformat(value["date"])
            cell.value = value
            if isinstance(value, str) and not said["formula"]:
                cell.data_type = "s"
            if said["format"]:
                cell.number_format = said["format"]
    sheet, cell, words = told["comment"]
    book[sheet][cell].comment = Comment(words, "x")
    sheet, row = told["hidden"]
    book[sheet].row_dimensions[row].hidden = True
    sheet, area = told["merged"]
    book[sheet].merge_cells(area)
    book.save(INTO / "openpyxl.xlsx")


def libreoffice(convert, into):
    with tempfile.TemporaryDirectory() as profile:
        command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", convert]
        subprocess.run([*command, "--outdir", into, SOURCE], check=True, stdout=subprocess.DEVNULL)


def all_sheets_as_csv():
    """Each sheet as it is shown, which is how Excel saves csv, too."""
    shown = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
    with tempfile.TemporaryDirectory() as folder:
        libreoffice(shown, folder)
        shutil.rmtree(INTO / "csv", ignore_errors=True)
        (INTO / "csv").mkdir()
        for file in sorted(pathlib.Path(folder).iterdir()):
            sheet = file.name.removeprefix(SOURCE.stem + "-")
            shutil.copyfile(file, INTO / "csv" / sheet)


def sheetjs():
    script = HERE.parents[1] / "tests/workbooks/make_sheetjs.mjs"
    made = [INTO / "sheetjs.xlsx", INTO / "sheetjs.xlsb"]
    subprocess.run(["node", script, MODULES, SOURCE, *made], check=True)


openpyxl()
with tempfile.TemporaryDirectory() as folder:
    for kind in ("xlsx", "xls", "ods"):
        libreoffice(kind, folder)
        shutil.copyfile(pathlib.Path(folder) / f"{SOURCE.stem}.{kind}", INTO / f"libreoffice.{kind}")
all_sheets_as_csv()
sheetjs()
