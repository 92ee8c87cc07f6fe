// Makes the workbooks that SheetJS writes: .xlsb with short cell records, and .xlsx of a writer in JavaScript.
//
//     npm install --prefix /tmp/sheetjs xlsx@0.18.5
//     node tests/workbooks/make_sheetjs.mjs /tmp/sheetjs FROM.xlsx TO.xlsb [TO.xlsx …]
//
// Without files it makes tests/workbooks/sheetjs.xlsb from libreoffice.xlsx.

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const [modules, from, ...to] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const XLSX = createRequire(path.join(path.resolve(modules), "package.json"))("xlsx");

function convert(source, targets) {
  const book = XLSX.read(fs.readFileSync(source), {
    cellFormula: true, cellNF: true, cellStyles: true, cellText: false, sheetStubs: true, bookFiles: false,
  });
  for (const target of targets) {
    const bookType = path.extname(target).slice(1);
    fs.writeFileSync(target, XLSX.write(book, { type: "buffer", bookType, bookSST: true, compression: true }));
  }
}

if (from) convert(from, to);
else convert(path.join(here, "libreoffice.xlsx"), [path.join(here, "sheetjs.xlsb")]);
