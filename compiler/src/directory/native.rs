//! Native trees: organizations as folders, of which `docs/organization.md` says what lies where.
//!
//! ```text
//! files -> layout (places) -> table (TOML), document -> model
//! ```
//!
//! Everything closes: a file or member that the format does not have is an error, and so is one that it asks for and that
//! is absent. Whether what was read fits together is not asked here.

mod form;
mod fault;
mod table;
mod layout;
mod document;
mod organization;
mod entity;
mod resource;
mod account;

#[cfg(test)]
mod tests;

use toml::de::DeValue;

use crate::diagnostic::{Code, Diagnostic, shown};
use crate::directory::model::Directory;
use crate::source::{SourceId, Sources};
use account::PARTITION_DEFAULT;
use document::Reading;
use entity::Owner;
use fault::{Faults, RULE, at_start};
use layout::{Layout, MARKER, layout, path_below};
use table::{Members, read_file};

/// The version of the format.
const VERSION: &str = "1";

/// The name of the vendor in the place of an account.
const VENDOR: &str = "aws";

/// Reads the tree in a folder of the source tree, `""` being all of it. Of a tree without its mark, `dictum.toml`, an empty
/// file stands in for it, so that there is a place to say so.
///
/// What is read is in the order of the paths, whatever that of the sources; errors are in the order of the sources, all of
/// them. A directory that comes beside errors lacks something and must not be compiled.
///
/// O(bytes of the tables in the tree). Policies are not opened.
pub fn read(sources: &mut Sources, root: &str) -> (Directory, Vec<Diagnostic>) {
    let mut faults = Faults::new();
    if !sources.files.iter().any(|file| path_below(&file.path, root) == Some(MARKER)) {
        let root = root.trim_end_matches('/');
        let path = if root.is_empty() { MARKER.to_owned() } else { format!("{root}/{MARKER}") };
        let source = sources.add_file_at(path.clone(), &path, "");
        let fault = Diagnostic::new(Code::D_MISSING, at_start(source), RULE, format!("there is no `{MARKER}`"));
        faults.push(fault.expected(format!("a file that says `version = {VERSION}`")));
    }
    let sources = &*sources;
    let is_marked = faults.count() == 0;
    let layout = layout(sources, root, &mut faults);
    let mut reading = Reading::new(sources, faults);
    if let Some(source) = layout.marker.filter(|_| is_marked) {
        read_marker(source, &mut reading);
    }
    read_all(&layout, &mut reading);
    (reading.directory, reading.faults.into_list())
}

fn read_marker(source: SourceId, reading: &mut Reading<'_>) {
    let read = |members: &mut Members<'_, '_>| {
        let Some(version) = members.require("version", &format!("`version = {VERSION}`")) else { return };
        match version.get_ref() {
            DeValue::Integer(number) if number.as_str() == VERSION => {}
            DeValue::Integer(number) => {
                let message = format!("there is no version {} of the format", shown(number.as_str()));
                let fault = Diagnostic::new(Code::D_VALUE, members.place(version), RULE, message);
                members.faults.push(fault.expected(format!("`{VERSION}`")));
            }
            _ => members.report_type("version", version, &format!("`{VERSION}`")),
        }
    };
    read_file(reading.sources, source, "`dictum.toml`", &mut reading.faults, read);
}

fn read_all(layout: &Layout<'_>, reading: &mut Reading<'_>) {
    let is_whole = organization::read(layout, reading);
    account::read_managed(&layout.managed, Owner { number: VENDOR, partition: PARTITION_DEFAULT }, reading);
    for (number, files) in &layout.accounts {
        account::read(number, files, reading);
    }
    // Kinds that could not be read are not known to be disabled.
    if is_whole {
        organization::check_kinds(reading);
    }
}
