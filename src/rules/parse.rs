//! From text to tree: a strict subset of CEL, by descent. Every rule that is taken here is CEL and means the same there
//! (`tests/rules.rs` asks the `cel` crate); maps, messages, indexing, `%`, `null`, exponents and comments are left out.

use std::ops::Range;

use super::syn::{Binary, Fault, Syn, SynKind};
use super::token::{Token, tokens};

/// The longest rule. Schemas may be somebody else's file, and a walk over a long chain needs stack.
pub const LONGEST: usize = 2_000;

/// The tallest tree, and so the deepest that any walk over it goes.
const TALLEST: usize = 120;

/// Brackets within brackets: each costs a dozen frames while parsing.
const NESTING: usize = 32;

/// Words that CEL keeps for itself; as names they would not be CEL.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Reads a rule. The first thing that cannot be read is the fault: what follows it would be guesswork.
pub fn parse(rule: &str) -> Result<Syn, Fault> {
    if rule.len() > LONGEST {
        return Err(Fault::new(
            0..rule.len(),
            format!("a rule has at the most {LONGEST} bytes, this one {}", rule.len()),
        )
        .with_help("make two rules of it"));
    }
    let mut parser = Parser { tokens: tokens(rule)?, at: 0, nesting: 0 };
    let syn = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(syn),
        Token::Sign(sign @ (")" | "]")) => {
            let message = format!("there is no opening bracket for this `{sign}`");
            Err(Fault::new(parser.span(), message))
        }
        Token::Sign(_) | Token::Number(_) | Token::Text(_) | Token::Word(_) => {
            let message = format!("an operator is missing before {}", parser.peek().describe());
            Err(Fault::new(parser.span(), message))
        }
    }
}

struct Parser {
    /// Never empty: the last one is the end, and the parser does not go past it.
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    nesting: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0..0, |(_, span)| span.clone())
    }

    fn end_of_last(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |(_, span)| span.end)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str, opened: &Range<usize>) -> Result<(), Fault> {
        if self.take(sign) {
            return Ok(());
        }
        Err(match self.peek() {
            Token::End => Fault::new(opened.clone(), format!("there is no closing `{sign}` for this")),
            found => Fault::new(self.span(), format!("expected `{sign}`, found {}", found.describe())),
        })
    }

    fn node(span: Range<usize>, kind: SynKind) -> Result<Syn, Fault> {
        let syn = Syn::new(span, kind);
        if syn.height > TALLEST {
            let help = "make two rules of it, or write `sum([…])` for a long sum";
            return Err(Fault::new(syn.span, "this rule is too deep").with_help(help));
        }
        Ok(syn)
    }

    /// The deepest point of the descent: counted here, so that brackets cannot exhaust the stack.
    fn expression(&mut self) -> Result<Syn, Fault> {
        self.nesting += 1;
        if self.nesting > NESTING {
            return Err(Fault::new(self.span(), "brackets are nested too deeply").with_help("make two rules of it"));
        }
        let condition = self.chain(0)?;
        let question = self.span();
        let syn = if self.take("?") {
            let yes = self.chain(0)?;
            if !self.take(":") {
                let message = format!("expected `:`, found {}", self.peek().describe());
                return Err(Fault::new(question, message).with_help("write `condition ? one : other`"));
            }
            let no = self.expression()?;
            let span = condition.span.start..no.span.end;
            Self::node(span, SynKind::If(Box::new([condition, yes, no])))?
        } else {
            condition
        };
        self.nesting -= 1;
        Ok(syn)
    }

    /// Terms joined by operators that bind at least as tightly as `loosest`, from `||` (0) to `*` (4). One frame however
    /// many levels there are: brackets pay for every frame again.
    fn chain(&mut self, loosest: u8) -> Result<Syn, Fault> {
        let mut left = self.unary()?;
        while let Some((level, operator)) = self.operator() {
            if level < loosest {
                break;
            }
            self.at += 1;
            let right = self.chain(level + 1)?;
            let span = left.span.start..right.span.end;
            left = Self::node(span, SynKind::Binary(operator, Box::new([left, right])))?;
        }
        Ok(left)
    }

    fn operator(&self) -> Option<(u8, Binary)> {
        let sign = match self.peek() {
            Token::Sign(sign) => *sign,
            Token::Word(word) if word == "in" => "in",
            Token::Word(_) | Token::Number(_) | Token::Text(_) | Token::End => return None,
        };
        Some(match sign {
            "||" => (0, Binary::Or),
            "&&" => (1, Binary::And),
            "==" => (2, Binary::Equal),
            "!=" => (2, Binary::NotEqual),
            "<" => (2, Binary::Less),
            "<=" => (2, Binary::AtMost),
            ">" => (2, Binary::More),
            ">=" => (2, Binary::AtLeast),
            "in" => (2, Binary::In),
            "+" => (3, Binary::Add),
            "-" => (3, Binary::Subtract),
            "*" => (4, Binary::Multiply),
            "/" => (4, Binary::Divide),
            _ => return None,
        })
    }

    fn unary(&mut self) -> Result<Syn, Fault> {
        let first = self.at;
        let wrap: fn(Box<Syn>) -> SynKind = match self.peek() {
            Token::Sign("!") => SynKind::Not,
            Token::Sign("-") => SynKind::Negate,
            Token::Sign(_) | Token::Number(_) | Token::Text(_) | Token::Word(_) | Token::End => return self.member(),
        };
        let sign = if self.peek() == &Token::Sign("!") { "!" } else { "-" };
        while self.take(sign) {}
        let signs = first..self.at;
        if let Token::Sign("!" | "-") = self.peek() {
            return Err(Fault::new(self.span(), "`!` and `-` cannot stand side by side").with_help("use parentheses"));
        }
        let mut syn = self.member()?;
        for at in signs.rev() {
            let start = self.tokens.get(at).map_or(syn.span.start, |(_, span)| span.start);
            syn = Self::node(start..syn.span.end, wrap(Box::new(syn)))?;
        }
        Ok(syn)
    }

    fn member(&mut self) -> Result<Syn, Fault> {
        let mut syn = self.primary()?;
        while self.take(".") {
            let Token::Word(name) = self.peek().clone() else {
                return Err(Fault::new(self.span(), "a name is missing after the dot"));
            };
            if matches!(name.as_str(), "in" | "true" | "false" | "null") {
                return Err(Fault::new(
                    self.span(),
                    format!("`{name}` is a word of the language, it cannot be a name"),
                ));
            }
            self.at += 1;
            let start = syn.span.start;
            let kind = if matches!(self.peek(), Token::Sign("(")) {
                let args = self.arguments()?;
                SynKind::Call { name, on: Some(Box::new(syn)), args }
            } else {
                SynKind::Select(Box::new(syn), name)
            };
            syn = Self::node(start..self.end_of_last(), kind)?;
        }
        if let Token::Sign("[") = self.peek() {
            let help = "name a row by its code: `table.CODE.column`";
            return Err(Fault::new(self.span(), "nothing is looked up with `[…]`").with_help(help));
        }
        Ok(syn)
    }

    fn arguments(&mut self) -> Result<Vec<Syn>, Fault> {
        let opened = self.span();
        self.at += 1;
        self.list_until(")", &opened)
    }

    /// Terms with commas between, up to a closing bracket.
    fn list_until(&mut self, close: &str, opened: &Range<usize>) -> Result<Vec<Syn>, Fault> {
        let mut items = Vec::new();
        if self.take(close) {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if !self.take(",") {
                self.expect(close, opened)?;
                return Ok(items);
            }
        }
    }

    fn primary(&mut self) -> Result<Syn, Fault> {
        let span = self.span();
        let token = self.peek().clone();
        let kind = match token {
            Token::Number(n) => SynKind::Number(n),
            Token::Text(text) => SynKind::Text(text),
            Token::Word(word) => match word.as_str() {
                "true" => SynKind::Truth(true),
                "false" => SynKind::Truth(false),
                "null" => {
                    let help = "write `!has(name)` for a figure that was not given";
                    return Err(Fault::new(span, "there is no `null`").with_help(help));
                }
                "in" => return Err(Fault::new(span, "something is missing before `in`")),
                reserved if RESERVED.contains(&reserved) => {
                    return Err(Fault::new(span, format!("`{reserved}` is kept by CEL, it cannot be a name")));
                }
                _ => {
                    self.at += 1;
                    if !matches!(self.peek(), Token::Sign("(")) {
                        return Self::node(span, SynKind::Name(word));
                    }
                    let args = self.arguments()?;
                    let kind = SynKind::Call { name: word, on: None, args };
                    return Self::node(span.start..self.end_of_last(), kind);
                }
            },
            Token::Sign("(") => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(")", &span)?;
                return Ok(inner);
            }
            Token::Sign("[") => {
                self.at += 1;
                let items = self.list_until("]", &span)?;
                return Self::node(span.start..self.end_of_last(), SynKind::List(items));
            }
            Token::Sign(_) | Token::End => {
                let message = format!("expected a name, a number or a text, found {}", token.describe());
                return Err(Fault::new(span, message));
            }
        };
        self.at += 1;
        Self::node(span, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree with brackets around everything.
    fn shape(syn: &Syn) -> String {
        let list = |items: &[Syn]| items.iter().map(shape).collect::<Vec<_>>().join(" ");
        match &syn.kind {
            SynKind::Number(n) => n.to_string(),
            SynKind::Text(text) => format!("{text:?}"),
            SynKind::Truth(truth) => truth.to_string(),
            SynKind::Name(name) => name.clone(),
            SynKind::Select(of, name) => format!("{}.{name}", shape(of)),
            SynKind::Call { name, on: None, args } => format!("{name}({})", list(args)),
            SynKind::Call { name, on: Some(on), args } => format!("{}.{name}({})", shape(on), list(args)),
            SynKind::List(items) => format!("[{}]", list(items)),
            SynKind::Not(of) => format!("(! {})", shape(of)),
            SynKind::Negate(of) => format!("(- {})", shape(of)),
            SynKind::Binary(op, sides) => format!("({} {} {})", shape(&sides[0]), op.symbol(), shape(&sides[1])),
            SynKind::If(parts) => format!("(? {})", list(&parts[..])),
        }
    }

    #[test]
    fn operators_bind_as_in_cel() {
        for (rule, tree) in [
            ("a + b * c - d", "((a + (b * c)) - d)"),
            ("a || b && !c == d", "(a || (b && ((! c) == d)))"),
            ("a ? b : c ? d : e", "(? a b (? c d e))"),
            ("--a * -b", "((- (- a)) * (- b))"),
            ("x in ['a', \"b\"] && true", "((x in [\"a\" \"b\"]) && true)"),
            ("t.a.all(r, r.x >= 0.5)", "t.a.all(r (r.x >= 0.5))"),
            ("(a - b) - (c - d)", "((a - b) - (c - d))"),
            (r#"x == 'it\'s \\ "so"'"#, r#"(x == "it's \\ \"so\"")"#),
        ] {
            assert_eq!(parse(rule).map(|syn| shape(&syn)).as_deref(), Ok(tree), "{rule}");
        }
    }

    #[test]
    fn faults_say_what_to_do() {
        for (rule, underlined, says) in [
            ("a = b", "=", "write `==` to compare"),
            ("a & b", "&", "write `&&` for and"),
            ("a − b", "−", "write the plain minus sign `-`"),
            ("last. == 3", "==", "a name is missing after the dot"),
            ("sum(a", "(", "there is no closing `)` for this"),
            ("a)", ")", "there is no opening bracket for this `)`"),
            ("a b", "b", "an operator is missing before `b`"),
            ("a +", "", "expected a name, a number or a text, found the end of the rule"),
            ("18B == 3", "18B", "`18B` is no number"),
            ("a == 'x", "'", "the text that starts here has no closing '"),
            ("rows[0] > 1", "[", "nothing is looked up with `[…]`"),
            ("a ? b", "?", "expected `:`, found the end of the rule"),
            ("a == null", "null", "there is no `null`"),
            ("!-a", "-", "`!` and `-` cannot stand side by side"),
            ("return > 1", "return", "`return` is kept by CEL, it cannot be a name"),
            ("a > 1 // so", "// so", "a rule has no comments"),
            ("a == 'café' + é", "é", "`é` is not part of the rule language"),
            ("a > 99999999999999999999", "99999999999999999999", "this number is too large"),
            ("[1, 2,]", "]", "expected a name, a number or a text, found `]`"),
        ] {
            let fault = parse(rule).unwrap_err();
            assert_eq!(&rule[fault.span.clone()], underlined, "{rule}");
            assert!(fault.message == says || fault.help.as_deref() == Some(says), "{rule}: {fault:?}");
        }
    }

    #[test]
    fn no_rule_exhausts_the_stack() {
        let parse_small = |rule: String| std::thread::Builder::new().stack_size(512 << 10).spawn(move || parse(&rule));
        for rule in [
            "(".repeat(1_900),
            "a+".repeat(950) + "a",
            "a".to_owned() + &".a".repeat(950),
            "-".repeat(1_900) + "a",
            "a?b:".repeat(450) + "c",
            "[".repeat(1_900),
            "f(".repeat(900),
            "a".to_owned() + &".f(a".repeat(400),
            "x".repeat(3_000),
        ] {
            let result = parse_small(rule).unwrap().join();
            assert!(result.unwrap().is_err());
        }
        assert!(parse(&vec!["a"; 100].join(" + ")).is_ok());
    }

    #[test]
    fn spans_cover_whole_terms() {
        let rule = "é_ok == 1";
        assert!(parse(rule).is_err());
        let rule = "'é' == a.b.f(1) ";
        let syn = parse(rule).unwrap();
        let SynKind::Binary(_, sides) = &syn.kind else { panic!("{syn:?}") };
        assert_eq!([&rule[sides[0].span.clone()], &rule[sides[1].span.clone()]], ["'é'", "a.b.f(1)"]);
    }
}
