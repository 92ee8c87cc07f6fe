//! The oracle for our rule language: every rule that our parser takes must be CEL, and mean the same tree there.
//! Used with `#[path = "common/oracle.rs"] mod oracle;`.
//!
//! Differences allowed, all of them in how trees are built and none in what they mean:
//! * CEL balances `a && b && c && d` as `(a && b) && (c && d)`, we lean left: both are flattened;
//! * CEL folds `--a` and `!!a` away and reads `-1` as a number: so do we, before comparing;
//! * CEL tells 1 from 1.0, and 0 from -0.0; we have one kind of number;
//! * macros (`has`, `all`, `exists`, `filter`, `map`) are compared as the calls they are written as. CEL's own `has`
//!   wants a path with a dot; ours takes a bare name as well.

use cel::Env;
use cel::common::ast::{Expr, IdedExpr, LiteralValue};
use safereturn::rules::{Binary, Syn, SynKind, parse};

/// Whether CEL takes the rule and parses it to the same tree as we do; if not, why.
pub(crate) fn same_as_cel(rule: &str) -> Result<(), String> {
    let ours = parse(rule).map_err(|fault| format!("we refuse it: {}", fault.message))?;
    let theirs = Env::default().parser().parse(rule).map_err(|errors| format!("CEL refuses it: {errors}"))?;
    let (ours, theirs) = (our_tree(&ours), cel_tree(&theirs));
    if ours == theirs { Ok(()) } else { Err(format!("we read {ours:?}, CEL reads {theirs:?}")) }
}

/// Whether CEL takes the rule at all.
#[allow(dead_code, reason = "not every test file that includes this one asks")]
pub(crate) fn is_cel(rule: &str) -> bool {
    Env::default().parser().parse(rule).is_ok()
}

/// A tree that has forgotten what may differ.
#[derive(Debug, PartialEq)]
enum Tree {
    Number(f64),
    Atom(String),
    Node(String, Vec<Tree>),
}

fn node(name: impl Into<String>, parts: Vec<Tree>) -> Tree {
    Tree::Node(name.into(), parts)
}

/// A number that is never -0.
fn number(n: f64) -> Tree {
    Tree::Number(n + 0.0)
}

fn signed(sign: &str, of: Tree) -> Tree {
    match of {
        Tree::Number(n) if sign == "-" => number(-n),
        Tree::Node(name, mut parts) if name == sign && parts.len() == 1 => parts.remove(0),
        of => node(sign, vec![of]),
    }
}

fn chain(name: &str, parts: Vec<Tree>) -> Tree {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Tree::Node(inner, parts) if inner == name => flat.extend(parts),
            part => flat.push(part),
        }
    }
    node(name, flat)
}

fn call(name: &str, on: Option<Tree>, args: Vec<Tree>) -> Tree {
    let on = on.unwrap_or(Tree::Atom(String::new()));
    node(format!("call {name}"), std::iter::once(on).chain(args).collect())
}

fn our_tree(syn: &Syn) -> Tree {
    let all = |terms: &[Syn]| terms.iter().map(our_tree).collect::<Vec<_>>();
    match &syn.kind {
        SynKind::Number(n) => number(*n),
        SynKind::Text(text) => Tree::Atom(format!("{text:?}")),
        SynKind::Truth(truth) => Tree::Atom(truth.to_string()),
        SynKind::Name(name) => Tree::Atom(name.clone()),
        SynKind::Select(of, name) => node(format!(".{name}"), vec![our_tree(of)]),
        SynKind::Call { name, on, args } => call(name, on.as_ref().map(|on| our_tree(on)), all(args)),
        SynKind::List(items) => node("[]", all(items)),
        SynKind::Not(of) => signed("!", our_tree(of)),
        SynKind::Negate(of) => signed("-", our_tree(of)),
        SynKind::Binary(operator @ (Binary::And | Binary::Or), sides) => chain(operator.symbol(), all(&**sides)),
        SynKind::Binary(operator, sides) => node(operator.symbol(), all(&**sides)),
        SynKind::If(parts) => node("?:", all(&**parts)),
    }
}

fn cel_tree(expr: &IdedExpr) -> Tree {
    let all = |terms: &[IdedExpr]| terms.iter().map(cel_tree).collect::<Vec<_>>();
    match &expr.expr {
        Expr::Ident(name) => Tree::Atom(name.clone()),
        Expr::Select(select) => node(format!(".{}", select.field), vec![cel_tree(&select.operand)]),
        Expr::List(list) => node("[]", all(&list.elements)),
        Expr::Literal(LiteralValue::Boolean(truth)) => Tree::Atom(truth.inner().to_string()),
        #[allow(clippy::cast_precision_loss, reason = "as our parser reads it")]
        Expr::Literal(LiteralValue::Int(n)) => number(*n.inner() as f64),
        Expr::Literal(LiteralValue::Double(n)) => number(*n.inner()),
        Expr::Literal(LiteralValue::String(text)) => Tree::Atom(format!("{:?}", text.inner())),
        Expr::Call(c) => match (c.func_name.as_str(), c.args.as_slice()) {
            ("!_", [of]) => signed("!", cel_tree(of)),
            ("-_", [of]) => signed("-", cel_tree(of)),
            ("_&&_", args) => chain("&&", all(args)),
            ("_||_", args) => chain("||", all(args)),
            ("_?_:_", args) => node("?:", all(args)),
            ("@in", args) => node("in", all(args)),
            ("_+_" | "_-_" | "_*_" | "_/_" | "_<_" | "_<=_" | "_>_" | "_>=_" | "_==_" | "_!=_", args) => {
                node(c.func_name.trim_matches('_'), all(args))
            }
            (name, args) => call(name, c.target.as_ref().map(|on| cel_tree(on)), all(args)),
        },
        other => Tree::Atom(format!("unlike ours: {other:?}")),
    }
}
