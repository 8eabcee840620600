//! `dictum decide`: requests in, decisions out, a line each.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use dictum_compiler::Options;
use dictum_corpus::answer::{Answer, CodedError, Names, output_line};
use dictum_corpus::machine::{Borrowed, SessionProblem, by_machine, labels, labels_with, statement_id};
use dictum_corpus::questions::{self, Question};
use dictum_corpus::reader::{Cases, Input, ReadError, Run, decoded, is_bundle};
use dictum_corpus::request::{self, CaseRequest, RequestError};
use dictum_vm::{Bundle, Machine, Session};

use crate::ask::{self, Ask};
use crate::exit::{Exit, Failure, Fault, say};
use crate::input;
use crate::output::Out;

const HELP: &str = "\
--cases reads whole cases, a line each (or a `.json` file of one case or an array of them); a bundle is not needed.
--requests reads requests for the policies of a bundle, a line each: a bare `request` object of a case, or
{\"id\": …, \"request\": …}; a `note` and an `expect` beside them are not read, and the default id is the line's number.
Both may be gzipped, and `-` is standard input. Output is a line of JSON for each input line, in order:
  {\"id\": ID, \"decision\": \"allow\" | \"explicit_deny\" | \"implicit_deny\", \"by\": [deciding statements]}
  {\"id\": ID, \"error\": \"policy\" | \"request\", \"code\": \"E-…\", \"message\": TEXT}
  {\"id\": ID or null, \"line\": N, \"error\": \"request\", \"code\": \"E-CASE\", \"message\": TEXT}
A bad line never stops the rest. Output is handed on before more input is waited for.

With an organization's bundle the policies, boundary and tags of the principal, the policies and tags of the resource, and the
guardrails above both come from the bundle. What the authentication layer knows of a session, a request may add, any of it:
  \"session\": {\"policies\": [{\"name\": NAME, \"policy\": {…}}], \"managed\": [ARN…], \"tags\": {KEY: VALUE},
    \"transitive\": [KEY…], \"source_identity\": TEXT, \"issuer_user\": ARN, \"mfa\": {\"present\": true, \"age\": SECONDS},
    \"issued_at\": TIME, \"provider\": TEXT}
`policies` and `managed` narrow what the session may do, `tags` override those of its role or user, `issuer_user` is the user
that made a federated-user session, the others are context keys. So a line may be (on one line):
  {\"principal\": {\"session\": \"arn:aws:sts::123456789012:assumed-role/desk/ana\",
    \"role\": \"arn:aws:iam::123456789012:role/desk\"}, \"action\": \"s3:GetObject\", \"resource\": \"arn:aws:s3:::b/k\",
    \"session\": {\"tags\": {\"team\": \"blue\"}}}

Exit codes: a batch ends with 0 when every line was decided, whatever was decided, and with 2 when some line was an error;
a single request with 0 for allow and 1 for deny, or with 2 when it is none.

Examples:
  dictum decide --cases cases.jsonl
  zcat requests.jsonl.gz | dictum decide set.dctb --requests -
  dictum decide org.dctb --requests sessions.jsonl
  dictum decide set.dctb --as service:lambda.amazonaws.com --do s3:GetObject --on arn:aws:s3:::b/k \\
      --resource-account 123456789012 --now";

/// Decide requests: a batch of cases, a batch of requests for a bundle, or a single request
#[derive(Args)]
#[command(
    after_help = help(),
    group(ArgGroup::new("question").required(true).args(["cases", "requests", "principal"]))
)]
pub struct Decide {
    /// A bundle
    #[arg(value_name = "BUNDLE", required_unless_present = "cases", conflicts_with = "cases")]
    bundle: Option<PathBuf>,
    /// A file of cases; `-` is standard input
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    /// A file of requests; `-` is standard input
    #[arg(long, value_name = "FILE")]
    requests: Option<PathBuf>,
    #[command(flatten)]
    ask: Ask,
}

fn help() -> String {
    format!("{}\n\n{HELP}", ask::HELP)
}

pub fn run(command: &Decide, out: &Out) -> Result<Exit, Failure> {
    if let Some(path) = &command.cases {
        return cases(path, out);
    }
    let bundle = input::bundle(command.bundle.as_deref().unwrap_or(Path::new("")))?;
    match &command.requests {
        Some(path) => requests(&bundle, path, out),
        None => single(&bundle, &command.ask, out),
    }
}

/// The cases of a file, or of standard input for `-`.
pub fn open_cases<'run>(path: &Path, run: &'run mut Run, out: &Out) -> Result<Cases<'run>, Failure> {
    let fail = |error| Failure::from(Fault::io(path, &error));
    let mut reader = decoded(out.tie(input::open(path)?)).map_err(fail)?;
    if is_bundle(&mut reader).map_err(fail)? {
        return Err(Fault::new("E-FILE", path, "is a bundle and holds no cases").into());
    }
    if input::is_standard_input(path) {
        return Ok(run.lines(reader, None));
    }
    let folder = path.parent().map(|folder| if folder == Path::new("") { Path::new(".") } else { folder });
    let name = path.to_string_lossy();
    if !name.strip_suffix(".gz").unwrap_or(&name).ends_with(".json") {
        return Ok(run.lines(reader, folder));
    }
    match run.whole(reader, folder).map_err(fail)? {
        Input::Cases(cases) => Ok(cases),
        Input::Policy(_) => Err(Fault::new("E-CASE", path, "a policy, not a case").into()),
        Input::Set(_) => Err(Fault::new("E-CASE", path, "a set of policies, not a case").into()),
    }
}

fn cases(path: &Path, out: &Out) -> Result<Exit, Failure> {
    let mut run = Run::default();
    let mut batch = Batch::default();
    for item in open_cases(path, &mut run, out)? {
        match item {
            Ok(case) => {
                let (answer, labels, _) = by_machine(&case, &Options::default());
                batch.answer(case.line, &output_line(&case.id, &answer, &labels), &answer, out)?;
            }
            Err(error) => batch.error(path, error, out)?,
        }
    }
    batch.end(path, out)
}

fn requests(bundle: &Bundle<Vec<u8>>, path: &Path, out: &Out) -> Result<Exit, Failure> {
    let fail = |error| Failure::from(Fault::io(path, &error));
    let mut reader = decoded(out.tie(input::open(path)?)).map_err(fail)?;
    if is_bundle(&mut reader).map_err(fail)? {
        return Err(Fault::new("E-FILE", path, "is a bundle and holds no requests").into());
    }
    let mut lines = Lines::new(bundle);
    let mut batch = Batch::default();
    for item in questions::lines(reader) {
        match item {
            Ok(Question { id, line, request }) => {
                let request =
                    request::parse(&request).map_err(|error| Answer::from(SessionProblem::Record(error.to_string())));
                let answer = request.and_then(|request| lines.decide(&request).map_err(Answer::from));
                let answer = answer.unwrap_or_else(|answer| answer);
                batch.answer(line, &lines.output_line(&id, &answer), &answer, out)?;
            }
            Err(error) => batch.error(path, error, out)?,
        }
    }
    batch.end(path, out)
}

fn single(bundle: &Bundle<Vec<u8>>, ask: &Ask, out: &Out) -> Result<Exit, Failure> {
    let asked = ask.request().unwrap_or_else(|| Err(RequestError::new("REQ-3", "the request has no principal")));
    let request = asked.map_err(|error| request_fault("", &error))?;
    let mut lines = Lines::new(bundle);
    let answer = lines.decide(&request).map_err(|problem| session_fault("", problem))?;
    out.line(&lines.output_line("1", &answer))?;
    let is_allowed = matches!(answer, Answer::Decision(dictum_corpus::answer::Decision::Allow, _));
    Ok(if is_allowed { Exit::Well } else { Exit::Denied })
}

/// What is wrong with a single request.
pub fn request_fault(place: impl AsRef<Path>, error: &dyn std::fmt::Display) -> Failure {
    Fault::new(RequestError::CODE, place.as_ref(), error).into()
}

/// What is wrong with a request's session, or with the request.
pub fn session_fault(place: impl AsRef<Path>, problem: SessionProblem) -> Failure {
    match problem {
        SessionProblem::Record(message) => request_fault(place, &message),
        SessionProblem::Policies(errors) => {
            let first = errors.into_iter().next();
            let (code, message) = first.map_or_else(Default::default, |error| (error.code, error.message));
            Fault::new(code, place.as_ref(), format!("the session's policies: {message}")).into()
        }
    }
}

/// One machine for many requests, and the names for its answers.
pub struct Lines<'b> {
    bundle: &'b Bundle<Vec<u8>>,
    machine: Machine<'b>,
    names: Names,
    /// The names for the answer before, where a session's policies have names too.
    with_session: Option<Names>,
}

impl<'b> Lines<'b> {
    fn new(bundle: &'b Bundle<Vec<u8>>) -> Self {
        Lines { bundle, machine: Machine::new(bundle), names: Names::new(labels(bundle)), with_session: None }
    }

    /// A decision, or what is wrong with the request.
    fn decide(&mut self, request: &CaseRequest) -> Result<Answer, SessionProblem> {
        let borrowed = Borrowed::new(request);
        let context = borrowed.context();
        let session = borrowed.session(self.bundle)?;
        let session = session.as_ref();
        let has_own = session.and_then(Session::overlay).is_some();
        self.with_session = has_own.then(|| Names::new(labels_with(self.bundle, session)));
        let request = borrowed.build(self.bundle, &context, session);
        let request = request.map_err(|error| SessionProblem::Record(Self::message(error)))?;
        let explanation = self.machine.explain(&request);
        let by = explanation.by.iter().filter_map(|&id| statement_id(self.bundle, session, id)).collect();
        Ok(Answer::Decision(explanation.decision.into(), by))
    }

    /// The output line of the answer that was given last.
    fn output_line(&self, id: &str, answer: &Answer) -> String {
        self.with_session.as_ref().unwrap_or(&self.names).output_line(id, answer)
    }

    /// A message of the machine with its rule.
    pub fn message(error: dictum_vm::RequestError) -> String {
        format!("{error} ({})", error.rule())
    }
}

/// How many lines a batch had, and how many of them were errors.
#[derive(Default)]
struct Batch {
    lines: u64,
    errors: u64,
    first: Option<(u64, CodedError)>,
    is_broken: bool,
}

impl Batch {
    fn answer(&mut self, number: u64, line: &str, answer: &Answer, out: &Out) -> Result<(), Failure> {
        self.lines += 1;
        if let Answer::Error(_, errors) = answer {
            self.note(number, errors[0].clone());
        }
        out.line(line)
    }

    fn note(&mut self, number: u64, error: CodedError) {
        self.errors += 1;
        self.first.get_or_insert((number, error));
    }

    fn error(&mut self, path: &Path, error: ReadError, out: &Out) -> Result<(), Failure> {
        let fault = match error {
            ReadError::Case(error) => {
                self.lines += 1;
                self.note(error.line, CodedError { code: "E-CASE".into(), message: error.fault.to_string() });
                return out.line(&error.output_line());
            }
            ReadError::Io(error) => Fault::io(path, &error),
            ReadError::Empty => Fault::new("E-CASE", path, ReadError::Empty),
        };
        self.is_broken = true;
        out.flush()?;
        say(&fault);
        Ok(())
    }

    /// The errors stand among the results; standard error has their number, and the first of them.
    fn end(self, path: &Path, out: &Out) -> Result<Exit, Failure> {
        out.flush()?;
        if let Some((line, error)) = self.first {
            let message = match (self.errors, self.lines) {
                (1, 1) => error.message,
                (errors, lines) => format!("{errors} of {lines} lines are errors; the first: {}", error.message),
            };
            say(&Fault::new(error.code, path, message).at(line));
            return Ok(Exit::BadInput);
        }
        Ok(if self.is_broken { Exit::BadInput } else { Exit::Well })
    }
}
