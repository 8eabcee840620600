//! The files of a tree, each at its place; nothing is opened.
//!
//! ```text
//! dictum.toml                 org.toml
//! scp/NAME.*                  rcp/NAME.*
//! managed/[PATH/]NAME.*       lib/**.dct
//! accounts/ID/account.toml    providers.toml   resources.toml
//!             users/NAME.toml      NAME.POLICY.*
//!             groups/NAME.toml     NAME.POLICY.*
//!             roles/NAME.toml      NAME.POLICY.*   NAME.trust.*
//!             policies/[PATH/]NAME.*
//!             resources/NAME.*
//! ```
//!
//! `*` is `json` or `dct`.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::fault::{Faults, RULE, at_start};
use crate::diagnostic::near::nearest;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::source::{SourceId, Sources};

/// The file that marks a tree.
pub(super) const MARKER: &str = "dictum.toml";

const TOP: &[&str] = &[MARKER, "org.toml", "accounts", "scp", "rcp", "managed", "lib", "exports"];
const ACCOUNT: &[&str] =
    &["account.toml", "users", "groups", "roles", "policies", "resources", "providers.toml", "resources.toml"];

/// Where files of an account may lie: a table, or a folder of it.
const ACCOUNT_FOLDERS: &[&str] = &["users", "groups", "roles", "policies", "resources"];

/// Files by their path below a folder, without their end.
#[derive(Default)]
pub(super) struct DocumentFiles<'s> {
    /// In the order of their paths.
    pub(super) files: Vec<(&'s str, SourceId)>,
    by_path: HashMap<&'s str, SourceId>,
}

/// Entities of a kind and the documents beside them.
#[derive(Default)]
pub(super) struct EntityFiles<'s> {
    /// Name and file of each, in the order of their paths.
    pub(super) entities: Vec<(&'s str, SourceId)>,
    /// Documents by the whole name of their files, without its end: `NAME.POLICY`.
    pub(super) documents: DocumentFiles<'s>,
}

/// Files of an account.
#[derive(Default)]
pub(super) struct AccountFiles<'s> {
    /// Any file of its folder, the first by path.
    pub(super) first: SourceId,
    /// `account.toml`.
    pub(super) settings: Option<SourceId>,
    /// `providers.toml`.
    pub(super) providers: Option<SourceId>,
    /// `resources.toml`.
    pub(super) resources: Option<SourceId>,
    /// `users/`.
    pub(super) users: EntityFiles<'s>,
    /// `groups/`.
    pub(super) groups: EntityFiles<'s>,
    /// `roles/`.
    pub(super) roles: EntityFiles<'s>,
    /// `policies/`.
    pub(super) policies: DocumentFiles<'s>,
    /// `resources/`.
    pub(super) resource_policies: DocumentFiles<'s>,
}

/// Files of a tree.
#[derive(Default)]
pub(super) struct Layout<'s> {
    /// `dictum.toml`.
    pub(super) marker: Option<SourceId>,
    /// `org.toml`.
    pub(super) organization: Option<SourceId>,
    /// `scp/`.
    pub(super) scps: DocumentFiles<'s>,
    /// `rcp/`.
    pub(super) rcps: DocumentFiles<'s>,
    /// `managed/`.
    pub(super) managed: DocumentFiles<'s>,
    /// `accounts/`, by the names of the folders.
    pub(super) accounts: BTreeMap<&'s str, AccountFiles<'s>>,
}

/// The path of a file below the root of the tree; `None` of a file elsewhere, or that has no path and so is in no tree.
pub(super) fn path_below<'s>(path: &'s str, root: &str) -> Option<&'s str> {
    match root.trim_end_matches('/') {
        "" => Some(path).filter(|path| !path.is_empty()),
        root => path.strip_prefix(root)?.strip_prefix('/'),
    }
}

/// Puts every file of the tree in its place, and reports those that have none; a folder without a place once.
///
/// O(bytes of the paths), for paths in order.
pub(super) fn layout<'s>(sources: &'s Sources, root: &str, faults: &mut Faults) -> Layout<'s> {
    let ids = (0..).map(SourceId).zip(&sources.files);
    let mut paths: Vec<(&str, SourceId)> =
        ids.filter_map(|(id, file)| Some((path_below(&file.path, root)?, id))).collect();
    paths.sort();
    let mut layout = Layout::default();
    let mut unknown = HashSet::new();
    for (path, id) in paths {
        let parts: Vec<&str> = path.split('/').collect();
        if is_ignored(&parts) || layout.place(path, &parts, id, faults).is_some() {
            continue;
        }
        let depth = unknown_depth(&parts);
        let end = parts[..=depth].iter().map(|part| part.len() + 1).sum::<usize>() - 1;
        if unknown.insert(&path[..end]) {
            faults.push(unknown_place(&path[..end], &parts, depth, id));
        }
    }
    layout
}

/// What lies in `exports` is read as what it is, by others.
fn is_ignored(parts: &[&str]) -> bool {
    if parts.len() > 1 && parts[0] == "exports" {
        return true;
    }
    let is_text = |name: &&str| name.ends_with(".md") || *name == "dictum-lint.toml";
    parts.iter().any(|part| part.starts_with('.')) || parts.last().is_some_and(is_text)
}

/// The name of a document's file without its end.
fn document_stem(file: &str) -> Option<&str> {
    file.strip_suffix(".json").or(file.strip_suffix(".dct"))
}

impl<'s> DocumentFiles<'s> {
    fn add(&mut self, path: &'s str, id: SourceId, faults: &mut Faults) -> Option<()> {
        let stem = document_stem(path)?;
        match self.by_path.get(stem) {
            Some(&first) => {
                let message = format!("two files for the document `{}`", shown(stem));
                faults.twice(at_start(id), at_start(first), message);
            }
            None => {
                self.by_path.insert(stem, id);
                self.files.push((stem, id));
            }
        }
        Some(())
    }
}

impl<'s> EntityFiles<'s> {
    fn add(&mut self, file: &'s str, id: SourceId, faults: &mut Faults) -> Option<()> {
        match file.strip_suffix(".toml") {
            Some(name) => self.entities.push((name, id)),
            None => self.documents.add(file, id, faults)?,
        }
        Some(())
    }
}

impl<'s> Layout<'s> {
    /// Takes a file in; `None` where no file may be there.
    fn place(&mut self, path: &'s str, parts: &[&'s str], id: SourceId, faults: &mut Faults) -> Option<()> {
        let below = |count: usize| &path[parts[..count].iter().map(|part| part.len() + 1).sum()..];
        match parts {
            [MARKER] => self.marker = Some(id),
            ["org.toml"] => self.organization = Some(id),
            ["scp", file] => self.scps.add(file, id, faults)?,
            ["rcp", file] => self.rcps.add(file, id, faults)?,
            ["managed", _, ..] => self.managed.add(below(1), id, faults)?,
            ["lib", .., file] => _ = file.strip_suffix(".dct")?,
            ["accounts", _] => return None,
            ["accounts", number, inner @ ..] => {
                let account = self
                    .accounts
                    .entry(number)
                    .or_insert_with(|| AccountFiles { first: id, ..AccountFiles::default() });
                match inner {
                    ["account.toml"] => account.settings = Some(id),
                    ["providers.toml"] => account.providers = Some(id),
                    ["resources.toml"] => account.resources = Some(id),
                    ["users", file] => account.users.add(file, id, faults)?,
                    ["groups", file] => account.groups.add(file, id, faults)?,
                    ["roles", file] => account.roles.add(file, id, faults)?,
                    ["policies", _, ..] => account.policies.add(below(3), id, faults)?,
                    ["resources", file] => account.resource_policies.add(file, id, faults)?,
                    _ => return None,
                }
            }
            _ => return None,
        }
        Some(())
    }
}

/// Which part of a path that has no place is the first one that cannot stand there.
fn unknown_depth(parts: &[&str]) -> usize {
    let last = parts.len() - 1;
    let depth = match parts {
        ["scp" | "rcp", ..] => 1,
        ["managed" | "lib", ..] => last,
        ["accounts", _, "policies", ..] => last,
        ["accounts", _, folder, ..] if ACCOUNT_FOLDERS.contains(folder) => 3,
        ["accounts", ..] => 2,
        _ => 0,
    };
    depth.min(last)
}

fn unknown_place(path: &str, parts: &[&str], depth: usize, id: SourceId) -> Diagnostic {
    let what = if depth + 1 < parts.len() { "folder" } else { "file" };
    let message = format!("the tree has no {what} `{}`", shown(path));
    let fault = Diagnostic::new(Code::D_MEMBER, at_start(id), RULE, message);
    let among = |names: &[&'static str]| {
        // A name that is known is that of a folder where a file stands, or the other way about.
        let near = nearest(parts[depth], names.iter().copied()).filter(|near| *near != parts[depth]);
        (format!("one of `{}`", names.join("`, `")), near)
    };
    let (expected, near) = match parts[..depth] {
        [] => among(TOP),
        ["accounts", _] => among(ACCOUNT),
        ["accounts"] => ("a folder for each account, named by its 12 digits".to_owned(), None),
        ["accounts", _, "users" | "groups" | "roles"] => {
            ("`NAME.toml`, or `NAME.POLICY.json` or `.dct`, without folders".to_owned(), None)
        }
        ["lib", ..] => ("a library that ends in `.dct`".to_owned(), None),
        ["managed", ..] | ["accounts", _, "policies", ..] => ("`NAME.json` or `NAME.dct`".to_owned(), None),
        _ => ("`NAME.json` or `NAME.dct`, without folders".to_owned(), None),
    };
    fault.expected(expected).did_you_mean(near)
}
