//! What several test files share: policy sets written in a line each, and the machine beside the reference.
#![allow(dead_code, reason = "no test file uses all of it")]

use dictum_compiler::{Options, compile};
use dictum_corpus::answer::{Decision, Layer, Member, StatementId};
use dictum_corpus::case::{Entry, Origin, Policies};
use dictum_corpus::decide::sources;
use dictum_corpus::machine::{Borrowed, statement_id};
use dictum_corpus::reference::{self, Outcome, PolicySet};
use dictum_corpus::request::{CaseRequest, ContextValue, Principal, RequestError};
use dictum_vm::{Bundle, Machine};

/// A policy of the current Version with these statements, which are JSON objects.
pub fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// Policies by layer (`identity`, `scp0`, `scp1`, …), in the order of the members.
pub fn policies(documents: &[(&str, String)]) -> Policies {
    let mut policies = Policies::default();
    for (at, (layer, document)) in documents.iter().enumerate() {
        let name = layer.trim_end_matches(|c: char| c.is_ascii_digit());
        let level = layer[name.len()..].parse().unwrap_or(0);
        let member = Member::ALL.into_iter().find(|member| member.name() == name).expect("a member's name");
        let levels = &mut policies.levels[member as usize];
        *levels = Some(levels.unwrap_or(0).max(level + 1));
        policies.entries.push(Entry {
            name: format!("{layer}-{at}"),
            layer: Layer { member, level },
            document: document.clone().into_bytes(),
            origin: Origin::Text,
        });
    }
    policies
}

/// The bytes of the policies' bundle.
pub fn bytes(policies: &Policies, options: &Options) -> Vec<u8> {
    let sources = sources(policies);
    compile(&sources, options).unwrap_or_else(|errors| panic!("{}", errors.render(&sources))).bundle
}

/// A request without context.
pub fn request(principal: &str, action: &str, resource: &str) -> CaseRequest {
    CaseRequest {
        principal: Principal::Arn(principal.to_owned()),
        action: action.to_owned(),
        resources: vec![resource.to_owned()],
        resource_account: None,
        context: Vec::new(),
        session: None,
    }
}

/// A context value; several texts make it multivalued.
pub fn value(texts: &[&str]) -> ContextValue {
    match texts {
        [text] => ContextValue::One((*text).to_owned()),
        texts => ContextValue::Many(texts.iter().map(|&text| text.to_owned()).collect()),
    }
}

/// The machine and the reference on the same policies.
pub struct Both<'a> {
    pub set: &'a PolicySet<'a>,
    pub bundle: &'a Bundle<Vec<u8>>,
    pub machine: Machine<'a>,
}

impl<'a> Both<'a> {
    pub fn new(set: &'a PolicySet<'a>, bundle: &'a Bundle<Vec<u8>>) -> Self {
        Both { set, bundle, machine: Machine::new(bundle) }
    }

    /// The decision on which both agree, with the same statements (EVL-51); `None` where both refuse the request.
    ///
    /// # Panics
    /// Where they do not agree, or `decide` and `explain` do not (INV-9).
    pub fn check(&mut self, request: &CaseRequest) -> Option<Decision> {
        self.against(&reference::decide(self.set, request), request)
    }

    /// The same with what the reference said.
    pub fn against(&mut self, expected: &Result<Outcome, RequestError>, request: &CaseRequest) -> Option<Decision> {
        let borrowed = Borrowed::new(request);
        let context = borrowed.context();
        let built = borrowed.build(self.bundle, &context, None);
        let what = || format!("{request:?}").chars().take(2_000).collect::<String>();
        match (expected, built) {
            (Err(_), Err(_)) => None,
            (Ok(expected), Ok(built)) => {
                let decision = Decision::from(self.machine.decide(&built));
                assert_eq!(decision, expected.decision, "decide: {}", what());
                let explanation = self.machine.explain(&built);
                assert_eq!(Decision::from(explanation.decision), decision, "explain: {}", what());
                let by = explanation.by.iter().filter_map(|&id| statement_id(self.bundle, None, id));
                assert_eq!(by.collect::<Vec<StatementId>>(), expected.by, "by: {}", what());
                Some(decision)
            }
            (expected, built) => {
                panic!("reference {:?}, machine {:?}: {}", expected.as_ref().err(), built.err(), what())
            }
        }
    }
}
