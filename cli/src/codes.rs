//! Codes of what goes wrong around policies: the classes that are this command's own.

use dictum_compiler::diagnostic::{Class, Code, Severity};

/// One for each class; those of policies, requests and cases are the compiler's.
static CLASSES: &[Class] = &[
    Class { name: "E-FILE", severity: Severity::Error, meaning: "A file that cannot be read or written." },
    Class { name: "E-BUNDLE", severity: Severity::Error, meaning: "Not a bundle." },
];

/// The class of a fault, by its name.
pub fn find(name: &str) -> Option<Code> {
    let own = CLASSES.iter().map(Code::new);
    let lints = dictum_lint::checks::all().map(|check| check.code);
    Code::ALL.iter().copied().chain(own).chain(lints).find(|code| code.name() == name)
}
