//! From a case to its answer by the compiler and the machine.

use dictum_compiler::source::{PolicyType, Sources};
use dictum_compiler::{Options, SessionFault, compile, compile_session};
use dictum_vm::{Bundle, Explanation, Machine, Principal, Session, SessionError, SessionFacts, Value};

use crate::answer::{Answer, CodedError, Decision, ErrorKind, Label, Layer, Member, StatementId};
use crate::case::Case;
pub use crate::decide::coded;
use crate::decide::sources;
use crate::directory::Organization;
use crate::request::{self, CaseRequest, ContextValue, RequestError, SessionRecord};

impl From<dictum_vm::Decision> for Decision {
    fn from(decision: dictum_vm::Decision) -> Self {
        match decision {
            dictum_vm::Decision::Allow => Decision::Allow,
            dictum_vm::Decision::ExplicitDeny => Decision::ExplicitDeny,
            dictum_vm::Decision::ImplicitDeny => Decision::ImplicitDeny,
        }
    }
}

impl From<dictum_vm::Layer> for Layer {
    fn from(layer: dictum_vm::Layer) -> Self {
        let (member, level) = match layer {
            dictum_vm::Layer::Identity => (Member::Identity, 0),
            dictum_vm::Layer::Resource => (Member::Resource, 0),
            dictum_vm::Layer::Boundary => (Member::Boundary, 0),
            dictum_vm::Layer::Session => (Member::Session, 0),
            dictum_vm::Layer::Scp(level) => (Member::Scp, level),
            dictum_vm::Layer::Rcp(level) => (Member::Rcp, level),
        };
        Layer { member, level }
    }
}

/// The policies of a bundle, as an output line names them.
pub fn labels<B: AsRef<[u8]>>(bundle: &Bundle<B>) -> Vec<Label> {
    let name =
        |(name, layer): (&str, dictum_vm::Layer)| Label { name: name.into(), layer: layer.into(), sids: Vec::new() };
    let mut labels: Vec<Label> = bundle.policies().map(name).collect();
    for (_, statement) in bundle.statements() {
        labels[statement.policy_number as usize].sids.push(statement.sid.map(str::to_owned));
    }
    labels
}

/// The same with the policies of a session behind them.
pub fn labels_with<B: AsRef<[u8]>>(bundle: &Bundle<B>, session: Option<&Session>) -> Vec<Label> {
    let own = session.and_then(Session::overlay).map(labels);
    labels(bundle).into_iter().chain(own.unwrap_or_default()).collect()
}

/// A statement of a bundle, or of a session's policies, as answers number it.
pub fn statement_id<B: AsRef<[u8]>>(
    bundle: &Bundle<B>,
    session: Option<&Session>,
    id: dictum_vm::StatementId,
) -> Option<StatementId> {
    if let Some((overlay, id)) = session.and_then(|session| session.statement(bundle, id)) {
        let info = overlay.statement(id)?;
        let policies = bundle.policies().count() as u32;
        return Some(StatementId { policy: policies + info.policy_number, statement: info.index });
    }
    let info = bundle.statement(id)?;
    Some(StatementId { policy: info.policy_number, statement: info.index })
}

/// A request's parts borrowed in the shape that the machine takes.
pub struct Borrowed<'a> {
    request: &'a CaseRequest,
    resources: Vec<&'a str>,
    lists: Vec<Vec<&'a str>>,
}

impl<'a> Borrowed<'a> {
    /// Borrows a request.
    pub fn new(request: &'a CaseRequest) -> Self {
        let lists = request.context.iter().map(|(_, value)| match value {
            ContextValue::One(_) => Vec::new(),
            ContextValue::Many(values) => values.iter().map(String::as_str).collect(),
        });
        Borrowed { request, resources: request.resources.iter().map(String::as_str).collect(), lists: lists.collect() }
    }

    /// The resources.
    pub fn resources(&self) -> &[&'a str] {
        &self.resources
    }

    /// The context as pairs.
    pub fn context(&'a self) -> Vec<(&'a str, Value<'a>)> {
        let value = |(i, (key, value)): (usize, &'a (String, ContextValue))| match value {
            ContextValue::One(text) => (key.as_str(), Value::One(text)),
            ContextValue::Many(_) => (key.as_str(), Value::Many(&self.lists[i])),
        };
        self.request.context.iter().enumerate().map(value).collect()
    }

    /// The principal.
    pub fn principal(&self) -> Principal<'a> {
        match &self.request.principal {
            request::Principal::Arn(arn) => Principal::Arn(arn),
            request::Principal::Session { session, role } => Principal::RoleSession { session, role },
            request::Principal::FederatedUser { session, user } => Principal::FederatedUser { session, user },
            request::Principal::Service(name) => Principal::Service(name),
            request::Principal::Federated(name) => Principal::Federated(name),
            request::Principal::CanonicalUser(id) => Principal::CanonicalUser(id),
            request::Principal::Anonymous => Principal::Anonymous,
        }
    }

    /// Starts the session that the request's record tells of.
    ///
    /// # Errors
    /// What is wrong with the record, its class and a message.
    pub fn session<B: AsRef<[u8]>>(&self, bundle: &Bundle<B>) -> Result<Option<Session>, SessionProblem> {
        self.request.session.as_ref().map(|record| start_session(bundle, record)).transpose()
    }

    /// Makes the request for a bundle.
    ///
    /// # Errors
    /// As the machine's.
    pub fn build<B: AsRef<[u8]>>(
        &'a self,
        bundle: &'a Bundle<B>,
        context: &'a [(&'a str, Value<'a>)],
        session: Option<&'a Session>,
    ) -> Result<dictum_vm::Request<'a>, dictum_vm::RequestError> {
        let builder = bundle.request().principal(self.principal()).action(&self.request.action);
        let builder = builder.resources(&self.resources).context(context);
        let builder = match session {
            Some(session) => builder.session(session),
            None => builder,
        };
        match &self.request.resource_account {
            Some(account) => builder.resource_account(account).build(),
            None => builder.build(),
        }
    }
}

/// Why a session cannot be started.
#[derive(Clone, Debug)]
pub enum SessionProblem {
    /// Errors of its policies: ERR-1's `policy`.
    Policies(Vec<CodedError>),
    /// Anything else of its record: an error of the request.
    Record(String),
}

impl From<SessionProblem> for Answer {
    fn from(problem: SessionProblem) -> Answer {
        match problem {
            SessionProblem::Policies(errors) => Answer::Error(ErrorKind::Policy, errors),
            SessionProblem::Record(message) => request_error(message),
        }
    }
}

/// Starts the session of a record.
///
/// # Errors
/// What is wrong with it.
pub fn start_session<B: AsRef<[u8]>>(bundle: &Bundle<B>, record: &SessionRecord) -> Result<Session, SessionProblem> {
    let tags: Vec<(&str, &str)> = record.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let facts = SessionFacts {
        tags: &tags,
        source_identity: record.source_identity.as_deref(),
        issuer_user: record.issuer_user.as_deref(),
        mfa_present: record.mfa_present,
        mfa_age: record.mfa_age,
        issued_at: record.issued_at.as_deref(),
        provider: record.provider.as_deref(),
    };
    let record_problem = |error: SessionError| SessionProblem::Record(format!("{error} (DIR-14)"));
    if !record.has_policies() {
        return Session::of_facts(bundle, facts).map_err(record_problem);
    }
    let mut sources = Sources::new();
    for (name, text) in &record.policies {
        let file = sources.add_file(format!("<session>/{name}"), text.as_bytes());
        let whole = sources.whole(file);
        sources.add(PolicyType::Session, name.as_str(), file, whole);
    }
    let managed: Vec<&str> = record.managed.iter().map(String::as_str).collect();
    let overlay = compile_session(bundle, &sources, &managed).map_err(|fault| match fault {
        SessionFault::Policies(diagnostics) => SessionProblem::Policies(coded(&diagnostics)),
        other => SessionProblem::Record(format!("{other} (DIR-14)")),
    })?;
    Session::from_bytes(bundle, overlay, facts).map_err(record_problem)
}

fn request_error(message: String) -> Answer {
    Answer::Error(ErrorKind::Request, vec![CodedError { code: RequestError::CODE.into(), message }])
}

/// The machine's answer to a case, what an output line needs to name statements, and the explanation of a decision.
///
/// # Panics
/// Where `decide` and `explain` differ (INV-9), or the compiler's bundle does not load: a fault of ours.
pub fn by_machine(case: &Case, options: &Options) -> (Answer, Vec<Label>, Option<Explanation>) {
    if let Some(organization) = &case.organization {
        return in_organization(organization, &case.request);
    }
    let compiled = match compile(&sources(&case.policies), options) {
        Ok(compiled) => compiled,
        Err(diagnostics) => return (Answer::Error(ErrorKind::Policy, coded(&diagnostics)), Vec::new(), None),
    };
    let bundle = load(compiled.bundle);
    let (answer, explanation) = answer(&bundle, &case.request);
    (answer, labels(&bundle), explanation)
}

/// The machine's answer to the JSON text of a request in bundle mode, whose bundle is compiled once and with all passes.
///
/// # Panics
/// As [`by_machine`].
pub fn in_organization(organization: &Organization, request: &str) -> (Answer, Vec<Label>, Option<Explanation>) {
    let bundle = match organization.bundle() {
        Ok(bundle) => bundle,
        Err(diagnostics) => return (Answer::Error(ErrorKind::Policy, coded(diagnostics)), Vec::new(), None),
    };
    answer_with_labels(bundle, request)
}

/// A bundle that the compiler has made.
///
/// # Panics
/// Where it does not load: a fault of ours.
pub fn load(bundle: Vec<u8>) -> Bundle<Vec<u8>> {
    Bundle::from_bytes(bundle).unwrap_or_else(|error| panic!("the compiler's bundle does not load: {error}"))
}

/// The machine's answer to the JSON text of a request, and the explanation of a decision.
///
/// # Panics
/// Where `decide` and `explain` differ (INV-9): a fault of ours.
pub fn answer(bundle: &Bundle<Vec<u8>>, request: &str) -> (Answer, Option<Explanation>) {
    answer_to(bundle, request, |_| ()).0
}

/// The same with what an output line needs to name statements, those of a session's policies among them.
///
/// # Panics
/// As [`answer`].
pub fn answer_with_labels(bundle: &Bundle<Vec<u8>>, request: &str) -> (Answer, Vec<Label>, Option<Explanation>) {
    let ((answer, explanation), labels) = answer_to(bundle, request, |session| labels_with(bundle, session));
    (answer, labels.unwrap_or_default(), explanation)
}

/// The answer, and of a decision what is made of its session.
fn answer_to<T>(
    bundle: &Bundle<Vec<u8>>,
    request: &str,
    of_session: impl FnOnce(Option<&Session>) -> T,
) -> ((Answer, Option<Explanation>), Option<T>) {
    let failed = |answer: Answer| ((answer, None), None);
    let request = match request::parse(request) {
        Ok(request) => request,
        Err(error) => return failed(error.into()),
    };
    let borrowed = Borrowed::new(&request);
    let context = borrowed.context();
    let session = match borrowed.session(bundle) {
        Ok(session) => session,
        Err(problem) => return failed(problem.into()),
    };
    let request = match borrowed.build(bundle, &context, session.as_ref()) {
        Ok(request) => request,
        Err(error) => return failed(request_error(format!("{error} ({})", error.rule()))),
    };
    let mut machine = Machine::new(bundle);
    let decision = machine.decide(&request);
    let explanation = machine.explain(&request);
    assert_eq!(decision, explanation.decision, "decide and explain differ (INV-9)");
    let by = explanation.by.iter().filter_map(|&id| statement_id(bundle, session.as_ref(), id)).collect();
    ((Answer::Decision(decision.into(), by), Some(explanation)), Some(of_session(session.as_ref())))
}
