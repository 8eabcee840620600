//! The worlds, traces and managed policies of the shared data folder, for tests and benches.
//!
//! The folder lies beside the repository and is no part of it: whoever needs it asks [`folder`] and does without where
//! there is none. A world is a heap of policies by name, the sets of them that are in force for somebody, and requests
//! with the decision that is due.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use dictum_compiler::source::{PolicyType, Sources};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::answer::Decision;
use crate::reader;
use crate::request::{self, CaseRequest};

/// Names another place for the data folder.
pub const FOLDER_VARIABLE: &str = "DICTUM_DATA";
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");

/// The worlds that [`World::read`] knows.
pub const WORLDS: [&str; 5] = ["W1", "W2", "W3", "W4", "W6"];

/// The data folder, if it is there.
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os(FOLDER_VARIABLE).map_or_else(|| PathBuf::from(FOLDER), PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// Policies, and requests with their decisions.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Short name.
    pub name: String,
    /// Policy documents by name.
    pub policies: BTreeMap<String, String>,
    /// What is in force together for at least one requester; no two are equal.
    pub sets: Vec<PolicySet>,
    /// Requests, in the order of their file.
    pub asked: Vec<Asked>,
}

/// The names of the policies that are in force for a requester.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PolicySet {
    /// Identity policies.
    pub identity: Vec<String>,
    /// The boundary, if there is one.
    pub boundary: Option<String>,
    /// Policies of the resource, for all resources of the world; empty where there are none.
    pub resource: Vec<String>,
    /// Service control policies by level from the root; no level restricts nothing (EVL-1).
    pub scp: Vec<Vec<String>>,
}

/// A request and what is due.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The request.
    pub request: CaseRequest,
    /// Index in [`World::sets`].
    pub set: usize,
    /// The decision.
    pub expected: Decision,
}

#[derive(Deserialize)]
pub(crate) struct WorldFile {
    workload: String,
    pub(crate) accounts: BTreeMap<String, AccountFile>,
    pub(crate) principals: Vec<PrincipalFile>,
    resource_policies: Vec<String>,
    policies: BTreeMap<String, Box<RawValue>>,
}

#[derive(Deserialize)]
pub(crate) struct AccountFile {
    pub(crate) scp: Vec<Vec<String>>,
}

#[derive(Deserialize)]
pub(crate) struct PrincipalFile {
    pub(crate) arn: String,
    account: String,
    #[serde(default)]
    pub(crate) unique_id: String,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(alias = "policies")]
    pub(crate) identity: Vec<String>,
    #[serde(default)]
    pub(crate) boundary: Option<String>,
}

#[derive(Deserialize)]
struct AskedLine<'a> {
    #[serde(borrow)]
    request: &'a RawValue,
    expect: ExpectFile,
}

#[derive(Deserialize)]
struct ExpectFile {
    decision: String,
}

#[derive(Deserialize)]
struct ManagedLine<'a> {
    name: String,
    #[serde(borrow)]
    document: &'a RawValue,
}

#[derive(Deserialize)]
pub(crate) struct TraceFile {
    pub(crate) organization: OrganizationFile,
    pub(crate) principals: Vec<PrincipalFile>,
}

#[derive(Deserialize)]
pub(crate) struct OrganizationFile {
    pub(crate) id: String,
    pub(crate) management_account: String,
    pub(crate) accounts: Vec<PlaceFile>,
}

#[derive(Deserialize)]
pub(crate) struct PlaceFile {
    pub(crate) account: String,
    pub(crate) path: String,
}

/// The managed policies, name and document, in the order of their file.
///
/// # Errors
/// The file is not there or not as its description says; so with all readers here.
pub fn managed_policies(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let lines = lines(&folder.join("managed-policies.jsonl.gz"))?;
    let read = |line: io::Result<String>| {
        let line = line?;
        let policy: ManagedLine<'_> = serde_json::from_str(&line)?;
        Ok((policy.name, policy.document.get().to_owned()))
    };
    lines.map(read).collect()
}

impl World {
    /// Reads a world of the folder `workloads`.
    ///
    /// # Errors
    /// As [`managed_policies`].
    pub fn read(folder: &Path, name: &str) -> io::Result<World> {
        let folder = folder.join("workloads");
        let file: WorldFile = whole(&folder.join(format!("{name}.world.json.gz")))?;
        let policies = file.policies.into_iter().map(|(name, document)| (name, document.get().to_owned()));
        let mut world = World { name: file.workload, policies: policies.collect(), ..World::default() };
        let mut sets = Sets::default();
        for principal in file.principals {
            let scp = file.accounts.get(&principal.account).map_or(Vec::new(), |account| account.scp.clone());
            let PrincipalFile { arn, identity, boundary, .. } = principal;
            sets.add(arn, PolicySet { identity, boundary, scp, resource: file.resource_policies.clone() });
        }
        for line in lines(&folder.join(format!("{name}.requests.jsonl.gz")))? {
            let line = line?;
            let asked: AskedLine<'_> = serde_json::from_str(&line)?;
            let expected = decision(&asked.expect.decision)?;
            world.asked.push(sets.ask(asked.request.get(), expected)?);
        }
        world.sets = sets.sets;
        Ok(world)
    }

    /// Reads the trace of 50,000 requests against managed policies.
    ///
    /// # Errors
    /// As [`managed_policies`].
    pub fn read_managed_trace(folder: &Path) -> io::Result<World> {
        let traces = folder.join("traces");
        let policies = managed_policies(folder)?.into_iter().collect();
        let mut world = World { name: "managed-50k".to_owned(), policies, ..World::default() };
        let mut sets = Sets::default();
        for principal in whole::<TraceFile>(&traces.join("managed-50k.principals.json.gz"))?.principals {
            sets.add(principal.arn, PolicySet { identity: principal.identity, ..PolicySet::default() });
        }
        let requests = lines(&traces.join("managed-50k.requests.jsonl.gz"))?;
        for (request, expected) in requests.zip(lines(&traces.join("managed-50k.expected.txt.gz"))?) {
            world.asked.push(sets.ask(&request?, decision(&expected?)?)?);
        }
        world.sets = sets.sets;
        Ok(world)
    }

    /// The policies of a set as the compiler takes them, each a file of its own.
    ///
    /// # Panics
    /// Where the set names a policy that the world has not.
    pub fn sources(&self, set: &PolicySet) -> Sources {
        let mut sources = Sources::new();
        let add = |sources: &mut Sources, policy_type, name: &String| {
            let text = self.policies.get(name).unwrap_or_else(|| panic!("{}: no policy {name}", self.name));
            let file = sources.add_file(format!("{name}.json"), text.as_bytes());
            let whole = sources.whole(file);
            sources.add(policy_type, name.clone(), file, whole);
        };
        set.identity.iter().for_each(|name| add(&mut sources, PolicyType::Identity, name));
        set.resource.iter().for_each(|name| add(&mut sources, PolicyType::Resource, name));
        set.boundary.iter().for_each(|name| add(&mut sources, PolicyType::Boundary, name));
        for level in &set.scp {
            sources.add_level(PolicyType::Scp);
            level.iter().for_each(|name| add(&mut sources, PolicyType::Scp, name));
        }
        sources
    }

    /// The bytes of the policies of a set.
    pub fn text_bytes(&self, set: &PolicySet) -> usize {
        self.sources(set).files.iter().map(|file| file.text().len()).sum()
    }
}

/// Sets as they are found, and whose each is.
#[derive(Default)]
struct Sets {
    sets: Vec<PolicySet>,
    by_set: HashMap<PolicySet, usize>,
    by_principal: HashMap<String, usize>,
}

impl Sets {
    fn add(&mut self, arn: String, set: PolicySet) {
        let number = *self.by_set.entry(set.clone()).or_insert_with(|| {
            self.sets.push(set);
            self.sets.len() - 1
        });
        self.by_principal.insert(arn, number);
    }

    fn ask(&self, request: &str, expected: Decision) -> io::Result<Asked> {
        let request = request::parse(request).map_err(io::Error::other)?;
        let arn = match &request.principal {
            request::Principal::Arn(arn) => arn,
            request::Principal::Session { role, .. } => role,
            other => return Err(io::Error::other(format!("no policies for {other:?}"))),
        };
        let set = self.by_principal.get(arn).ok_or_else(|| io::Error::other(format!("no policies for {arn}")))?;
        Ok(Asked { set: *set, request, expected })
    }
}

fn decision(name: &str) -> io::Result<Decision> {
    let all = [Decision::Allow, Decision::ExplicitDeny, Decision::ImplicitDeny];
    let found = all.into_iter().find(|decision| decision.name() == name);
    found.ok_or_else(|| io::Error::other(format!("no decision `{name}`")))
}

fn lines(path: &Path) -> io::Result<impl Iterator<Item = io::Result<String>> + use<>> {
    Ok(reader::open(path)?.lines())
}

pub(crate) fn whole<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    let text = io::read_to_string(reader::open(path)?)?;
    Ok(serde_json::from_str(&text)?)
}

/// Managed policies as identity policies, each a file.
pub fn identity_policies<'p>(policies: impl IntoIterator<Item = &'p (String, String)>) -> Sources {
    let mut sources = Sources::new();
    for (name, text) in policies {
        let file = sources.add_file(format!("{name}.json"), text.as_bytes());
        let whole = sources.whole(file);
        sources.add(PolicyType::Identity, name.clone(), file, whole);
    }
    sources
}
