//! `dictum explain`: one decision and its reasons.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use dictum_compiler::{Options, compile};
use dictum_corpus::case::Case;
use dictum_corpus::decide::sources;
use dictum_corpus::machine::Borrowed;
use dictum_corpus::questions;
use dictum_corpus::reader::{Cases, ReadError, Run, decoded};
use dictum_corpus::request::{self, CaseRequest};
use dictum_vm::Bundle;

use crate::ask::{self, Ask};
use crate::decide::{Lines, open_cases, request_fault, session_fault};
use crate::exit::{Exit, Failure, Fault};
use crate::input;
use crate::output::{Out, ResultFormat};
use crate::picture;

mod json;
mod text;

const HELP: &str = "\
Shows the decision, the layers in the order of evaluation (absent, open, shut, denies, or not in force for this requester),
and the statements: those that apply, and of each other the first element that does not fit, with what the policy has there
and what the request has. Of a bundle with more than 1,000 statements only those are shown that the index put forward, and
the others are counted; --all shows them. Context keys that were asked for and absent come last.

With --cases the request is the case's own, unless another is given. FILE of --request holds one `request` object of a case,
bare or as {\"request\": …}; `-` is standard input. The members of `--format json` are in docs/explain.schema.json.

Exit codes: 0 allow; 1 deny; 2 bad input.

Examples:
  dictum explain set.dctb --as arn:aws:iam::123456789012:user/ana --do s3:GetObject --on arn:aws:s3:::home/ana/x \\
      --with aws:username=ana --now
  dictum explain --cases cases.jsonl --id home-007
  dictum explain set.dctb --request request.json --format json";

/// Explain one decision: the layers, the deciding statements, and why others do not apply
#[derive(Args)]
#[command(
    after_help = help(),
    group(ArgGroup::new("policies").required(true).args(["bundle", "cases"])),
    group(ArgGroup::new("question").args(["request", "principal"]))
)]
pub struct Explain {
    /// A bundle
    #[arg(value_name = "BUNDLE", requires = "question")]
    bundle: Option<PathBuf>,
    /// A file of cases, with --id; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "id")]
    cases: Option<PathBuf>,
    /// The case to explain
    #[arg(long, value_name = "ID", requires = "cases")]
    id: Option<String>,
    /// A file with the request
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    #[command(flatten)]
    ask: Ask,
    /// Show every statement, however many there are
    #[arg(long)]
    all: bool,
    /// How the explanation is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ResultFormat,
}

fn help() -> String {
    format!("{}\n\n{HELP}", ask::HELP)
}

pub fn run(command: &Explain, out: &Out) -> Result<Exit, Failure> {
    let given = match (&command.request, command.ask.request()) {
        (Some(path), _) => Some((read_request(path)?, path.clone())),
        (None, Some(asked)) => Some((asked.map_err(|error| request_fault("", &error))?, PathBuf::new())),
        (None, None) => None,
    };
    let (bundle, (request, place)) = match (&command.bundle, &command.cases, given) {
        (Some(path), _, Some(given)) => (input::bundle(path)?, given),
        (None, Some(path), given) => {
            let case = find(path, command.id.as_deref().unwrap_or_default(), out)?;
            let own = |case: &Case| request::parse(&case.request).map_err(|error| request_fault(path, &error));
            let given = given.map_or_else(|| Ok((own(&case)?, path.clone())), Ok::<_, Failure>)?;
            (bundle_of(&case)?, given)
        }
        _ => unreachable!("the command line asks for a bundle with a request, or for cases"),
    };
    let borrowed = Borrowed::new(&request);
    let context = borrowed.context();
    let session = borrowed.session(&bundle).map_err(|problem| session_fault(&place, problem))?;
    let session = session.as_ref();
    let built = borrowed.build(&bundle, &context, session);
    let built = built.map_err(|error| request_fault(&place, &Lines::message(error)))?;
    let picture = picture::explain(&bundle, session, &built, command.all);
    match command.format {
        ResultFormat::Text => out.print(&text::render(&picture, &request))?,
        ResultFormat::Json => out.line(&json::render(&picture, &request))?,
    }
    Ok(if picture.decision.is_allowed() { Exit::Well } else { Exit::Denied })
}

/// The explanation of a request as text; `None` where it is none.
pub fn of_request(bundle: &Bundle<Vec<u8>>, request: &CaseRequest) -> Option<String> {
    let borrowed = Borrowed::new(request);
    let context = borrowed.context();
    let built = borrowed.build(bundle, &context, None).ok()?;
    let picture = picture::explain(bundle, None, &built, false);
    Some(text::render(&picture, request))
}

fn bundle_of(case: &Case) -> Result<Bundle<Vec<u8>>, Failure> {
    if let Some(organization) = &case.organization {
        return organization.compile().map_err(Failure::Diagnosed);
    }
    let sources = sources(&case.policies);
    let compiled = match compile(&sources, &Options::default()) {
        Ok(compiled) => compiled,
        Err(errors) => return Err(Failure::diagnosed(errors, sources)),
    };
    Ok(Bundle::from_bytes(compiled.bundle)
        .unwrap_or_else(|error| panic!("the compiler's bundle does not load: {error}")))
}

fn read_request(path: &Path) -> Result<CaseRequest, Failure> {
    let mut reader = decoded(input::open(path)?).map_err(|error| Fault::io(path, &error))?;
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut reader, &mut text).map_err(|error| Fault::io(path, &error))?;
    let question = questions::one(&text).map_err(|error| Fault::new("E-CASE", path, error.fault))?;
    request::parse(&question.request).map_err(|error| request_fault(path, &error))
}

/// The case with an id. Lines that are no cases are passed over, unless it is the one asked for.
fn find(path: &Path, id: &str, out: &Out) -> Result<Case, Failure> {
    let mut run = Run::default();
    let cases: Cases<'_> = open_cases(path, &mut run, out)?;
    for case in cases {
        match case {
            Ok(case) if case.id == id => return Ok(case),
            Err(ReadError::Case(error)) if error.id.as_deref() == Some(id) => {
                return Err(Fault::new("E-CASE", path, &error.fault).at(error.line).into());
            }
            Ok(_) | Err(ReadError::Case(_)) => {}
            Err(ReadError::Io(error)) => return Err(Fault::io(path, &error).into()),
            Err(ReadError::Empty) => return Err(Fault::new("E-CASE", path, ReadError::Empty).into()),
        }
    }
    Err(Fault::new("E-CASE", path, format!("no case has the id `{id}`")).into())
}
