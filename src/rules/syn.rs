//! A rule as it is written: a tree over the text, each node with the bytes it covers.
//! Knows no names and no types; `lower` settles those.

use std::ops::Range;

/// A term of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Syn {
    /// The bytes of the whole term, without parentheses around it.
    pub span: Range<usize>,
    /// What it is.
    pub kind: SynKind,
    /// How many nodes lie between here and the deepest leaf: what a walk needs of the stack.
    pub(super) height: usize,
}

/// What a term is.
#[derive(Debug, Clone, PartialEq)]
pub enum SynKind {
    /// `4`, `0.5`
    Number(f64),
    /// `"2021-03-31"`
    Text(String),
    /// `true`
    Truth(bool),
    /// `cpp_started`
    Name(String),
    /// `last.cpp_started`
    Select(Box<Syn>, String),
    /// `sum(…)`, `rows.all(r, …)`
    Call {
        /// The name before the parenthesis.
        name: String,
        /// What stands before the dot, for a method.
        on: Option<Box<Syn>>,
        /// What stands in the parentheses.
        args: Vec<Syn>,
    },
    /// `[1, 2]`
    List(Vec<Syn>),
    /// `!a`
    Not(Box<Syn>),
    /// `-a`
    Negate(Box<Syn>),
    /// `a + b`
    Binary(Binary, Box<[Syn; 2]>),
    /// `a ? b : c`
    If(Box<[Syn; 3]>),
}

/// What stands between two terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `in`
    In,
    /// `&&`
    And,
    /// `||`
    Or,
}

impl Binary {
    /// As it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::In => "in",
            Self::And => "&&",
            Self::Or => "||",
        }
    }
}

impl Syn {
    /// A term over those bytes.
    pub(super) fn new(span: Range<usize>, kind: SynKind) -> Self {
        let tallest = |terms: &[Self]| terms.iter().map(|t| t.height).max().unwrap_or(0);
        let below = match &kind {
            SynKind::Number(_) | SynKind::Text(_) | SynKind::Truth(_) | SynKind::Name(_) => 0,
            SynKind::Select(of, _) | SynKind::Not(of) | SynKind::Negate(of) => of.height,
            SynKind::Call { on, args, .. } => tallest(args).max(on.as_ref().map_or(0, |on| on.height)),
            SynKind::List(items) => tallest(items),
            SynKind::Binary(_, sides) => tallest(&**sides),
            SynKind::If(parts) => tallest(&**parts),
        };
        Self { span, kind, height: below + 1 }
    }
}

/// Something wrong with a rule: a place in its text and what to do. The caller knows the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The bytes of the rule it is about.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    /// A fault at a place.
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    /// Says what to do.
    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
