//! Documents and layout -> image: every document is resolved once for each way in which it is used, and every unit of
//! policies compiled once; of both, only what no cache holds.

use std::ops::Range;

use bumpalo::Bump;
use dictum_vm::Layer;

use crate::cache::{Cache, fingerprint};
use crate::codegen::{self, Image, Linker, View};
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::{Digest, Digester};
use crate::directory::layout::{Bounded, Layout, Row, Use, in_order};
use crate::expand::Files;
use crate::fast_hash::FastMap;
use crate::ir::directory::{ScopeId, UnitId};
use crate::ir::{self, Program, Table};
use crate::opt;
use crate::options::Options;
use crate::policy::{Policy, PrincipalEntry};
use crate::read::Reader;
use crate::resolve::resolve_tree;
use crate::size::{ATTACHMENTS, sizes};
use crate::source::{Document, Notation, PolicyType, SourceId, Sources, Span};
use crate::stored::{self, Facts, Found};

/// How much of a compilation was work, and how much had been done before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Documents, each once for each text, name and type.
    pub documents: usize,
    /// Those that were parsed.
    pub parsed: usize,
    /// Units of policies that are in force together.
    pub units: usize,
    /// Those that were compiled.
    pub compiled: usize,
}

/// Links every unit of policies into one image. `None` beside an error; the diagnostics are in the order of the documents'
/// use.
pub(crate) fn lower(
    sources: &Sources,
    mut layout: Layout,
    cache: &mut dyn Cache,
    options: &Options,
) -> (Option<Image>, Vec<Diagnostic>, Effort) {
    let shared = Bump::new();
    let mut lowering = Lowering {
        sources,
        layout: &layout,
        options,
        cache,
        reader: Reader::new(sources, &shared),
        linker: Linker::new(layout.scp_levels, layout.rcp_levels),
        policies: Vec::new(),
        numbers: FastMap::default(),
        resolved: FastMap::default(),
        units: Table::default(),
        known: Known::of(&layout),
        paths: None,
        found: Vec::new(),
        has_errors: false,
        of_documents: vec![None; layout.documents.len()],
        looked_up: 0,
        effort: Effort::default(),
    };
    let units: Vec<UnitId> = layout.sets.iter().map(|set| lowering.set(set)).collect();
    let is_short = |set: &UnitId| {
        let policies = &lowering.units.items()[units[set.0 as usize].0 as usize];
        policies.iter().any(|&policy| lowering.policies[policy as usize].facts.is_short)
    };
    let managed: Vec<_> = layout.directory.managed.iter().copied().filter(|(_, set)| !is_short(set)).collect();
    lowering.too_large();
    let Lowering { linker, found, has_errors, effort, .. } = lowering;
    if has_errors {
        return (None, found, effort);
    }
    layout.directory.managed = managed;
    link(&mut layout, &units);
    (Some(Image { directory: Some(layout.directory), ..Image::of(linker) }), found, effort)
}

/// Puts units in the place of sets. What was told apart by documents that say the same becomes one.
fn link(layout: &mut Layout, units: &[UnitId]) {
    let directory = &mut layout.directory;
    let unit = |set: &mut UnitId| *set = units[set.0 as usize];
    let mut scopes = Table::default();
    let numbers: Vec<ScopeId> = std::mem::take(&mut directory.scopes)
        .into_iter()
        .map(|mut scope| {
            scope.units.iter_mut().for_each(|(set, _)| unit(set));
            ScopeId(scopes.number(in_order(scope)))
        })
        .collect();
    directory.scopes = scopes.items().to_vec();
    for entity in &mut directory.entities {
        entity.scope = numbers[entity.scope.0 as usize];
        entity.trust.iter_mut().for_each(unit);
    }
    for account in &mut directory.accounts {
        account.scps.iter_mut().chain(&mut account.rcps).for_each(|(set, _)| unit(set));
    }
    directory.resources.iter_mut().flat_map(|resource| &mut resource.policies).for_each(unit);
    directory.managed.iter_mut().for_each(|(_, set)| unit(set));
}

/// What names of principals stand for (PRN-18, PRN-19).
struct Known<'d> {
    unique_ids: FastMap<&'d str, (&'d str, bool)>,
    canonical_users: FastMap<&'d str, &'d str>,
}

impl<'d> Known<'d> {
    fn of(layout: &'d Layout) -> Known<'d> {
        let ids = layout.unique_ids.iter().map(|(id, arn, is_role)| (id.as_str(), (arn.as_str(), *is_role)));
        let users = layout.canonical_users.iter().map(|(id, account)| (id.as_str(), account.as_str()));
        Known { unique_ids: ids.collect(), canonical_users: users.collect() }
    }

    /// Entries of unique ids become those of the entities that have them now; canonical users also stand for their
    /// accounts. Gives what was put in, in order: it is not of the document.
    fn apply(&self, policy: &mut Policy) -> Vec<String> {
        let mut put = Vec::new();
        for principals in policy.statements.iter_mut().filter_map(|statement| statement.principals.as_mut()) {
            let mut accounts = Vec::new();
            for entry in &mut principals.entries {
                match entry {
                    PrincipalEntry::UniqueId(id) => {
                        if let Some(&(arn, is_role)) = self.unique_ids.get(id.as_str()) {
                            put.push(format!("{id} {arn}"));
                            let arn = arn.to_owned();
                            *entry = if is_role { PrincipalEntry::Role { arn } } else { PrincipalEntry::Arn(arn) };
                        }
                    }
                    PrincipalEntry::CanonicalUser(id) => {
                        if let Some(&account) = self.canonical_users.get(id.as_str()) {
                            put.push(format!("{id} {account}"));
                            accounts.push(PrincipalEntry::Account(account.to_owned()));
                        }
                    }
                    _ => {}
                }
            }
            principals.entries.extend(accounts);
        }
        put
    }
}

/// What makes two documents one policy: layer, type, name and text. Of the Dictum language the text depends on its imports, so each
/// document is its own.
#[derive(PartialEq, Eq, Hash)]
enum Content {
    Text(Layer, PolicyType, u32, Digest),
    Document(Layer, u32),
}

/// A policy in a layer, for as long as units may need it.
#[derive(Clone)]
struct Resolved {
    /// Index of its row.
    row: usize,
    /// Places in it count from the start of its document. `None` where it has not been needed.
    policy: Option<Policy>,
    /// It has been parsed in this compilation, and counted.
    is_parsed: bool,
    layer: Layer,
    key: Digest,
    facts: Facts,
    /// The digest of all that it was made of.
    says: Digest,
}

struct Lowering<'s, 'a, 'c> {
    sources: &'s Sources,
    layout: &'s Layout,
    options: &'s Options,
    cache: &'c mut dyn Cache,
    reader: Reader<'a>,
    linker: Linker,
    /// By their numbers in the bundle.
    policies: Vec<Resolved>,
    /// `None` where the document has errors, which have been told.
    numbers: FastMap<Content, Option<u32>>,
    /// The first policy of each document that has been resolved, in whatever layer.
    resolved: FastMap<Digest, Option<u32>>,
    units: Table<Vec<u32>>,
    known: Known<'s>,
    /// Files of the Dictum language by their paths.
    paths: Option<FastMap<&'s str, SourceId>>,
    found: Vec<Diagnostic>,
    has_errors: bool,
    /// The policy of each document that was asked for.
    of_documents: Vec<Option<u32>>,
    /// Documents that were asked for.
    looked_up: usize,
    effort: Effort,
}

/// Documents between two reports of progress.
const REPORT_EVERY: usize = 1_024;

impl<'s> Lowering<'s, '_, '_> {
    fn set(&mut self, uses: &[Use]) -> UnitId {
        let mut policies = Vec::with_capacity(uses.len());
        for it in uses {
            let policy = self.policy(it.document, it.layer);
            self.of_documents[it.document as usize] = policy;
            policies.extend(policy);
        }
        self.unit(policies)
    }

    /// The number of a document's policy in a layer; `None` where it has errors, which are told.
    fn policy(&mut self, id: u32, layer: Layer) -> Option<u32> {
        if self.looked_up.is_multiple_of(REPORT_EVERY) {
            self.options.progress.tell("resolving policies", self.looked_up, self.layout.documents.len());
        }
        self.looked_up += 1;
        let row = &self.layout.documents[id as usize];
        let digest = row.digest(self.sources);
        let content = match row.notation(self.sources) {
            Notation::Json => Content::Text(layer, row.policy_type(), row.name, digest),
            Notation::Dictum => Content::Document(layer, id),
        };
        if let Some(&known) = self.numbers.get(&content) {
            return known;
        }
        let document = self.layout.document(row, self.sources);
        let key = stored::key(self.sources, &document, digest);
        let resolved = match self.resolved.get(&key) {
            Some(known) => known.map(|number| self.policies[number as usize].clone()),
            None => self.resolve(&document, id as usize, key),
        };
        let number = resolved.map(|resolved| {
            let file = self.sources.file(document.source).name.as_str();
            self.policies.push(Resolved { layer, ..resolved });
            self.linker.policy(&document.name, file, layer, row.base())
        });
        self.resolved.entry(key).or_insert(number);
        self.has_errors |= number.is_none();
        self.numbers.insert(content, number);
        number
    }

    /// What a document says; its diagnostics are told.
    fn resolve(&mut self, document: &Document, row: usize, key: Digest) -> Option<Resolved> {
        self.effort.documents += 1;
        let mut resolved = match self.kept(document, row, key) {
            Some(kept) => kept,
            None => self.read(document, row, key)?,
        };
        if document.policy_type == PolicyType::Trust && !resolved.facts.names_someone {
            let span = Span { source: document.source, start: document.range.start, end: document.range.end };
            self.found.push(Diagnostic::new(Code::L_NOBODY, span.start(), "DIR-11", "the trust policy names no one"));
        }
        if resolved.facts.has_ids {
            let mut policy = match resolved.policy {
                Some(policy) => policy,
                None => self.policy_of(&resolved)?,
            };
            let mut says = Digester::new();
            says.digest(resolved.says);
            self.known.apply(&mut policy).iter().for_each(|text| _ = says.bytes(text.as_bytes()));
            (resolved.policy, resolved.says) = (Some(policy), says.finish());
        }
        Some(resolved)
    }

    /// What the cache holds of a document.
    fn kept(&mut self, document: &Document, row: usize, key: Digest) -> Option<Resolved> {
        let sources = self.sources;
        let paths = &mut self.paths;
        let find = |path: &str| {
            let all = || {
                let files = (0..).map(SourceId).zip(&sources.files);
                let files = files.filter(|(_, file)| file.notation == Notation::Dictum);
                files.map(|(id, file)| (file.path.as_str(), id)).collect()
            };
            paths.get_or_insert_with(all).get(path).copied()
        };
        let Found { facts, warnings, says } = stored::find(self.cache, &key, sources, document, find)?;
        self.found.extend(warnings);
        Some(Resolved { row, policy: None, is_parsed: false, layer: Layer::Identity, key, facts, says })
    }

    /// Tells what is larger than the service takes (SIZ-2), once for each text.
    fn too_large(&mut self) {
        let mut told = FastMap::default();
        for Bounded { attachment, documents } in &self.layout.bounded {
            let attachment = &ATTACHMENTS[*attachment as usize];
            let mut sum = 0;
            for &id in documents {
                let Some(number) = self.of_documents[id as usize] else { continue };
                let [solid, all] = self.policies[number as usize].facts.sizes;
                sum += if attachment.counts_whitespace { all } else { solid } as usize;
                if sum <= attachment.characters_max || told.insert((attachment.name, number), ()).is_some() {
                    continue;
                }
                let document = self.layout.document(&self.layout.documents[id as usize], self.sources);
                let start = document.range.start;
                let span = Span { source: document.source, start, end: start + 1 };
                let message = match documents.len() {
                    1 => format!("{} of {sum} characters", attachment.title),
                    _ => format!("{} that brings its owner's to {sum} characters", attachment.title),
                };
                let diagnostic = Diagnostic::new(Code::L_SIZE, span, "SIZ-2", message);
                let diagnostic = Diagnostic { policy: Some(document.name), ..diagnostic };
                self.found.push(diagnostic.expected(format!("at most {}", attachment.characters_max)));
                break;
            }
        }
    }

    /// Parses a document and resolves it; its diagnostics are told.
    fn read(&mut self, document: &Document, at: usize, key: Digest) -> Option<Resolved> {
        self.effort.parsed += 1;
        let row = &self.layout.documents[at];
        let (policy, diagnostics, sizes) = self.parse(document, row);
        let resolved = policy.map(|policy| {
            let imports = match row.notation(self.sources) {
                Notation::Json => Vec::new(),
                Notation::Dictum => self.reader.files().closure(document.source),
            };
            let facts = facts(&policy, sizes);
            let kept = Some(&policy).filter(|_| !row.is_alone || facts.has_ids);
            let says = stored::keep(self.cache, key, self.sources, document, &imports, (kept, facts, &diagnostics));
            Resolved { row: at, policy: Some(policy), is_parsed: true, layer: Layer::Identity, key, facts, says }
        });
        self.found.extend(diagnostics);
        resolved
    }

    /// The policy of a document, with its places counted from its start, what is said of it, and how large it is.
    fn parse(&mut self, document: &Document, row: &Row) -> (Option<Policy>, Vec<Diagnostic>, [u32; 2]) {
        let arena = Bump::new();
        let range = match row.notation(self.sources) {
            Notation::Json => document.range.clone(),
            Notation::Dictum => match the_policy(self.reader.files(), document) {
                Ok(range) => range,
                Err(fault) => return (None, vec![*fault], [0; 2]),
            },
        };
        let document = Document { range, ..document.clone() };
        let (tree, diagnostics) = self.reader.read(&document, &arena);
        let sizes = sizes(self.sources, &document, tree.as_ref());
        let (policy, diagnostics) = resolve_tree(tree.as_ref(), diagnostics, self.sources, &document);
        (policy.map(|policy| relative(policy, row.base())), diagnostics, sizes)
    }

    /// A policy that is known without having been read: as it was kept, or read now.
    fn policy_of(&mut self, resolved: &Resolved) -> Option<Policy> {
        stored::policy(self.cache, &resolved.key).or_else(|| {
            self.effort.parsed += usize::from(!resolved.is_parsed);
            let row = &self.layout.documents[resolved.row];
            let document = self.layout.document(row, self.sources);
            self.parse(&document, row).0
        })
    }

    /// The unit of some policies. Each is compiled once.
    fn unit(&mut self, mut policies: Vec<u32>) -> UnitId {
        policies.sort_unstable();
        policies.dedup();
        if let Some(known) = self.units.find(&policies) {
            return UnitId(known);
        }
        if !self.has_errors {
            self.compile(&policies);
        }
        UnitId(self.units.number(policies))
    }

    fn compile(&mut self, policies: &[u32]) {
        let mut key = Digester::new();
        key.bytes(b"unit").digest(fingerprint());
        self.options.passes.iter().for_each(|(name, _)| _ = key.bytes(name.as_bytes()));
        policies.iter().for_each(|&number| _ = key.digest(self.policies[number as usize].says));
        let key = key.finish();
        self.effort.units += 1;
        if let Some(object) = self.cache.get(&key).and_then(View::of) {
            self.linker.unit(object, policies.to_vec());
            return;
        }
        self.effort.compiled += 1;
        let mut program = Program::default();
        for &number in policies {
            let number = number as usize;
            if self.policies[number].policy.is_none() {
                let resolved = self.policies[number].clone();
                let policy = self.policy_of(&resolved);
                self.policies[number] = Resolved { policy, is_parsed: true, ..resolved };
            }
            let Resolved { policy, layer, .. } = &self.policies[number];
            let Some(policy) = policy else {
                // It was good, so its file has changed since.
                self.has_errors = true;
                return;
            };
            // An object is the same in whatever file its policies stand.
            ir::lower(policy, *layer, "", &mut program);
        }
        opt::run(&mut program, self.options.passes);
        // One that is in no other set is needed no more; what ids were put in could not be read again.
        if let &[number] = policies
            && let Resolved { row, facts: Facts { has_ids: false, .. }, .. } = self.policies[number as usize]
            && self.layout.documents[row].is_alone
        {
            self.policies[number as usize].policy = None;
        }
        let object = codegen::compile(&mut program);
        self.linker.unit(object.view(), policies.to_vec());
        self.cache.put(key, object.bytes);
    }
}

/// Where the one policy of a file of the Dictum language stands; a fault if it holds none, or several.
fn the_policy(files: &mut Files<'_>, document: &Document) -> Result<Range<u32>, Box<Diagnostic>> {
    let source = document.source;
    let policies = files.policies(source, &document.name, Some(document.policy_type));
    let place = |policy: &Document| Span { source, start: policy.range.start, end: policy.range.end };
    match &policies[..] {
        [policy] => Ok(policy.range.clone()),
        // What was meant to be a policy may be what could not be read; reading it tells.
        [] if files.has_errors(source) => Ok(document.range.clone()),
        [] => {
            let fault = Diagnostic::new(
                Code::D_MISSING,
                Span { source, start: 0, end: 0 },
                "DIR-2",
                "the file holds no policy",
            );
            Err(Box::new(fault.expected("one policy").help("files that are only imported have their place in `lib/`")))
        }
        [first, second, ..] => {
            let fault = Diagnostic::new(Code::D_TWICE, place(second), "DIR-2", "the file holds several policies");
            Err(Box::new(fault.expected("one policy").related(place(first), "the first one is here")))
        }
    }
}

/// The policy with its places counted from its document's first character.
fn relative(mut policy: Policy, (line, column): (u32, u32)) -> Policy {
    for statement in &mut policy.statements {
        let place = &mut statement.place;
        if place.line == line {
            place.column = place.column + 1 - column;
        }
        place.line = place.line + 1 - line;
        place.offset = 0;
        statement.conditions.iter_mut().for_each(|condition| condition.place = Default::default());
    }
    policy
}

fn facts(policy: &Policy, sizes: [u32; 2]) -> Facts {
    let principals = policy.statements.iter().filter_map(|statement| statement.principals.as_ref());
    let is_id = |it: &PrincipalEntry| matches!(it, PrincipalEntry::UniqueId(_) | PrincipalEntry::CanonicalUser(_));
    let has_ids = principals.flat_map(|it| &it.entries).any(is_id);
    Facts { is_short: has_short_arn(policy), names_someone: names_someone(policy), has_ids, sizes }
}

/// Whether some resource entry has fewer than the six fields of an ARN, which identity policies alone may leave out (RES-8).
/// What stands in a variable is no colon between fields.
fn has_short_arn(policy: &Policy) -> bool {
    let fields = |text: &str| {
        let mut inside = false;
        let between = text.char_indices().filter(|&(at, character)| {
            inside = if inside { character != '}' } else { text[at..].starts_with("${") };
            !inside && character == ':'
        });
        between.count() + 1
    };
    let patterns = policy.statements.iter().filter_map(|statement| statement.resources.as_ref());
    patterns.flat_map(|it| &it.patterns).any(|it| it.text != "*" && fields(&it.text) < 6)
}

/// Whether some statement has a principal, or NotPrincipal, that lists anybody.
fn names_someone(policy: &Policy) -> bool {
    policy.statements.iter().any(|statement| {
        statement.principals.as_ref().is_some_and(|principals| principals.negated || !principals.entries.is_empty())
    })
}
