//! The tests of a `.dct` file: what is in force, what is asked, and what is expected, as the engines take it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use dictum_compiler::diagnostic::{Code, Diagnostic};
use dictum_compiler::print::{Shape, Spacing, json};
use dictum_compiler::read::Reader;
use dictum_compiler::resolve_tree;
use dictum_compiler::source::{Document, Notation, PolicyType, SourceId, Sources, Span};
use dictum_compiler::syntax::ast::ScalarKind;
use dictum_compiler::testing::{
    self, NamedPolicy, NamedStatements, PolicyInForce, StatementName, Test, TestBlock, TestCase, TestExpect,
    TestPrincipal, TestRequest, TestScalar, TestValue,
};
use dictum_corpus::answer::{Decision, ErrorKind, Layer, Member, SidOrIndex};
use dictum_corpus::case::{Entry, Origin, Policies};
use dictum_corpus::expect::{Expect, ExpectedStatement};
use serde_json::json as value;

use super::world::{Group, PolicyKey, PolicyOrigin, Trial, World};

/// Bytes that the tests of one file may have before them: for each set of policies in force the sources, and the policies.
const WORLD_BYTES_MAX: usize = 64 << 20;

/// What a file holds.
pub struct Blocks {
    /// The file's own policies, in force together.
    pub own: World,
    /// Its tests, those under the same policies together.
    pub groups: Vec<Group>,
    /// How many tests it has, those of a table counting as one, and how many of them are tables.
    pub tests: u64,
    pub tables: u64,
}

/// Reads the tests of the first of these sources, whose own policies are the documents.
///
/// # Errors
/// What is wrong with the file, its policies or its tests; nothing of it is run then.
///
/// # Panics
/// Where the compiler's bundle does not load: a fault of ours.
pub fn read(file: &Path, sources: &Sources) -> Result<Blocks, Vec<Diagnostic>> {
    let shared = Bump::new();
    File::new(file, sources, &shared)?.blocks()
}

/// A file, with what is known of its policies and of those that it names.
struct File<'s> {
    path: PathBuf,
    sources: &'s Sources,
    reader: Reader<'s>,
    own: Vec<Document>,
    known: HashMap<(SourceId, u32), Known>,
}

/// A policy, as far as it can be read.
struct Known {
    /// As JSON.
    text: Vec<u8>,
    /// The Sid of each statement.
    sids: Vec<Option<String>>,
}

impl<'s> File<'s> {
    /// The file, if its own policies are good.
    fn new(path: &Path, sources: &'s Sources, shared: &'s Bump) -> Result<File<'s>, Vec<Diagnostic>> {
        let mut reader = Reader::new(sources, shared);
        let own: Vec<Document> = sources.documents().cloned().collect();
        let mut found = reader.files().faults(SourceId(0));
        for document in &own {
            let arena = Bump::new();
            let (tree, diagnostics) = reader.read(document, &arena);
            found.extend(resolve_tree(tree.as_ref(), diagnostics, sources, document).1);
        }
        found.retain(Diagnostic::is_error);
        if found.is_empty() {
            Ok(File { path: path.to_owned(), sources, reader, own, known: HashMap::new() })
        } else {
            Err(found)
        }
    }

    fn blocks(&mut self) -> Result<Blocks, Vec<Diagnostic>> {
        let (tests, mut found) = testing::check(SourceId(0), &self.own, self.sources, &mut self.reader);
        found.retain(Diagnostic::is_error);
        if !found.is_empty() {
            return Err(found);
        }
        let count = tests.len() as u64;
        let tables = tests.iter().filter(|test| test.block.is_table).count() as u64;
        let bytes: usize = self.sources.files.iter().map(|file| file.text().len()).sum();
        let mut left = WORLD_BYTES_MAX;
        let mut groups: Vec<(Vec<PolicyInForce>, Vec<Trial>)> = Vec::new();
        let mut by_policies: HashMap<Vec<(PolicyType, u32, SourceId, u32)>, usize> = HashMap::new();
        for Test { block, policies } in tests {
            let key = policies.iter().map(|it| {
                let document = &it.document;
                (document.policy_type, it.level, document.source, document.range.start)
            });
            let at = *by_policies.entry(key.collect()).or_insert(groups.len());
            if at == groups.len() {
                let policies = policies.iter().map(|it| it.document.range.len());
                left = left.checked_sub(bytes + policies.sum::<usize>()).ok_or_else(|| vec![too_long(&block)])?;
            }
            let trials = self.trials(&block, &policies);
            if at == groups.len() {
                groups.push((policies, Vec::new()));
            }
            groups[at].1.extend(trials);
        }
        let own: Vec<PolicyInForce> =
            self.own.iter().map(|document| PolicyInForce { level: 0, document: document.clone() }).collect();
        let own = self.world(&own);
        let groups = groups.into_iter().map(|(policies, trials)| {
            let world = self.world(&policies);
            Group { file: self.path.clone(), world, trials }
        });
        let groups = groups.collect();
        Ok(Blocks { own, groups, tests: count, tables })
    }

    /// What is known of a policy.
    fn known(&mut self, document: &Document) -> &Known {
        let key = (document.source, document.range.start);
        if !self.known.contains_key(&key) {
            let known = self.look(document);
            self.known.insert(key, known);
        }
        &self.known[&key]
    }

    fn look(&mut self, document: &Document) -> Known {
        let arena = Bump::new();
        let (tree, _) = self.reader.read(document, &arena);
        let text = match (self.sources.file(document.source).notation, &tree) {
            (Notation::Json, _) => self.sources.text(document).to_vec(),
            (Notation::Dictum, Some(tree)) => json(tree, Shape::Normal, Spacing::Minified).unwrap_or_default().into(),
            (Notation::Dictum, None) => Vec::new(),
        };
        Known { text, sids: tree.as_ref().map_or_else(Vec::new, testing::sids) }
    }

    /// Policies that are in force together, which stand in the order of their members and levels.
    fn world(&mut self, policies: &[PolicyInForce]) -> World {
        let mut sources = Sources { files: self.sources.files.clone(), ..Sources::new() };
        let mut entries = Policies::default();
        let mut origins = Vec::new();
        for policy in policies {
            let document = &policy.document;
            let member = Member::of(document.policy_type);
            let levels = entries.levels[member as usize].get_or_insert(u32::from(!member.has_levels()));
            while member.has_levels() && *levels <= policy.level {
                *levels += 1;
                sources.add_level(document.policy_type);
            }
            sources.add_document(document.clone());
            let file = self.sources.file(document.source);
            let text = self.known(document).text.clone();
            let name = file.name.trim_start_matches("./");
            let key = match file.notation {
                Notation::Json => PolicyKey { place: name.to_owned(), document: text.clone() },
                Notation::Dictum => {
                    PolicyKey { place: format!("{name}:{}", document.range.start), document: Vec::new() }
                }
            };
            origins.push(PolicyOrigin { key, case: None });
            entries.entries.push(Entry {
                name: document.name.clone(),
                layer: Layer { member, level: policy.level },
                document: text,
                origin: Origin::Text,
            });
        }
        World::new(sources, entries, origins)
    }

    fn trials(&mut self, block: &TestBlock, policies: &[PolicyInForce]) -> Vec<Trial> {
        let names_statements = |case: &TestCase| matches!(&case.expect, TestExpect::Decision(_, Some(_)));
        let asked = if block.cases.iter().any(names_statements) { policies } else { &[] };
        let sids: Vec<Vec<Option<String>>> =
            asked.iter().map(|policy| self.known(&policy.document).sids.clone()).collect();
        let named = asked.iter().zip(&sids).map(|(policy, sids)| NamedPolicy::new(&policy.document, sids));
        let named = NamedStatements::new(named.collect());
        let line = |span: Span, is_end: bool| {
            let offset = if is_end { span.end.saturating_sub(1) } else { span.start };
            u64::from(self.sources.file(span.source).place(offset).line)
        };
        let whole = line(block.whole, false)..=line(block.whole, true);
        let rows = block.cases.first().zip(block.cases.last()).filter(|_| block.is_table);
        let trial = |case: &TestCase| {
            let own = line(case.span, false)..=line(case.span, true);
            // A row stands for itself; the rest of the block for all rows.
            let lines = match rows {
                None => vec![whole.clone()],
                Some((first, last)) => {
                    let (first, last) = (line(first.span, false), line(last.span, true));
                    vec![own.clone(), *whole.start()..=first.saturating_sub(1), last + 1..=*whole.end()]
                }
            };
            let (expect, request) = (expect(&case.expect, &named), request(&case.request));
            Trial { name: case.name.clone(), line: *own.start(), lines, request, expect }
        };
        block.cases.iter().map(trial).collect()
    }
}

/// LIM-1.
fn too_long(block: &TestBlock) -> Diagnostic {
    let message = "the policies in force for the tests of this file are too long, over all tests";
    let error = Diagnostic::new(Code::E_LIMIT, block.span, "LIM-1", message);
    error.expected(format!("at most {WORLD_BYTES_MAX} bytes")).help("put some of the tests into another file")
}

/// The JSON text of a request (case-format.md).
fn request(request: &TestRequest) -> String {
    let principal = match &request.principal {
        TestPrincipal::Arn(arn) => value!(arn),
        TestPrincipal::Session { session, role } => value!({ "session": session, "role": role }),
        TestPrincipal::FederatedUser { session, user } => value!({ "session": session, "user": user }),
        TestPrincipal::Service(name) => value!({ "service": name }),
        TestPrincipal::Federated(name) => value!({ "federated": name }),
        TestPrincipal::CanonicalUser(id) => value!({ "canonical_user": id }),
        TestPrincipal::Anonymous => value!({ "anonymous": true }),
    };
    let account =
        request.account.as_ref().map_or(String::new(), |account| format!(",\"resource_account\":{}", value!(account)));
    // Written by hand: numbers keep their digits.
    let scalar = |scalar: &TestScalar| match scalar.kind {
        ScalarKind::String => value!(scalar.text).to_string(),
        ScalarKind::Number | ScalarKind::Bool => scalar.text.clone(),
    };
    let context: Vec<String> = request
        .context
        .iter()
        .map(|(key, it)| match it {
            TestValue::One(one) => format!("{}:{}", value!(key), scalar(one)),
            TestValue::Many(list) => {
                format!("{}:[{}]", value!(key), list.iter().map(scalar).collect::<Vec<_>>().join(","))
            }
        })
        .collect();
    format!(
        "{{\"principal\":{principal},\"action\":{},\"resource\":{}{account},\"context\":{{{}}}}}",
        value!(request.action),
        value!(request.resources),
        context.join(",")
    )
}

fn expect(expect: &TestExpect, named: &NamedStatements<'_>) -> Expect {
    match expect {
        TestExpect::Error(code) => {
            let is_of_request = [Code::E_REQUEST, Code::E_CASE].contains(code);
            let kind = if is_of_request { ErrorKind::Request } else { ErrorKind::Policy };
            Expect::Error(kind, Some(code.name().to_owned()))
        }
        TestExpect::Decision(decision, by) => {
            let by = by.as_ref().map(|by| by.iter().map(|name| statement(name, named)).collect());
            Expect::Decision(decision.map(Decision::from), by)
        }
    }
}

/// The statement of a name that is known to be one.
fn statement(name: &StatementName, named: &NamedStatements<'_>) -> ExpectedStatement {
    let (policy, index) = named.find(name, &mut 0).expect("names of statements were checked before");
    let NamedPolicy { name, sids, .. } = named.policies()[policy];
    let is_unique = |sid: &&String| sids.iter().flatten().filter(|other| other == sid).count() == 1;
    let statement = match sids[index].as_ref().filter(is_unique) {
        Some(sid) => SidOrIndex::Sid(sid.clone()),
        None => SidOrIndex::Index(index as u32),
    };
    ExpectedStatement { policy: name.to_owned(), statement }
}
