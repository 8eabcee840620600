//! `dictum compile`: policies in, a bundle out.

use std::path::PathBuf;

use clap::Args;
use dictum_compiler::cache::{Cache, NoCache};
use dictum_compiler::diagnostic::Diagnostic;
use dictum_compiler::directory::aws;
use dictum_compiler::source::{Notation, PolicyType};
use dictum_compiler::{Compiled, Diagnostics, Effort, Options, Sources, compile, compile_organization};
use dictum_corpus::set::Kind;

use crate::cache::DiskCache;
use crate::check;
use crate::exit::{Exit, Failure, Fault, counted, say};
use crate::input::{self, Shape, TypeName};
use crate::organization::{self, Organization};
use crate::output::{Out, write_whole};
use crate::report::{self, FailOn, Format, Reporter};

const HELP: &str = "\
A file of the Dictum language (`.dct`; standard input, unless it begins with a brace or a bracket) is compiled with what it
imports; its policies are in force together, each in its type, and of several scps or rcps all stand in one level. SET.json is what a case has as `policies`: an object of `identity`, `resource`, `boundary`, `session` (lists of policies)
and `scp`, `rcp` (lists of levels, each a list of policies); a policy is `{\"name\": …, \"policy\": {…}}`. A file with a
`Statement` is one document, named after its file, of the type it looks like (see `dictum check --help`) or of --type.

A folder is an organization, and so is one account's export: the bundle then holds its entities too, and a request names only
who asks, what for, and the context of the call. A folder with a file `dictum.toml` is a native tree, with a file for each user,
group, role and policy. Any other holds what the AWS CLI prints, as it is: `get-account-authorization-details` of each account,
the answers about the tree and its guardrails in `organization/`, and resource policies by ARN. docs/organization.md has both.

Of an organization what was made is kept for the next time, so that a change costs little: in --cache FOLDER, else in
`$XDG_CACHE_HOME/dictum`, else in `~/.cache/dictum`. Nothing depends on it: the bundle is the same with and without, and the
folder may be removed at any time. Only organizations are cached. Whoever can write into the folder decides what is compiled.

The bundle is written whole or not at all. Equal input under equal names gives equal bytes. A line about the bundle goes to
standard error.

Exit codes: 0 written; 1 findings at or above --fail-on, nothing written; 2 bad input or output, nothing written.

Examples:
  dictum compile home.dct -o home.dctb
  dictum compile set.json -o set.dctb
  dictum compile org/ -o org.dctb
  dictum compile export/accounts/123456789012.json -o account.dctb --managed-policies policies.jsonl.gz
  dictum compile --type boundary cap.json -o cap.dctb --fail-on warning";

/// Compile policies into a bundle
#[derive(Args)]
#[command(after_help = format!("{HELP}\n\n{}", report::HELP))]
pub struct Compile {
    /// Policies in the Dictum language; a set of policies, one document or an account's export in JSON; or an
    /// organization's folder; `-` is standard input
    #[arg(value_name = "POLICIES")]
    set: PathBuf,
    /// The bundle to write
    #[arg(short, long, value_name = "OUT.dctb")]
    output: PathBuf,
    /// The file is one document of this type, whatever it looks like
    #[arg(long = "type", value_name = "TYPE")]
    policy_type: Option<TypeName>,
    /// A collection of the vendor's managed policies, for those that an organization attaches and does not hold: one JSON
    /// object a line, gzipped or not; may be repeated
    #[arg(long, value_name = "FILE")]
    managed_policies: Vec<PathBuf>,
    /// Where to keep what an organization's next compilation need not make again
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_cache")]
    cache: Option<PathBuf>,
    /// Read and make everything anew, and keep nothing
    #[arg(long)]
    no_cache: bool,
    /// From which severity on findings keep the bundle from being written, and make the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    fail_on: FailOn,
    /// How diagnostics are written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

pub fn run(command: &Compile, out: &Out) -> Result<Exit, Failure> {
    report::with(command.format, out, |reporter| compiled(command, reporter))
}

fn compiled(command: &Compile, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let sources = [&command.set].into_iter().chain(&command.managed_policies);
    if let Ok(to) = command.output.canonicalize()
        && sources.filter_map(|source| source.canonicalize().ok()).any(|from| from == to)
    {
        return Err(organization::overwrites(&command.output));
    }
    if command.set.is_dir() {
        if let Some(policy_type) = command.policy_type {
            let message = format!("is a folder, and no document of type `{}`", PolicyType::from(policy_type).name());
            return Err(Fault::new("E-FILE", &command.set, message).into());
        }
        if let Some(cache) = command.cache.as_deref().filter(|cache| organization::would_hold(&command.set, cache)) {
            let message =
                "the folder would be read as sources; give it a name that begins with a dot, or put it elsewhere";
            return Err(Fault::new("E-FILE", cache, message).into());
        }
        let read = |cache: &mut dyn Cache| {
            organization::of_folder(&command.set, &command.managed_policies, &command.output, cache)
        };
        return organization(command, read, reporter);
    }
    if let Some(text) = export(command)? {
        let read = |_: &mut dyn Cache| organization::of_export(&command.set, text, &command.managed_policies);
        return organization(command, read, reporter);
    }
    if let Some(first) = command.managed_policies.first() {
        let message = "managed policies go with an organization: a folder, or an account's export";
        return Err(Fault::new("E-FILE", first, message).into());
    }
    let policies = input::policies(&command.set, command.policy_type, Kind::Set, None)?;
    let sources = policies.sources;
    // A file with any error compiles to nothing: a test that is none may be the one that tells of a mistake.
    let own: Vec<_> = sources.documents().cloned().collect();
    let of_tests = input::errors_of_tests(&sources, &own);
    if policies.shape == Shape::Library {
        let errors: Vec<_> = check::library(&sources).into_iter().filter(Diagnostic::is_error).collect();
        let errors: Vec<_> = errors.into_iter().chain(of_tests).collect();
        if !errors.is_empty() {
            return Err(Failure::diagnosed(Diagnostics(errors), sources));
        }
        let message = "no policy is in it; a policy without statements is `policy NAME { }`";
        return Err(Fault::new("E-MISSING", &command.set, message).into());
    }
    match compile(&sources, &Options::default()) {
        Ok(compiled) if of_tests.is_empty() => written(command, compiled, &sources, reporter),
        Ok(_) => Err(Failure::diagnosed(Diagnostics(of_tests), sources)),
        Err(Diagnostics(mut errors)) => {
            errors.extend(of_tests);
            Err(Failure::diagnosed(Diagnostics(errors), sources))
        }
    }
}

/// The text of an account's export, if that is what the file holds.
fn export(command: &Compile) -> Result<Option<Vec<u8>>, Failure> {
    let is_json = Notation::of(&command.set.to_string_lossy()) == Notation::Json;
    if !is_json || input::is_standard_input(&command.set) || command.policy_type.is_some() {
        return Ok(None);
    }
    let text = input::read(&command.set)?;
    Ok((aws::kind(&text) == aws::Kind::Export).then_some(text))
}

fn organization(
    command: &Compile,
    read: impl FnOnce(&mut dyn Cache) -> Result<Organization, Failure>,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let mut kept = kept(command);
    let mut none = NoCache;
    let cache: &mut dyn Cache = match &mut kept {
        Some(kept) => kept,
        None => &mut none,
    };
    let Organization { mut sources, collections } = read(&mut *cache)?;
    let compiled = compile_organization(&mut sources, &collections, cache, &organization::options());
    organization::end_progress();
    if let Some(file) = sources.changed() {
        // Whether the file or what was kept of it is at fault: the next run reads everything.
        kept.into_iter().for_each(DiskCache::discard);
        return Err(organization::changed(file));
    }
    if let Some(Err(error)) = kept.map(|kept| kept.save(compiled.is_ok())) {
        say(&format_args!("note: the cache is not written: {error}"));
    }
    match compiled {
        Ok(compiled) => {
            let exit = written(command, compiled, &sources, reporter);
            // The command is at its end: to give back some hundred thousand texts one by one would only take time.
            std::mem::forget(sources);
            exit
        }
        Err(errors) => Err(Failure::diagnosed(errors, sources)),
    }
}

/// What earlier runs have kept, if this one may use it.
fn kept(command: &Compile) -> Option<DiskCache> {
    if command.no_cache {
        return None;
    }
    DiskCache::open(command.cache.as_deref(), &command.set).unwrap_or_else(|error| {
        say(&format_args!("note: the cache is not used: {error}"));
        None
    })
}

/// Tells the warnings, and unless they are too grave writes the bundle.
fn written(command: &Compile, compiled: Compiled, sources: &Sources, reporter: &mut Reporter) -> Result<Exit, Failure> {
    reporter.diagnostics(&compiled.warnings.0, sources)?;
    let (tally, output) = (reporter.tally(), command.output.display());
    let exit = tally.exit(command.fail_on);
    if exit != Exit::Well {
        say(&format_args!("{tally}: {output} is not written, by --fail-on"));
        return Ok(exit);
    }
    // A warning may have been the first to ask for a file's text.
    if let Some(file) = sources.changed() {
        return Err(organization::changed(file));
    }
    write_whole(&command.output, &compiled.bundle)?;
    let report = compiled.report;
    say(&format_args!(
        "{output}: {} bytes, {}, {} ({} can never apply), {tally}",
        report.bytes,
        counted(report.policies as u64, "policy", "policies"),
        counted(report.statements as u64, "statement", "statements"),
        report.never,
    ));
    if compiled.effort != Effort::default() {
        let Effort { documents, parsed, units, compiled } = compiled.effort;
        let documents = counted(documents as u64, "document", "documents");
        let units = counted(units as u64, "set of policies", "sets of policies");
        say(&format_args!("{documents}, {parsed} parsed; {units}, {compiled} compiled"));
    }
    Ok(Exit::Well)
}
