//! Formulas and addresses of OpenDocument as Excel writes them, so that both formats of one return show the same:
//! `of:=SUM([.B5:.B7];[$'Front door'.C4])` is `SUM(B5:B7,'Front door'!C4)`. Nothing is reckoned.

/// Other files that formulas read, each by its place in the list, as Excel numbers them.
#[derive(Debug, Default)]
pub(super) struct Links(Vec<String>);

/// So many other files are told apart.
const LINKS: usize = 1_000;

impl Links {
    /// The number of another file, from 1.
    fn number(&mut self, file: &str) -> usize {
        if let Some(at) = self.0.iter().position(|known| known == file) {
            return at + 1;
        }
        if self.0.len() < LINKS {
            self.0.push(file.to_owned());
        }
        self.0.len()
    }
}

/// A formula without its `=` and the name of its grammar.
pub(super) fn excel(formula: &str, links: &mut Links) -> String {
    // `of:=…`, `oooc:=…` of old, `msoxl:=…` where Excel could not say it otherwise.
    let (grammar, body) = formula.split_once('=').unwrap_or(("", formula));
    let body = if grammar.chars().all(|c| c.is_ascii_alphanumeric() || c == ':') { body } else { formula };
    if grammar == "msoxl:" {
        return body.to_owned();
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    // Within braces `;` parts columns and `|` rows.
    let mut braces = 0_usize;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '"' => quoted(rest, '"'),
            '\'' => quoted(rest, '\''),
            '[' => {
                let end = closing(rest);
                out.push_str(&reference(&rest[1..end], links));
                rest = rest.get(end + 1..).unwrap_or("");
                continue;
            }
            '#' => error(rest).map_or(1, str::len),
            _ => 0,
        };
        if taken > 0 {
            out.push_str(&rest[..taken]);
            rest = &rest[taken..];
            continue;
        }
        if let Some(after) = rest.strip_prefix("COM.MICROSOFT.") {
            out.push_str("_xlfn.");
            rest = after;
            continue;
        }
        match c {
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ => {}
        }
        out.push(match c {
            '|' if braces > 0 => ';',
            ';' | '~' => ',',
            // Between two references only; behind the name of a sheet it is what Excel writes.
            '!' if body[..body.len() - rest.len()].ends_with([']', ')']) => ' ',
            c => c,
        });
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// An address of OpenDocument as Excel writes it: `$'Front door'.$B$4:.$B$9` is `'Front door'!$B$4:$B$9`.
pub(super) fn address(text: &str) -> String {
    reference(text, &mut Links::default())
}

/// The sheet that an address names, if it names one.
pub(super) fn sheet(address: &str) -> Option<String> {
    let (before, _) = split(address, '.')?;
    let before = before.strip_prefix('$').unwrap_or(before);
    let inner = before.strip_prefix('\'').and_then(|b| b.strip_suffix('\''));
    let name = inner.map_or_else(|| before.to_owned(), |inner| inner.replace("''", "'"));
    (!name.is_empty()).then_some(name)
}

/// What stands between brackets.
fn reference(text: &str, links: &mut Links) -> String {
    let (file, inside) = match split(text, '#') {
        // `'file:///…/last year.xlsx'#$Sheet1.A1`
        Some((file, inside)) if file.starts_with('\'') => (Some(file.trim_matches('\'')), inside),
        Some(_) | None => (None, text),
    };
    if split(inside, '.').is_none() && !inside.contains('#') {
        return format!("[{text}]");
    }
    let (first, last) = split(inside, ':').map_or((inside, None), |(first, last)| (first, Some(last)));
    let (mut sheet, from) = place(first);
    let mut to = "";
    if let Some(last) = last {
        let (other, cell) = place(last);
        if !other.is_empty() && other != sheet {
            sheet = format!("{sheet}:{other}");
        }
        to = cell;
    }
    if let Some(file) = file {
        let number = links.number(file);
        sheet = match sheet.strip_prefix('\'') {
            Some(rest) => format!("'[{number}]{rest}"),
            None => format!("[{number}]{sheet}"),
        };
    }
    let mark = if sheet.is_empty() { "" } else { "!" };
    let colon = if to.is_empty() { "" } else { ":" };
    format!("{sheet}{mark}{from}{colon}{to}")
}

/// The sheet of one end of a reference, with its quotes and without `$`, and the cell.
fn place(text: &str) -> (String, &str) {
    match split(text, '.') {
        Some((sheet, cell)) => (sheet.strip_prefix('$').unwrap_or(sheet).to_owned(), cell),
        None => (String::new(), text),
    }
}

/// Parts a text at the first such character outside quotes.
fn split(text: &str, at: char) -> Option<(&str, &str)> {
    let mut inside = false;
    let found = text.char_indices().find(|(_, c)| {
        inside ^= *c == '\'';
        *c == at && !inside
    });
    found.map(|(i, c)| (&text[..i], &text[i + c.len_utf8()..]))
}

/// How long a quoted text is, with its quotes; a doubled quote does not end it, and begins the next.
fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

/// Where the bracket that opens a text closes.
fn closing(text: &str) -> usize {
    let mut inside = false;
    let found = text.char_indices().find(|(_, c)| {
        inside ^= *c == '\'';
        *c == ']' && !inside
    });
    found.map_or(text.len(), |(i, _)| i)
}

/// The error that a text begins with.
fn error(text: &str) -> Option<&'static str> {
    ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"].into_iter().find(|e| text.starts_with(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_those_of_excel() {
        let mut links = Links::default();
        for (open, expected) in [
            ("of:=[.B5]+1", "B5+1"),
            ("of:=[.A1]+[.$B$2]", "A1+$B$2"),
            ("of:=SUM([.A1:.B4];[.C1])", "SUM(A1:B4,C1)"),
            ("of:=[$Other.B5]", "Other!B5"),
            ("of:=[$'Other sheet'.B5]&\"x[.y];z\"", "'Other sheet'!B5&\"x[.y];z\""),
            ("of:=SUM([$'It''s.a]b'.A1:.B2])", "SUM('It''s.a]b'!A1:B2)"),
            ("of:=SUM([$Data.B2:$Other.B3])", "SUM(Data:Other!B2:B3)"),
            ("of:=SUM([$Data.B2:$Data.B3])", "SUM(Data!B2:B3)"),
            ("of:=IF([.A1]>1;\"a;b\";\"it \"\"is\"\" c\")", "IF(A1>1,\"a;b\",\"it \"\"is\"\" c\")"),
            ("of:=SUM([.A:.A])+SUM([.1:.2])", "SUM(A:A)+SUM(1:2)"),
            ("of:={1;2|3;4}", "{1,2;3,4}"),
            ("of:=SUM(([.A1:.B2]~[.C1:.C2]))", "SUM((A1:B2,C1:C2))"),
            ("of:=[.A1:.B2]![.B1:.C3]", "A1:B2 B1:C3"),
            ("of:=#REF!+[.#REF!]+#N/A", "#REF!+#REF!+#N/A"),
            ("of:=['file:///C:/a b.xlsx'#$Sheet1.A1]", "[1]Sheet1!A1"),
            ("of:=['file:///C:/c.ods'#$'My sheet'.A1:.B2]", "'[2]My sheet'!A1:B2"),
            ("of:=['file:///C:/a b.xlsx'#$Sheet1.A2]", "[1]Sheet1!A2"),
            ("of:=COM.MICROSOFT.CONCAT([.A1];\"COM.MICROSOFT.\")", "_xlfn.CONCAT(A1,\"COM.MICROSOFT.\")"),
            ("oooc:=[.B5]*2", "B5*2"),
            ("msoxl:=SUM(A1,B2)", "SUM(A1,B2)"),
            ("=[.B5]=[.B6]", "B5=B6"),
            ("of:=", ""),
            ("of:=[.B5", "B5"),
            ("of:=\"open", "\"open"),
            ("of:=[", "[]"),
            ("of:=[1]Sheet1!A1", "[1]Sheet1!A1"),
        ] {
            assert_eq!(excel(open, &mut links), expected, "{open}");
        }
    }

    #[test]
    fn an_address_names_its_sheet() {
        assert_eq!(address("$'Front door '.$B$4:.$B$9"), "'Front door '!$B$4:$B$9");
        assert_eq!(address("$Data.$B$4"), "Data!$B$4");
        assert_eq!(sheet("'Front door '.B4:'Front door '.C13").as_deref(), Some("Front door "));
        assert_eq!(sheet("$Data.$B$4").as_deref(), Some("Data"));
        assert_eq!(sheet("'It''s'.A1").as_deref(), Some("It's"));
        assert_eq!(sheet("B4"), None);
    }
}
