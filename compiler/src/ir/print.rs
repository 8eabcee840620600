//! IR -> listing, stable and numbered.

use std::fmt::Write;

use super::{IdTest, Notes, Operand, Pattern, Piece, Program, Statement, Test};

/// Every statement with its tests, one a line.
pub fn print(program: &Program) -> String {
    let mut out = String::new();
    for (number, statement) in program.statements.iter().enumerate() {
        let policy = &program.policies[statement.policy as usize];
        let name = match statement.sid {
            Some(sid) => format!("sid {:?}", program.strings.get(sid)),
            None => format!("statement {}", statement.index),
        };
        let never = if statement.never { "  never" } else { "" };
        let (effect, layer) = (statement.effect.name(), policy.layer);
        let _ = writeln!(out, "{number}  {effect}  {layer} {:?} {name}{never}", program.strings.get(policy.name));
        if let Ok(at) = program.notes.binary_search_by_key(&(number as u32), |notes| notes.statement) {
            notes(program, &program.notes[at], &mut out);
        }
        tests(program, statement, &mut out);
    }
    out
}

fn notes(program: &Program, notes: &Notes, out: &mut String) {
    let text = |id: &u32| program.note_texts.get(*id);
    for line in &notes.doc {
        let _ = writeln!(out, "   doc  {:?}", text(line));
    }
    for (name, values) in &notes.metadata {
        let values: Vec<&str> = values.iter().map(text).collect();
        let _ = writeln!(out, "   metadata  {} {values:?}", text(name));
    }
}

fn tests(program: &Program, statement: &Statement, out: &mut String) {
    if let Some(principals) = &statement.principals {
        let text = |id: u32| {
            let (key, text) = &program.principals.items()[id as usize];
            format!("{key:?} {text:?}")
        };
        ids("principal", principals, text, out);
    }
    ids("action", &statement.actions, |id| format!("{:?}", program.actions.get(id)), out);
    if let Some(resources) = &statement.resources {
        let patterns: Vec<String> = resources.patterns.iter().map(|item| pattern(program, item)).collect();
        let not = if resources.negated { "not " } else { "" };
        let _ = writeln!(out, "   {not}resource  [{}]", patterns.join(", "));
    }
    for test in statement.block.into_iter().flat_map(|block| &program.blocks.items()[block as usize]) {
        let _ = writeln!(out, "   {}", condition(program, test));
    }
}

fn ids(name: &str, test: &IdTest, text: impl Fn(u32) -> String, out: &mut String) {
    let texts: Vec<String> = test.ids.iter().map(|&id| text(id)).collect();
    let not = if test.negated { "not " } else { "" };
    let _ = writeln!(out, "   {not}{name}  [{}]", texts.join(", "));
}

fn condition(program: &Program, test: &Test) -> String {
    let text = |id: &u32| format!("{:?}", program.strings.get(*id));
    let patterns = |items: &[Pattern]| items.iter().map(|item| pattern(program, item)).collect::<Vec<_>>();
    let (form, values) = match &test.operand {
        Operand::Text(ids, rest) => ("text", [ids.iter().map(text).collect(), patterns(rest)].concat()),
        Operand::TextIgnoreCase(ids, rest) => {
            ("ignore case", [ids.iter().map(text).collect(), patterns(rest)].concat())
        }
        Operand::Like(items) => ("like", patterns(items)),
        Operand::Arn(items) => ("arn", patterns(items)),
        Operand::Number(ids) => ("number", ids.iter().map(text).collect()),
        Operand::Date(dates) => ("date", dates.iter().map(|(instant, _)| instant.to_string()).collect()),
        Operand::Bool(is_true, is_false, rest) => {
            ("bool", [vec![format!("{is_true}/{is_false}")], patterns(rest)].concat())
        }
        Operand::Address(old, new) => {
            let old = old.iter().map(|(address, length)| format!("{address:08x}/{length}"));
            let new = new.iter().map(|(address, length)| format!("{address:032x}/{length}"));
            ("address", old.chain(new).collect())
        }
        Operand::Null(absent, present) => ("null", vec![format!("absent {absent}, present {present}")]),
    };
    let key = program.strings.get(program.key_names[test.slot as usize]);
    format!("{} {key}  {form} [{}]", test.operator, values.join(", "))
}

/// A pattern, its literal text in quotes.
fn pattern(program: &Program, items: &[Piece]) -> String {
    if items.is_empty() {
        return "\"\"".into();
    }
    items
        .iter()
        .map(|item| match item {
            Piece::Text(text) => format!("{text:?}"),
            Piece::One => "?".into(),
            Piece::OneNotColon => "?-".into(),
            Piece::Run => "*".into(),
            Piece::RunNotColon => "*-".into(),
            Piece::ArnOne => "?a".into(),
            Piece::ArnRun => "*a".into(),
            Piece::Variable { slot, default, colon_free } => {
                let key = program.key_names.get(*slot as usize).map_or("(absent)", |&name| program.strings.get(name));
                let default = default.map_or(String::new(), |id| format!(", {:?}", program.strings.get(id)));
                format!("${{{key}{default}}}{}", if *colon_free { "-" } else { "" })
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}
