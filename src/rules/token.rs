//! The words of a rule: text cut into tokens, each with its bytes. What they make together is `parse`'s business.

use std::ops::Range;

use super::syn::Fault;

/// A word of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    /// A name, `true`, `false` and `in` among them.
    Word(String),
    /// An operator or a bracket.
    Sign(&'static str),
    /// The end of the rule.
    End,
}

impl Token {
    /// For messages: “`+`”, “the end”.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Number(n) => format!("the number {n}"),
            Self::Text(_) => "a text".to_owned(),
            Self::Word(word) => format!("`{word}`"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end of the rule".to_owned(),
        }
    }
}

/// Longest first: `<=` before `<`.
const SIGNS: [&str; 20] =
    ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "!", "?", ":", "(", ")", "[", "]", ","];

/// Cuts a rule into tokens; the last is always [`Token::End`].
pub(super) fn tokens(rule: &str) -> Result<Vec<(Token, Range<usize>)>, Fault> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = rule[at..].chars().next() {
        let rest = &rule[at..];
        let (token, length) = match first {
            ' ' | '\t' | '\r' | '\n' | '\u{c}' => {
                at += first.len_utf8();
                continue;
            }
            '0'..='9' => number(rest, at)?,
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
            '"' | '\'' => text(rest, first, at)?,
            '.' => (Token::Sign("."), 1),
            _ if rest.starts_with("//") => {
                return Err(Fault::new(at..rule.len(), "a rule has no comments")
                    .with_help("say it in the `why` of the catalogue"));
            }
            other => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => (Token::Sign(sign), sign.len()),
                None => return Err(stray(rest, other, at)),
            },
        };
        out.push((token, at..at + length));
        at += length;
    }
    out.push((Token::End, rule.len()..rule.len()));
    Ok(out)
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), Fault> {
    let digits = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(0);
    let whole = length;
    if rest[length..].starts_with('.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    let tail = rest[length..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    if tail > 0 {
        return Err(Fault::new(at..at + length + tail, format!("`{}` is no number", &rest[..length + tail]))
            .with_help("write numbers with digits and a point, names starting with a letter or `_`"));
    }
    // Whole numbers as large as CEL's own; a fraction has no limit there.
    let fits = length > whole || rest[..length].parse::<i64>().is_ok();
    match rest[..length].parse::<f64>() {
        Ok(n) if fits && n.is_finite() => Ok((Token::Number(n), length)),
        Ok(_) | Err(_) => Err(Fault::new(at..at + length, "this number is too large")),
    }
}

fn text(rest: &str, quote: char, at: usize) -> Result<(Token, usize), Fault> {
    let mut out = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some((_, c @ ('\\' | '"' | '\''))) => out.push(c),
                Some((_, 'n')) => out.push('\n'),
                Some((_, 't')) => out.push('\t'),
                Some((j, c)) => {
                    return Err(Fault::new(at + i..at + j + c.len_utf8(), format!("`\\{c}` means nothing in a text"))
                        .with_help("write `\\\\` for a backslash"));
                }
                None => break,
            },
            '\n' | '\r' => break,
            c if c == quote => return Ok((Token::Text(out), i + 1)),
            c => out.push(c),
        }
    }
    Err(Fault::new(at..at + 1, format!("the text that starts here has no closing {quote}")))
}

/// What people write who know another language.
fn stray(rest: &str, other: char, at: usize) -> Fault {
    let help = match other {
        '=' => Some("write `==` to compare"),
        '&' => Some("write `&&` for and"),
        '|' => Some("write `||` for or"),
        '−' | '–' => Some("write the plain minus sign `-`"),
        '×' => Some("write `*` to multiply"),
        '÷' => Some("write `/` to divide"),
        '≤' => Some("write `<=`"),
        '≥' => Some("write `>=`"),
        '≠' => Some("write `!=`"),
        '“' | '”' | '‘' | '’' | '„' | '`' => Some("write texts in straight quotes"),
        '%' => Some("write `percentage(part, whole)`, or `* 0.01`"),
        '{' | '}' => Some("messages have braces, rules have none"),
        _ => None,
    };
    // `&` may be half of something: underline what is there.
    let length = rest.chars().next().map_or(1, char::len_utf8);
    let fault = Fault::new(at..at + length, format!("`{other}` is not part of the rule language"));
    match help {
        Some(help) => fault.with_help(help),
        None => fault,
    }
}
