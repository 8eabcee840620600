//! Entities and their policies -> IR: what is shared becomes one, and every name a number.

use std::collections::HashSet;

use bumpalo::Bump;
use dictum_vm::Layer;

use super::check::{Levels, Links, PrincipalLinks};
use super::model::{Directory, DocumentId, Named, Policies};
use crate::diagnostic::{Code, Diagnostic};
use crate::fast_hash::FastMap;
use crate::ir::directory::{Account, Entity, Resource, Scope, ScopeId, TagSetId, UnitId};
use crate::ir::{self, Program, Table};
use crate::policy::{Policy, PrincipalEntry};
use crate::progress::Reporter;
use crate::read::Reader;
use crate::resolve::resolve_tree;
use crate::source::{Notation, PolicyType, Sources};

const IDENTITY_GATE: u32 = 0;
const BOUNDARY_GATE: u32 = 2;

/// Resolves every document once for each way in which it is used, and lowers everything into one program. `None` beside an
/// error; the diagnostics are in the order of the documents' use.
pub(crate) fn lower(
    sources: &Sources,
    directory: &Directory,
    links: &Links,
    progress: Reporter,
) -> (Option<Program>, Vec<Diagnostic>) {
    let shared = Bump::new();
    let mut lowering = Lowering {
        sources,
        directory,
        reader: Reader::new(sources, &shared),
        program: Program::default(),
        policies: FastMap::default(),
        units: Table::default(),
        scopes: Table::default(),
        tag_sets: Table::default(),
        known: Known::of(directory),
        found: Vec::new(),
        has_errors: false,
        progress,
        looked_up: 0,
        short: HashSet::new(),
    };
    let depth = |of: fn(&Levels) -> &Option<Vec<Vec<super::check::GuardrailId>>>| {
        let levels = links.accounts.iter().flatten().filter_map(|levels| of(levels).as_ref());
        levels.map(Vec::len).max().unwrap_or(0) as u32
    };
    lowering.program.scp_levels = depth(|levels| &levels.scps);
    lowering.program.rcp_levels = depth(|levels| &levels.rcps);
    let mut out = ir::directory::Directory::default();
    let managed = lowering.managed(&mut out);
    lowering.principals(links, &managed, &mut out);
    lowering.resources(links, &mut out);
    lowering.accounts(links, &mut out);
    out.units = lowering.units.items().to_vec();
    out.scopes = lowering.scopes.items().to_vec();
    out.tag_sets = lowering.tag_sets.items().to_vec();
    let Lowering { mut program, found, has_errors, .. } = lowering;
    program.directory = Some(out);
    ((!has_errors).then_some(program), found)
}

/// What names of principals stand for (PRN-18, PRN-19).
struct Known<'d> {
    unique_ids: FastMap<&'d str, PrincipalEntry>,
    canonical_users: FastMap<&'d str, &'d str>,
}

impl<'d> Known<'d> {
    fn of(directory: &'d Directory) -> Known<'d> {
        let id = |id: &'d Option<Named>| id.as_ref().map(|id| id.text.as_str());
        let users = directory
            .users
            .iter()
            .filter_map(|user| Some((id(&user.unique_id)?, PrincipalEntry::Arn(user.arn.text.clone()))));
        let roles = directory
            .roles
            .iter()
            .filter_map(|role| Some((id(&role.unique_id)?, PrincipalEntry::Role { arn: role.arn.text.clone() })));
        let accounts = directory.accounts.iter();
        let canonical =
            accounts.filter_map(|account| Some((id(&account.canonical_user)?, account.number.text.as_str())));
        Known { unique_ids: users.chain(roles).collect(), canonical_users: canonical.collect() }
    }

    /// Entries of unique ids become those of the entities that have them now; canonical users also stand for their accounts.
    fn apply(&self, policy: &mut Policy) {
        for principals in policy.statements.iter_mut().filter_map(|statement| statement.principals.as_mut()) {
            let mut accounts = Vec::new();
            for entry in &mut principals.entries {
                match entry {
                    PrincipalEntry::UniqueId(id) => {
                        if let Some(live) = self.unique_ids.get(id.as_str()) {
                            *entry = live.clone();
                        }
                    }
                    PrincipalEntry::CanonicalUser(id) => {
                        let number = self.canonical_users.get(id.as_str());
                        accounts.extend(number.map(|&number| PrincipalEntry::Account(number.to_owned())));
                    }
                    _ => {}
                }
            }
            principals.entries.extend(accounts);
        }
    }
}

/// What makes two documents one policy: layer, name and text. Of the Dictum language the text depends on its imports, so each
/// document is its own.
#[derive(PartialEq, Eq, Hash)]
enum Content<'s> {
    Text(Layer, &'s str, &'s [u8]),
    Document(Layer, DocumentId),
}

struct Lowering<'s, 'a> {
    sources: &'s Sources,
    directory: &'s Directory,
    reader: Reader<'a>,
    program: Program,
    policies: FastMap<Content<'s>, u32>,
    units: Table<Vec<u32>>,
    scopes: Table<Scope>,
    tag_sets: Table<Vec<(u32, u32)>>,
    known: Known<'s>,
    found: Vec<Diagnostic>,
    has_errors: bool,
    progress: Reporter,
    /// Documents that were asked for.
    looked_up: usize,
    /// Policies that no session may have, for they name resources by less than a whole ARN (RES-8).
    short: HashSet<u32>,
}

/// Documents between two reports of progress.
const REPORT_EVERY: usize = 1_024;

impl<'s> Lowering<'s, '_> {
    /// The number of a document's policy in a layer; `None` where it has errors, which are told.
    fn policy(&mut self, id: DocumentId, layer: Layer) -> Option<u32> {
        if self.looked_up.is_multiple_of(REPORT_EVERY) {
            self.progress.tell("resolving policies", self.looked_up, self.directory.documents.len());
        }
        self.looked_up += 1;
        let document = &self.directory.documents[id.0 as usize];
        let file = self.sources.file(document.source);
        let content = match file.notation {
            Notation::Json => Content::Text(layer, &document.name, self.sources.text(document)),
            Notation::Dictum => Content::Document(layer, id),
        };
        if let Some(&number) = self.policies.get(&content) {
            return Some(number);
        }
        let arena = Bump::new();
        let (tree, diagnostics) = self.reader.read(document, &arena);
        let (policy, diagnostics) = resolve_tree(tree.as_ref(), diagnostics, self.sources, document);
        self.found.extend(diagnostics);
        let Some(mut policy) = policy else {
            self.has_errors = true;
            return None;
        };
        if document.policy_type == PolicyType::Trust && !names_someone(&policy) {
            let span =
                crate::source::Span { source: document.source, start: document.range.start, end: document.range.end };
            self.found.push(Diagnostic::new(Code::L_NOBODY, span.start(), "DIR-11", "the trust policy names no one"));
        }
        self.known.apply(&mut policy);
        let number = self.program.policies.len() as u32;
        if has_short_arn(&policy) {
            self.short.insert(number);
        }
        ir::lower(&policy, layer, &file.name, &mut self.program);
        self.policies.insert(content, number);
        Some(number)
    }

    fn unit(&mut self, mut policies: Vec<u32>) -> UnitId {
        policies.sort_unstable();
        policies.dedup();
        UnitId(self.units.number(policies))
    }

    fn tags(&mut self, tags: &[(Named, String)]) -> Option<TagSetId> {
        let strings = &mut self.program.strings;
        let mut set: Vec<(u32, u32)> =
            tags.iter().map(|(key, value)| (strings.text(&key.text), strings.text(value))).collect();
        set.sort_by_cached_key(|&(key, _)| strings.get(key).to_ascii_lowercase());
        (!set.is_empty()).then(|| TagSetId(self.tag_sets.number(set)))
    }

    /// The unit of each managed policy; those that may be session policies can be found by their ARNs.
    fn managed(&mut self, out: &mut ir::directory::Directory) -> Vec<UnitId> {
        let mut units = Vec::with_capacity(self.directory.managed.len());
        for managed in &self.directory.managed {
            let policy = self.policy(managed.document, Layer::Identity);
            let unit = self.unit(policy.into_iter().collect());
            units.push(unit);
            if policy.is_some_and(|policy| !self.short.contains(&policy)) {
                out.managed.push((self.program.strings.text(&managed.arn.text), unit));
            }
        }
        units
    }

    fn inline(&mut self, policies: &Policies) -> Option<UnitId> {
        let policies: Vec<u32> = policies.inline.iter().filter_map(|&id| self.policy(id, Layer::Identity)).collect();
        (!policies.is_empty()).then(|| self.unit(policies))
    }

    fn principals(&mut self, links: &Links, managed: &[UnitId], out: &mut ir::directory::Directory) {
        let directory = self.directory;
        let managed = |at: &u32| managed[*at as usize];
        let groups: Vec<Vec<UnitId>> = directory
            .groups
            .iter()
            .zip(&links.groups)
            .map(|(group, links)| {
                self.inline(&group.policies).into_iter().chain(links.attached.iter().map(managed)).collect()
            })
            .collect();
        let mut entities = Vec::with_capacity(directory.users.len() + directory.roles.len());
        for (user, links) in directory.users.iter().zip(&links.users) {
            let own = self.inline(&user.policies).into_iter().chain(links.attached.iter().map(managed));
            let of_groups = links.groups.iter().flat_map(|&at| &groups[at as usize]).copied();
            let scope = self.scope(own.chain(of_groups).collect(), links.boundary.as_ref().map(managed));
            let tags = self.tags(&user.tags);
            entities.push(entity(&user.arn, &user.unique_id, links, scope, tags, None));
        }
        for (role, links) in directory.roles.iter().zip(&links.roles) {
            let own = self.inline(&role.policies).into_iter().chain(links.attached.iter().map(managed)).collect();
            let scope = self.scope(own, links.boundary.as_ref().map(managed));
            let tags = self.tags(&role.tags);
            let trust = role.trust.and_then(|id| self.policy(id, Layer::Resource));
            let trust = trust.map(|policy| self.unit(vec![policy]));
            entities.push(entity(&role.arn, &role.unique_id, links, scope, tags, trust));
        }
        out.entities = entities;
    }

    fn scope(&mut self, mut identity: Vec<UnitId>, boundary: Option<UnitId>) -> ScopeId {
        identity.sort_unstable();
        identity.dedup();
        let identity = identity.into_iter().map(|unit| (unit, IDENTITY_GATE));
        let units = identity.chain(boundary.map(|unit| (unit, BOUNDARY_GATE))).collect();
        ScopeId(self.scopes.number(Scope { has_boundary: boundary.is_some(), units }))
    }

    fn resources(&mut self, links: &Links, out: &mut ir::directory::Directory) {
        for (resource, &account) in self.directory.resources.iter().zip(&links.resources) {
            let policies: Vec<u32> =
                resource.policies.iter().filter_map(|&id| self.policy(id, Layer::Resource)).collect();
            let policies = (!policies.is_empty()).then(|| self.unit(policies));
            let tags = self.tags(&resource.tags);
            let arn = self.program.strings.text(&resource.arn.text);
            out.resources.push(Resource { arn, account, policies, tags, must_allow: resource.must_allow });
        }
    }

    fn accounts(&mut self, links: &Links, out: &mut ir::directory::Directory) {
        let directory = self.directory;
        for (account, levels) in directory.accounts.iter().zip(&links.accounts) {
            let mut row = Account { number: self.program.strings.text(&account.number.text), ..Account::default() };
            if let (Some(levels), Some(organization)) = (levels, &directory.organization) {
                row.organization = Some(self.program.strings.text(&organization.id.text));
                row.management_account = Some(self.program.strings.text(&organization.management_account.text));
                row.path = Some(self.program.strings.text(&levels.path));
                row.scps = levels.scps.as_ref().map(|levels| self.levels(levels, Layer::Scp));
                row.rcps = levels.rcps.as_ref().map(|levels| self.levels(levels, Layer::Rcp));
            }
            out.accounts.push(row);
        }
    }

    /// The unit of all levels on the way to an account, and their number: they are always in force together.
    fn levels(&mut self, levels: &[Vec<super::check::GuardrailId>], layer: fn(u32) -> Layer) -> (UnitId, u32) {
        let Some(organization) = &self.directory.organization else { return (self.unit(Vec::new()), 0) };
        let mut policies = Vec::new();
        for (level, guardrails) in (0..).zip(levels) {
            for guardrail in guardrails {
                let document = organization.guardrails[guardrail.0 as usize].document;
                policies.extend(self.policy(document, layer(level)));
            }
        }
        (self.unit(policies), levels.len() as u32)
    }
}

fn entity(
    arn: &Named,
    unique_id: &Option<Named>,
    links: &PrincipalLinks,
    scope: ScopeId,
    tags: Option<TagSetId>,
    trust: Option<UnitId>,
) -> Entity {
    let unique_id = unique_id.as_ref().map_or("", |id| id.text.as_str()).into();
    Entity { arn: arn.text.as_str().into(), unique_id, account: links.account, scope, tags, trust }
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
