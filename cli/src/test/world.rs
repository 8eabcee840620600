//! Policies that are in force together, compiled once for all that is asked of them, and what is asked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bumpalo::Bump;
use dictum_compiler::source::{Document, Sources, Span};
use dictum_compiler::{Options, compile};
use dictum_corpus::answer::{CodedError, Label};
use dictum_corpus::case::{Case, Entry, Origin, Policies};
use dictum_corpus::decide::{place_language, policy_set, sources_of};
use dictum_corpus::directory::Organization;
use dictum_corpus::expect::Expect;
use dictum_corpus::machine::{coded, labels, load};
use dictum_corpus::reference::PolicySet;
use dictum_vm::Bundle;

/// Policies in force.
pub struct World {
    /// As the compiler takes them.
    pub sources: Sources,
    /// As the reference takes them, one for each document of the sources, in their order.
    pub policies: Policies,
    /// For each of them where it comes from.
    pub origins: Vec<PolicyOrigin>,
    /// The bundle, or what is wrong with the policies.
    pub compiled: Result<Compiled, Vec<CodedError>>,
    /// The organization that is in force in place of policies, of which then there are none.
    pub organization: Option<Arc<Organization>>,
}

/// A bundle, and the names of its statements.
pub struct Compiled {
    pub bundle: Bundle<Vec<u8>>,
    pub labels: Vec<Label>,
}

/// Where a policy comes from, and which policies of other worlds are the same.
#[derive(Clone, Debug)]
pub struct PolicyOrigin {
    /// Equal for the same policy in force elsewhere.
    pub key: PolicyKey,
    /// The case that it stands in; `None` where it has a file of its own.
    pub case: Option<Place>,
}

/// A policy, wherever it is in force: the place it stands at, if that is its own, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PolicyKey {
    pub place: String,
    pub document: Vec<u8>,
}

/// A place in a file, for people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub file: String,
    pub line: u64,
    /// From 1; 0 for a line as a whole.
    pub column: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if self.column > 0 { write!(f, ":{}", self.column) } else { Ok(()) }
    }
}

/// What is asked of a world, one or several times.
pub struct Group {
    /// The file that asks.
    pub file: PathBuf,
    pub world: World,
    pub trials: Vec<Trial>,
}

/// One decision to check.
pub struct Trial {
    /// The id of a case, the name of a test.
    pub name: String,
    /// Where it begins, from 1.
    pub line: u64,
    /// Lines that stand for it where it is chosen by its place.
    pub lines: Vec<std::ops::RangeInclusive<u64>>,
    /// The request's JSON text.
    pub request: String,
    pub expect: Expect,
}

impl World {
    /// A world of sources whose documents are, in their order, these policies.
    ///
    /// # Panics
    /// Where the compiler's bundle does not load: a fault of ours.
    pub fn new(sources: Sources, policies: Policies, origins: Vec<PolicyOrigin>) -> World {
        let compiled = match compile(&sources, &Options::default()) {
            Ok(compiled) => {
                let bundle = load(compiled.bundle);
                let labels = labels(&bundle);
                Ok(Compiled { bundle, labels })
            }
            Err(diagnostics) => Err(coded(&diagnostics)),
        };
        World { sources, policies, origins, compiled, organization: None }
    }

    /// The policies of a case, which stands in this file.
    pub fn of_case(file: &Path, case: &Case) -> World {
        if let Some(organization) = &case.organization {
            let (sources, policies) = (Sources::new(), Policies::default());
            let (compiled, organization) = (Err(Vec::new()), Some(Arc::clone(organization)));
            return World { sources, policies, origins: Vec::new(), compiled, organization };
        }
        let origin = |entry: &Entry| {
            let (place, case) = match &entry.origin {
                Origin::File(path) => (beside(file, path), None),
                Origin::Language(language) => {
                    let name = &language.sources.file(language.document.source).name;
                    (format!("{name}:{}", language.document.range.start), None)
                }
                _ => (String::new(), Some(Place { file: file.display().to_string(), line: case.line, column: 0 })),
            };
            PolicyOrigin { key: PolicyKey { place, document: entry.document.clone() }, case }
        };
        let origins = case.policies.entries.iter().map(origin).collect();
        let sources = sources_of(&case.policies, |sources, entry| {
            let name = match &entry.origin {
                Origin::File(path) => beside(file, path),
                Origin::Language(language) => return place_language(sources, language),
                _ => entry.name.clone(),
            };
            // At no path of a tree: whatever a policy is called, it is JSON.
            let source = sources.add_file_at(name, "", entry.document.clone());
            (source, sources.whole(source))
        });
        World::new(sources, case.policies.clone(), origins)
    }

    /// The policies as the reference takes them; `None` where they are not valid.
    pub fn reference<'a>(&'a self, arena: &'a Bump) -> Option<PolicySet<'a>> {
        self.compiled.is_ok().then(|| policy_set(&self.policies, arena))
    }

    /// The documents, in order.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        self.sources.documents()
    }

    /// Where a span of a policy stands: in its file, or in the case that the policy is part of.
    pub fn place(&self, policy: usize, span: Span) -> Place {
        if let Some(place) = &self.origins[policy].case {
            return place.clone();
        }
        let file = self.sources.file(span.source);
        let place = file.place(span.start);
        Place { file: file.name.clone(), line: place.line.into(), column: place.column.into() }
    }
}

/// The path of a file below the folder of another one, as that one was named.
fn beside(file: &Path, path: &Path) -> String {
    let folder = file.parent().unwrap_or(Path::new(""));
    let whole = if folder == Path::new("") { Path::new(".") } else { folder }.canonicalize();
    let inner = whole.ok().and_then(|whole| path.strip_prefix(whole).ok().map(Path::to_owned));
    inner.map_or_else(|| path.to_owned(), |inner| folder.join(inner)).display().to_string()
}

impl Group {
    /// The one question of a case that expects something.
    pub fn of_case(file: PathBuf, case: Case, expect: Expect) -> Group {
        let world = World::of_case(&file, &case);
        let Case { id: name, line, request, .. } = case;
        Group { file, world, trials: vec![Trial { name, line, lines: vec![line..=line], request, expect }] }
    }
}
