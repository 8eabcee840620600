//! `dictum convert`: policies from JSON to the Dictum language, and back.

mod inputs;
mod document;
mod outputs;

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use dictum_compiler::print::Shape;
use dictum_compiler::size::{ATTACHMENTS, Attachment};
use dictum_compiler::source::{Notation, PolicyType};

use crate::exit::{Exit, Failure};
use crate::input::{self, NotationName, TypeName};
use crate::output::Out;
use crate::report::{self, Format, Reporter};
use document::Rules;

const HELP: &str = "\
A name that ends in `.json` is read as JSON and becomes the Dictum language, one that ends in `.dct` the other way. Below a
folder every such file is converted, to the same name with the other ending; a file that holds several policies becomes a
file for each, named after it. Without -o there is one file, and its text goes to standard output.

The Dictum language says the same in its normal form: a list of one is its element, a JSON number or boolean its text,
operators have their usual letter case, what is empty is absent. With --exact the JSON value and the order of its members
come back as they were.

Standard input that begins with a brace or a bracket is taken for JSON, else for the Dictum language, unless --from tells.

Documents with errors are reported, and nothing is written for them; the others are written, each whole or not at all.
Two texts for one file are refused, and so is a text that would replace what it was made of.

Exit codes: 0 all converted; 2 something was not.

Examples:
  dictum convert policy.json
  dictum convert policies -o language
  dictum convert guard.dct -o guard.json --for-aws scp
  aws iam get-policy-version … | dictum convert -";

/// Convert policies between JSON and the Dictum language
#[derive(Args)]
#[command(after_help = format!("{HELP}\n\n{}", report::HELP))]
pub struct Convert {
    /// Files, or folders of them; `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Where to write: a file, or a folder for several
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    /// Keep what makes no difference: lists of one, JSON literals, the order of members
    #[arg(long)]
    exact: bool,
    /// What the files are written in, whatever they are called; below a folder, which files are converted
    #[arg(long, value_name = "NOTATION")]
    from: Option<NotationName>,
    /// The policies are of this type, whatever they look like
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "for_aws")]
    policy_type: Option<TypeName>,
    /// Write JSON that AWS takes as this, or refuse what is too large for it
    #[arg(long, value_name = "TYPE", value_parser = attachment())]
    for_aws: Option<&'static Attachment>,
    /// How diagnostics are written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

fn attachment() -> impl TypedValueParser<Value = &'static Attachment> {
    let names = ATTACHMENTS.iter().map(|attachment| attachment.name);
    PossibleValuesParser::new(names).map(|name| Attachment::from_name(&name).unwrap_or(&ATTACHMENTS[0]))
}

/// Where texts go.
enum Target {
    /// Standard output, of one file.
    Standard,
    /// A file, of one file.
    File(PathBuf),
    /// A folder, which may have to be made.
    Folder(PathBuf),
}

/// The ending of a notation's files.
const fn ending(notation: Notation) -> &'static str {
    match notation {
        Notation::Json => ".json",
        Notation::Dictum => ".dct",
    }
}

pub fn run(command: &Convert, out: &Out) -> Result<Exit, Failure> {
    let target = target(command)?;
    let rules = rules(command, &target)?;
    let convert = |reporter: &mut Reporter| {
        let from = command.from.map(Notation::from);
        let inputs = inputs::find(&command.paths, from, reporter)?;
        let mut texts = Vec::new();
        for input in &inputs {
            match document::convert(input, &rules) {
                Ok(converted) => texts.extend(outputs::place(input, converted, &target, reporter)?),
                Err(failure) => _ = reporter.failure(failure)?,
            }
        }
        let count = outputs::write(&inputs, texts, reporter, out)?;
        if let Target::Folder(folder) = &target {
            outputs::summary(folder, count);
        }
        Ok(reporter.tally().exit(report::FailOn::Error))
    };
    match target {
        Target::Standard => report::beside_text(command.format, convert),
        Target::File(_) | Target::Folder(_) => report::with(command.format, out, convert),
    }
}

fn target(command: &Convert) -> Result<Target, Failure> {
    let is_one = matches!(command.paths.as_slice(), [path] if !path.is_dir());
    let names_folder = |path: &Path| path.is_dir() || path.to_string_lossy().ends_with(['/', '\\']);
    match &command.output {
        None if is_one => Ok(Target::Standard),
        None => Err(usage("several files: give a folder for them, `-o DIR`")),
        Some(path) if input::is_standard_input(path) && is_one => Ok(Target::Standard),
        Some(path) if is_one && !names_folder(path) => Ok(Target::File(path.clone())),
        Some(path) if path.is_file() => Err(usage(&format!("several files, and `{}` is one file", path.display()))),
        Some(path) => Ok(Target::Folder(path.clone())),
    }
}

fn rules(command: &Convert, target: &Target) -> Result<Rules, Failure> {
    let named = match target {
        Target::File(path) => inputs::notation(path),
        _ => None,
    };
    let to = match (command.for_aws, named) {
        (Some(_), Some(Notation::Dictum)) => {
            return Err(usage("AWS takes JSON: with --for-aws the output is no `.dct` file"));
        }
        (Some(_), _) => Some(Notation::Json),
        (None, named) => named,
    };
    Ok(Rules {
        shape: if command.exact { Shape::Exact } else { Shape::Normal },
        from: command.from.map(Notation::from),
        to,
        policy_type: command.policy_type.map(PolicyType::from).or(command.for_aws.map(|it| it.policy_type)),
        attachment: command.for_aws,
    })
}

fn usage(message: &str) -> Failure {
    let help = "For more information, try '--help'.";
    Failure::Usage(clap::Error::raw(ErrorKind::MissingRequiredArgument, format!("{message}\n\n{help}\n")))
}
