//! What a cursor is on in a `.dct` file.

use dictum_compiler::source::Span;
use dictum_compiler::syntax::ast::Text;
use dictum_compiler::syntax::dsl::tree::{
    Bare, Clause, ClauseKind, Comparison, Entries, Entry, File, Item, ItemKind, KeyTest, LetValue, Statement, Test,
    TestLineKind,
};

use super::names::is_name;

/// Texts that a brace group is expanded to at most.
const EXPANSIONS_MAX: usize = 200;

/// What the cursor is on.
#[derive(Clone, Debug, PartialEq)]
pub enum Spot<'a> {
    /// Actions: one, or those that a group stands for.
    Actions(Vec<String>),
    /// A resource, or those that a group stands for.
    Resources(Vec<String>),
    /// A condition key.
    Key(&'a str),
    /// How this key is compared.
    Comparison(Comparison<'a>, KeyTest<'a>),
    /// The use or definition of a name.
    Name(&'a str),
    /// Some other part of this statement.
    Statement(Span),
}

/// What is at a byte of a file, and where that stands; `None` where nothing can be told of.
pub fn spot<'a>(file: &File<'a>, offset: usize) -> Option<(Spot<'a>, Span)> {
    let item = innermost(file.items, offset)?;
    let at = At(offset);
    let found = match &item.kind {
        ItemKind::Let(it) => at.name(&it.name).or_else(|| match &it.value {
            LetValue::Entries(entries) => at.entries(entries, Kind::Either),
            LetValue::Principals(_) => None,
        }),
        ItemKind::Cond(it) => at.name(&it.name).or_else(|| at.clauses(it.clauses)),
        ItemKind::Statement(statement) => at.statement(statement),
        ItemKind::Test(test) => at.test(test),
        ItemKind::Use(_) | ItemKind::Policy(_) => None,
    };
    let whole = match item.kind {
        ItemKind::Statement(statement) => Some((Spot::Statement(item.span), statement.effect.span)),
        _ => None,
    };
    found.or(whole)
}

/// Whether a byte is in a span or touches it.
pub fn holds(span: Span, offset: usize) -> bool {
    (span.start as usize..=span.end as usize).contains(&offset)
}

fn innermost<'i, 'a>(items: &'i [Item<'a>], offset: usize) -> Option<&'i Item<'a>> {
    let item = items.iter().find(|item| holds(item.span, offset))?;
    match &item.kind {
        ItemKind::Policy(block) => innermost(block.items, offset).or(Some(item)),
        _ => Some(item),
    }
}

/// What the entries of a list are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Action,
    Resource,
    Either,
    Value,
}

struct At(usize);

type Found<'a> = Option<(Spot<'a>, Span)>;

impl At {
    fn name<'a>(&self, name: &Text<'a>) -> Found<'a> {
        holds(name.span, self.0).then_some((Spot::Name(name.text), name.span))
    }

    fn statement<'a>(&self, statement: &Statement<'a>) -> Found<'a> {
        let resources = statement.resources.as_ref().map(|(_, resources)| &resources.entries);
        let actions = self.entries(&statement.actions.entries, Kind::Action);
        let found = actions.or_else(|| self.entries(resources?, Kind::Resource));
        found.or_else(|| self.clauses(statement.condition.as_ref()?.1))
    }

    fn entries<'a>(&self, entries: &Entries<'a>, kind: Kind) -> Found<'a> {
        let entry = entries.list.iter().find(|entry| holds(entry.span(), self.0))?;
        let texts = match entry {
            Entry::Bare(bare) if bare.groups.is_empty() && is_name(bare.head.text) => {
                return Some((Spot::Name(bare.head.text), bare.span));
            }
            Entry::Bare(bare) => self.expanded(bare),
            Entry::Quoted(text) | Entry::Typed(_, text) | Entry::Json(text) => vec![text.text.to_owned()],
        };
        let is_arn = texts.first().is_some_and(|text| text.starts_with("arn:"));
        let spot = match kind {
            Kind::Action => Spot::Actions(texts),
            Kind::Resource => Spot::Resources(texts),
            Kind::Either if is_arn => Spot::Resources(texts),
            Kind::Either if texts.iter().all(|text| text.contains(':')) => Spot::Actions(texts),
            Kind::Either | Kind::Value => return None,
        };
        Some((spot, entry.span()))
    }

    /// What a bare text stands for; where the cursor is on a member of a group, with that member alone.
    fn expanded(&self, bare: &Bare<'_>) -> Vec<String> {
        let mut texts = vec![bare.head.text.to_owned()];
        for group in bare.groups {
            let own = group.members.iter().find(|member| holds(member.span, self.0));
            let members = own.map_or(group.members, std::slice::from_ref);
            let next = texts
                .iter()
                .flat_map(|text| members.iter().map(move |member| format!("{text}{}{}", member.text, group.tail.text)));
            texts = next.take(EXPANSIONS_MAX).collect();
        }
        texts
    }

    fn clauses<'a>(&self, clauses: &[Clause<'a>]) -> Found<'a> {
        let clause = clauses.iter().find(|clause| holds(clause.span, self.0))?;
        match clause.kind {
            ClauseKind::Name(name) => self.name(&name),
            ClauseKind::Test(test) if holds(test.comparison.span, self.0) => {
                Some((Spot::Comparison(test.comparison, test), test.comparison.span))
            }
            ClauseKind::Test(test) => {
                let named = self.entries(&test.values, Kind::Value);
                named.or(Some((Spot::Key(test.key.text), test.key.span)))
            }
            ClauseKind::Empty | ClauseKind::EmptyOperator(_) => None,
        }
    }

    fn test<'a>(&self, test: &Test<'a>) -> Found<'a> {
        let line = test.lines.iter().find(|line| holds(line.span, self.0))?;
        match &line.kind {
            TestLineKind::Do { action, resources, .. } => {
                let text = match action {
                    Entry::Bare(bare) => bare.head.text,
                    Entry::Quoted(text) | Entry::Typed(_, text) | Entry::Json(text) => text.text,
                };
                let own = holds(action.span(), self.0);
                let own = own.then(|| (Spot::Actions(vec![text.to_owned()]), action.span()));
                own.or_else(|| self.entries(resources.as_ref()?, Kind::Resource))
            }
            TestLineKind::With(pairs) => {
                let pair = pairs.iter().find(|pair| holds(pair.key.span, self.0))?;
                Some((Spot::Key(pair.key.text), pair.key.span))
            }
            TestLineKind::Expect { by: Some(names), .. } => names.iter().find_map(|name| self.name(name)),
            TestLineKind::As(_) | TestLineKind::Expect { .. } => None,
        }
    }
}
