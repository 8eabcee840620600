//! One file: read, checked, printed in the other notation.

use bumpalo::Bump;
use dictum_compiler::diagnostic::{Code, Diagnostic, Diagnostics};
use dictum_compiler::expand::policies_of;
use dictum_compiler::print::{self, Shape, Spacing};
use dictum_compiler::read::Reader;
use dictum_compiler::size::Attachment;
use dictum_compiler::source::{Document, Notation, PolicyType, Sources, Span};
use dictum_compiler::syntax::ast::Policy;
use dictum_compiler::{guess_type, resolve_tree};
use dictum_corpus::set::{self, Kind};
use dictum_corpus::tree::SourceTree;

use super::inputs::{self, Input};
use crate::check::library;
use crate::exit::{Failure, Fault, say};
use crate::input;

/// How files are converted.
pub struct Rules {
    pub shape: Shape,
    /// What they are written in; by their names where that is not given.
    pub from: Option<Notation>,
    /// What they become; else the other notation.
    pub to: Option<Notation>,
    /// The type of the policies; else the one that they say or look like.
    pub policy_type: Option<PolicyType>,
    /// What AWS is to take them as.
    pub attachment: Option<&'static Attachment>,
}

/// What was made of a file.
pub struct Converted {
    /// A text for each policy.
    pub texts: Vec<Text>,
    /// What they are written in.
    pub notation: Notation,
}

/// A policy as text.
pub struct Text {
    /// Its name.
    pub name: String,
    /// With its line end.
    pub text: String,
}

/// Converts a file, all of its policies or none.
pub fn convert(input: &Input, rules: &Rules) -> Result<Converted, Failure> {
    let path = &input.path;
    let fail = |message: &str| Failure::from(Fault::new("E-FILE", path, message));
    let text = input::read(path)?;
    let looks_like = || input::is_standard_input(path).then(|| input::looks_like(&text));
    let Some(from) = rules.from.or_else(|| inputs::notation(path)).or_else(looks_like) else {
        return Err(fail(
            "ends in neither `.json` nor `.dct`: say what it is written in, `--from json` or `--from dct`",
        ));
    };
    let other = if from == Notation::Json { Notation::Dictum } else { Notation::Json };
    let to = rules.to.unwrap_or(other);
    if from == Notation::Dictum && to == from {
        return Err(fail("is in the Dictum language already; `dictum fmt` formats it"));
    }
    let (sources, documents) = read(input, text, from, rules)?;
    if documents.is_empty() {
        let mut faults = library(&sources);
        faults.extend(input::errors_of_tests(&sources, &documents));
        if !faults.is_empty() {
            return Err(Failure::diagnosed(Diagnostics(faults), sources));
        }
        match input.is_named {
            true => return Err(fail("holds no policy: lets and conds alone are a library")),
            false => say(&format_args!("{}: a library, which holds no policy", path.display())),
        }
    }
    let arena = Bump::new();
    let mut reader = Reader::new(&sources, &arena);
    let (mut texts, mut faults) = (Vec::new(), Vec::new());
    for document in &documents {
        let (tree, diagnostics) = reader.read(document, &arena);
        let (policy, found) = resolve_tree(tree.as_ref(), diagnostics, &sources, document);
        faults.extend(found.into_iter().filter(Diagnostic::is_error));
        if let (Some(_), Some(tree)) = (policy, tree) {
            match print(&tree, document, to, rules) {
                Ok(text) => texts.push(Text { name: document.name.clone(), text }),
                Err(fault) => faults.push(*fault),
            }
        }
    }
    // A file with any error becomes nothing, its tests included.
    faults.extend(input::errors_of_tests(&sources, &documents));
    match faults.is_empty() {
        true => Ok(Converted { texts, notation: to }),
        false => Err(Failure::diagnosed(Diagnostics(faults), sources)),
    }
}

/// The sources of a file, and its documents.
fn read(input: &Input, text: Vec<u8>, from: Notation, rules: &Rules) -> Result<(Sources, Vec<Document>), Failure> {
    let path = &input.path;
    let is_standard = input::is_standard_input(path);
    let name = if is_standard { "<stdin>".to_owned() } else { path.display().to_string() };
    let policy = input.relative.file_name().unwrap_or_default().to_string_lossy();
    let mut sources = Sources::new();
    if from == Notation::Json {
        if set::kind(&text) == Kind::Set {
            let message = "is a set of policies: give the documents, each in a file of its own";
            return Err(Fault::new("E-FILE", path, message).into());
        }
        let policy_type = rules.policy_type.unwrap_or_else(|| guess_type(&text));
        let source = sources.add_file(name, text);
        sources.files[source.0 as usize].notation = from;
        let range = sources.whole(source);
        return Ok((sources, vec![Document { name: policy.into_owned(), policy_type, source, range }]));
    }
    let source = sources.add_file(name, text);
    let tree = SourceTree::new(&input.tree);
    let file = &mut sources.files[source.0 as usize];
    file.notation = from;
    if let Some(path) = tree.path_of(path).filter(|_| !is_standard) {
        file.path = path;
    }
    tree.complete(&mut sources);
    let documents = policies_of(&sources, source, &policy, rules.policy_type);
    Ok((sources, documents))
}

/// The text of a policy without errors.
fn print(tree: &Policy<'_>, document: &Document, to: Notation, rules: &Rules) -> Result<String, Box<Diagnostic>> {
    if to == Notation::Dictum {
        let text = print::dsl(tree, &document.name, rules.policy_type, rules.shape);
        return Ok(text.expect("a policy without errors can be written"));
    }
    let json = |spacing| print::json(tree, rules.shape, spacing).expect("a policy without errors can be written");
    let pretty = json(Spacing::Pretty) + "\n";
    match rules.attachment {
        None => Ok(pretty),
        Some(attachment) => for_aws(tree, document, attachment, pretty, || json(Spacing::Minified)),
    }
}

/// SIZ-2, GRM-13. White space is left out where it counts and there is too much of it.
fn for_aws(
    tree: &Policy<'_>,
    document: &Document,
    attachment: &Attachment,
    pretty: String,
    minified: impl FnOnce() -> String,
) -> Result<String, Box<Diagnostic>> {
    let fault = |code, rule, message: String| {
        let start = document.range.start;
        let span = Span { source: document.source, start, end: document.range.end.min(start + 1) };
        let fault = Diagnostic::new(code, span, rule, message);
        Box::new(Diagnostic { policy: Some(document.name.clone()), ..fault })
    };
    if tree.statements.and_then(|element| element.value).is_none_or(<[_]>::is_empty) {
        let fault = fault(Code::E_MISSING, "GRM-13", "a policy without statements, which AWS takes nowhere".to_owned());
        return Err(Box::new(fault.expected("at least one statement")));
    }
    if attachment.size(&pretty) <= attachment.characters_max {
        return Ok(pretty);
    }
    let minified = minified();
    let size = attachment.size(&minified);
    if size <= attachment.characters_max {
        return Ok(minified);
    }
    let message = format!("{} of {size} characters in JSON", attachment.title);
    Err(Box::new(fault(Code::E_LIMIT, "SIZ-2", message).expected(format!("at most {}", attachment.characters_max))))
}
