//! The names of a file: where each is defined and where it is used.

use dictum_compiler::source::Span;
use dictum_compiler::syntax::ast::Text;
use dictum_compiler::syntax::dsl::tree::{
    Bare, Clause, ClauseKind, Entries, Entry, Item, ItemKind, LetValue, PrincipalTerm, Statement, Test, TestLineKind,
};

/// What a name is of. Lets, conds and imports share their names; policies and Sids have their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A let, a cond or an import.
    Name,
    /// A policy block.
    Policy,
    /// A statement.
    Sid,
}

/// A place where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence<'a> {
    /// The name; of a name of another file without the import's.
    pub name: &'a str,
    /// Where it stands.
    pub span: Span,
    /// What it is of.
    pub kind: Kind,
    /// Whether it is defined here.
    pub is_definition: bool,
    /// The import that it is looked up in.
    pub import: Option<&'a str>,
}

/// Every occurrence of a name in these items, in no particular order.
pub fn occurrences<'a>(items: &[Item<'a>]) -> Vec<Occurrence<'a>> {
    let mut found = Vec::new();
    items.iter().for_each(|item| of_item(item, &mut found));
    found
}

/// Every bare text of these items, tests aside.
pub fn bares<'i, 'a>(items: &'i [Item<'a>]) -> Vec<&'i Bare<'a>> {
    let mut found = Vec::new();
    for item in items {
        match &item.kind {
            ItemKind::Let(it) => match &it.value {
                LetValue::Entries(entries) => bares_of(entries, &mut found),
                LetValue::Principals(_) => {}
            },
            ItemKind::Cond(it) => it.clauses.iter().for_each(|clause| bares_of_clause(clause, &mut found)),
            ItemKind::Policy(block) => found.extend(bares(block.items)),
            ItemKind::Statement(statement) => {
                bares_of(&statement.actions.entries, &mut found);
                statement.resources.iter().for_each(|(_, it)| bares_of(&it.entries, &mut found));
                let clauses = statement.condition.iter().flat_map(|(_, clauses)| clauses.iter());
                clauses.for_each(|clause| bares_of_clause(clause, &mut found));
            }
            ItemKind::Use(_) | ItemKind::Test(_) => {}
        }
    }
    found
}

fn bares_of_clause<'i, 'a>(clause: &'i Clause<'a>, found: &mut Vec<&'i Bare<'a>>) {
    if let ClauseKind::Test(test) = &clause.kind {
        bares_of(&test.values, found);
    }
}

fn bares_of<'i, 'a>(entries: &'i Entries<'a>, found: &mut Vec<&'i Bare<'a>>) {
    found.extend(entries.list.iter().filter_map(|entry| match entry {
        Entry::Bare(bare) => Some(bare),
        Entry::Quoted(_) | Entry::Typed(..) | Entry::Json(_) => None,
    }));
}

/// Whether a bare text may be a name: what contains a colon, a wildcard or a variable, or begins with a digit, is none.
pub fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(is_part)
        && !["true", "false"].contains(&text)
}

type Found<'a> = Vec<Occurrence<'a>>;

fn defined<'a>(text: &Text<'a>, kind: Kind) -> Occurrence<'a> {
    Occurrence { name: text.text, span: text.span, kind, is_definition: true, import: None }
}

/// A use of a name; of `common.reads` also one of the import.
fn used<'a>(text: &Text<'a>, kind: Kind, found: &mut Found<'a>) {
    let own = |name, span, import| Occurrence { name, span, kind, is_definition: false, import };
    match text.text.split_once('.').filter(|_| kind != Kind::Sid) {
        None => found.push(own(text.text, text.span, None)),
        Some((import, name)) => {
            let at = import.len();
            let whole = text.text.len();
            found.push(Occurrence { kind: Kind::Name, ..own(import, text.part(0, at), None) });
            found.push(own(name, text.part(at + 1, whole), Some(import)));
        }
    }
}

fn of_item<'a>(item: &Item<'a>, found: &mut Found<'a>) {
    match &item.kind {
        ItemKind::Use(import) => found.push(defined(&import.name, Kind::Name)),
        ItemKind::Let(it) => {
            found.push(defined(&it.name, Kind::Name));
            match &it.value {
                LetValue::Entries(entries) => of_entries(entries, found),
                LetValue::Principals(terms) => of_terms(terms, found),
            }
        }
        ItemKind::Cond(it) => {
            found.push(defined(&it.name, Kind::Name));
            of_clauses(it.clauses, found);
        }
        ItemKind::Policy(block) => {
            found.push(defined(&block.name, Kind::Policy));
            block.items.iter().for_each(|item| of_item(item, found));
        }
        ItemKind::Statement(statement) => of_statement(statement, found),
        ItemKind::Test(test) => of_test(test, found),
    }
}

/// A Sid without its `@`, which the span may cover.
fn without_at<'a>(sid: &Text<'a>) -> Text<'a> {
    let marks = (sid.span.end - sid.span.start).saturating_sub(sid.text.len() as u32);
    Text { span: Span { start: sid.span.start + marks % 2, ..sid.span }, ..*sid }
}

fn of_statement<'a>(statement: &Statement<'a>, found: &mut Found<'a>) {
    found.extend(statement.sids.iter().map(|sid| defined(&without_at(sid), Kind::Sid)));
    of_entries(&statement.actions.entries, found);
    if let Some((_, principals)) = &statement.principals {
        of_terms(principals.terms, found);
    }
    if let Some((_, resources)) = &statement.resources {
        of_entries(&resources.entries, found);
    }
    if let Some((_, clauses)) = &statement.condition {
        of_clauses(clauses, found);
    }
}

fn of_entries<'a>(entries: &Entries<'a>, found: &mut Found<'a>) {
    for entry in entries.list {
        if let Entry::Bare(bare) = entry
            && bare.groups.is_empty()
            && is_name(bare.head.text)
        {
            used(&bare.head, Kind::Name, found);
        }
    }
}

fn of_terms<'a>(terms: &[PrincipalTerm<'a>], found: &mut Found<'a>) {
    for term in terms {
        match term {
            PrincipalTerm::Word(word) if is_name(word.text) => used(word, Kind::Name, found),
            _ => {}
        }
    }
}

fn of_clauses<'a>(clauses: &[Clause<'a>], found: &mut Found<'a>) {
    for clause in clauses {
        match &clause.kind {
            ClauseKind::Name(name) => used(name, Kind::Name, found),
            ClauseKind::Test(test) => of_entries(&test.values, found),
            ClauseKind::Empty | ClauseKind::EmptyOperator(_) => {}
        }
    }
}

fn of_test<'a>(test: &Test<'a>, found: &mut Found<'a>) {
    for under in test.under.iter().filter(|under| !under.is_path) {
        used(&under.policy, Kind::Policy, found);
    }
    for line in test.lines {
        let TestLineKind::Expect { by: Some(names), .. } = &line.kind else { continue };
        for name in *names {
            match name.text.split_once(['@', '#']) {
                None => used(name, Kind::Sid, found),
                Some((policy, rest)) => {
                    let at = policy.len();
                    used(&Text { text: policy, span: name.part(0, at) }, Kind::Policy, found);
                    if name.text[at..].starts_with('@') {
                        let span = name.part(at + 1, at + 1 + rest.len());
                        used(&Text { text: rest, span }, Kind::Sid, found);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use dictum_compiler::source::SourceId;
    use dictum_compiler::syntax::dsl;

    use super::*;

    #[test]
    fn names_are_found_where_they_stand() {
        let text = r#"use "c.dct" as common
let reads = s3:{Get*, List*}, common.more
cond mfa = aws:MultiFactorAuthPresent == true
policy P { @Read allow reads from partners on arn:aws:s3:::b/* if mfa and aws:SourceIp in nets }
test "t" under identity P { as arn:aws:iam::123456789012:user/a do s3:GetObject expect allow by P@Read, Read }
"#;
        let arena = Bump::new();
        let (file, _) = dsl::parse(text.as_bytes(), SourceId(0), &arena);
        let shown = occurrences(file.items).into_iter().map(|it| {
            let place = &text[it.span.start as usize..it.span.end as usize];
            assert_eq!(place, it.name);
            let mark = if it.is_definition { "=" } else { "" };
            format!("{:?} {}{}{mark}", it.kind, it.import.map_or(String::new(), |import| format!("{import}.")), it.name)
        });
        let shown: Vec<_> = shown.collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        Name common=
        Name reads=
        Name common
        Name common.more
        Name mfa=
        Policy P=
        Sid Read=
        Name reads
        Name partners
        Name mfa
        Name nets
        Policy P
        Policy P
        Sid Read
        Sid Read
        ");
    }
}
