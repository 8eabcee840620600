//! Every class of error and lint that this program reports, each with its page.

use std::borrow::Cow;

use dictum_compiler::diagnostic::{Class, Code, Severity, page};
use dictum_lint::check::Check;
use dictum_lint::checks;
use dictum_vm::BundleError;

/// A class.
#[derive(Clone, Copy)]
pub struct Entry {
    /// As it is written in a report: `E-JSON`.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What it is about, in one sentence.
    pub meaning: &'static str,
    page: Page,
}

#[derive(Clone, Copy)]
enum Page {
    Written(&'static str),
    /// Made of the table of checks when it is asked for.
    Check(&'static Check),
}

impl Entry {
    /// The page in Markdown.
    pub fn page(self) -> Cow<'static, str> {
        match self.page {
            Page::Written(text) => Cow::Borrowed(text),
            Page::Check(check) => Cow::Owned(dictum_lint::page(check)),
        }
    }
}

macro_rules! own {
    ($($code:literal $meaning:literal;)*) => {
        /// Classes that are this command's own, with what they are about and their pages.
        const OWN: &[(&str, &str, &str)] =
            &[$(($code, $meaning, include_str!(concat!("../../docs/codes/", $code, ".md")))),*];
    };
}

own! {
    "E-FILE" "A file that cannot be read or written.";
    "E-CODE" "A code that there is none of.";
    "E-PROTOCOL" "An editor and the language server do not understand each other.";
    "E-INTERNAL" "A mistake of this program.";
}

/// The pages of bundles, in the order of [`BundleError::CODES`].
const BUNDLE_PAGES: [&str; BundleError::CODES.len()] = [
    include_str!("../../docs/codes/B-MAGIC.md"),
    include_str!("../../docs/codes/B-VERSION.md"),
    include_str!("../../docs/codes/B-LENGTH.md"),
    include_str!("../../docs/codes/B-CHECKSUM.md"),
    include_str!("../../docs/codes/B-SECTION.md"),
];

/// The class of a file that `fmt --check` finds in another form.
pub static UNFORMATTED: Class =
    Class { name: "L-FORMAT", severity: Severity::Suggestion, meaning: "A file that is not in canonical form." };

fn entry(code: Code, page: Page) -> Entry {
    Entry { code: code.name(), severity: code.severity(), meaning: code.meaning(), page }
}

fn error(code: &'static str, meaning: &'static str, text: &'static str) -> Entry {
    Entry { code, severity: Severity::Error, meaning, page: Page::Written(text) }
}

/// All of them: errors of policies, requests and entities, of files, of bundles, then lints.
pub fn all() -> impl Iterator<Item = Entry> {
    let written = |(code, text)| entry(code, Page::Written(text));
    let compiler = page::pages().map(written);
    let own = OWN.iter().map(|&(code, meaning, text)| error(code, meaning, text));
    let bundle = BundleError::CODES.iter().zip(BUNDLE_PAGES).map(|(&(code, meaning), text)| error(code, meaning, text));
    let lints = checks::all().map(|check| entry(check.code, Page::Check(check)));
    let format = Page::Written(include_str!("../../docs/codes/L-FORMAT.md"));
    let of_entities = page::entity_lints().map(written);
    compiler.chain(own).chain(bundle).chain(lints).chain(of_entities).chain([entry(Code::new(&UNFORMATTED), format)])
}

/// A class by its name.
pub fn find(name: &str) -> Option<Entry> {
    all().find(|entry| entry.code == name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_class_has_one_page() {
        let mut seen = HashSet::new();
        for entry in all() {
            assert!(seen.insert(entry.code), "{} is there twice", entry.code);
            let page = entry.page();
            assert!(page.starts_with(&format!("# {}\n\n", entry.code)), "{page}");
            assert!(page.contains("\n## Wrong\n") || entry.code == "E-INTERNAL", "{page}");
        }
        assert!(Code::ALL.iter().all(|code| seen.contains(code.name())));
    }
}
