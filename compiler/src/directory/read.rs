//! The sources of an organization, freely combined: a native tree, exports of AWS, collections of vendor's policies.

use super::aws::{self, Kind};
use super::managed::{Collection, add_attached};
use super::model::Directory;
use super::native;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::source::{SourceId, Sources, Span};

const RULE: &str = "DIR-2";
/// The file that marks a native tree.
const MARKER: &str = "dictum.toml";
/// The folder of a native tree in which exports lie.
const EXPORTS: &str = "exports/";
/// The folder of exports with the answers about the organization.
const ORGANIZATION: &str = "organization/";

/// Reads every file of the sources into one directory. With a file `dictum.toml` they are a native tree, whose folder
/// `exports` may hold exports; without one they are exports. Collections are files among the sources that stand for
/// themselves and have no path: of them only what is attached somewhere is taken.
///
/// A directory that comes beside an error lacks something and must not be compiled. The errors are all there are.
pub fn read(sources: &mut Sources, collections: &[SourceId]) -> (Directory, Vec<Diagnostic>) {
    let is_native = sources.files.iter().any(|file| file.path == MARKER);
    let ids: Vec<SourceId> = (0..sources.files.len() as u32).map(SourceId).collect();
    let ids: Vec<SourceId> = ids.into_iter().filter(|id| !collections.contains(id)).collect();
    let (mut directory, mut found) = match is_native {
        true => native::read(sources, ""),
        false => Default::default(),
    };
    let prefix = if is_native { EXPORTS } else { "" };
    let mut answers = Vec::new();
    for id in ids {
        let Some(inside) = sources.file(id).path.strip_prefix(prefix).map(str::to_owned) else { continue };
        if inside.split('/').any(|part| part.starts_with('.')) || inside.ends_with(".md") {
            continue;
        }
        if inside.starts_with(ORGANIZATION) {
            answers.push(id);
            continue;
        }
        match aws::kind(sources.file(id).text()) {
            Kind::Export => aws::account(sources, id, &mut directory, &mut found),
            Kind::ResourceMap => aws::resource_policies(sources, id, &mut directory, &mut found),
            Kind::PolicySet | Kind::Other => found.push(neither(&inside, id, is_native)),
        }
    }
    if !answers.is_empty() {
        aws::organization(sources, &answers, &mut directory, &mut found);
    }
    let collections: Vec<Collection> = collections
        .iter()
        .map(|&id| {
            let (collection, of_it) = Collection::read(sources, id);
            found.extend(of_it);
            collection
        })
        .collect();
    add_attached(&collections, sources, &mut directory, &mut found);
    (directory, found)
}

fn neither(path: &str, source: SourceId, is_native: bool) -> Diagnostic {
    let span = Span { source, start: 0, end: 0 };
    let message = format!("`{}` is no export", shown(path));
    let diagnostic = Diagnostic::new(Code::D_EXPORT, span, RULE, message);
    let diagnostic =
        diagnostic.expected("an account's authorization details, or a map from ARNs to resource policies, in JSON");
    match is_native {
        true => diagnostic,
        false => diagnostic.help(format!(
            "a native tree has a file `{MARKER}`; answers about an organization lie in `{ORGANIZATION}`"
        )),
    }
}
