//! Requests in the two forms in which they are asked: as strings, and as handles that were looked up beforehand.

use std::hint::black_box;

use dictum_corpus::answer::Decision;
use dictum_corpus::data::Asked;
use dictum_corpus::request::{self, ContextValue};
use dictum_vm::{
    ActionHandle, KeyHandle, Machine, Principal, PrincipalHandle, Request, ResourceHandle, Value, ValueHandle,
};

use crate::alloc::allocations;
use crate::input::Input;

/// How a request comes to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Built once, from handles.
    Handles,
    /// Built from strings for each decision.
    Strings,
}

/// In which order requests come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// [`HOT`] of them again and again.
    Hot,
    /// All in turn.
    Streaming,
}

/// Requests that are repeated where they are to be hot.
pub const HOT: usize = 64;

impl Form {
    /// For a table.
    pub fn name(self) -> &'static str {
        match self {
            Form::Handles => "handles",
            Form::Strings => "strings",
        }
    }
}

impl Order {
    /// For a table.
    pub fn name(self) -> &'static str {
        match self {
            Order::Hot => "hot",
            Order::Streaming => "streaming",
        }
    }
}

/// The four columns of every decision table.
pub const FORMS: [(Form, Order); 4] = [
    (Form::Handles, Order::Hot),
    (Form::Handles, Order::Streaming),
    (Form::Strings, Order::Hot),
    (Form::Strings, Order::Streaming),
];

/// The strings of all requests of a world in one buffer, request behind request, as they would lie in messages that come
/// in: what streaming costs should be the machine's misses, not those of ten strings a request strewn over the heap.
pub struct Messages(String);

/// A request as strings, laid out as a caller would have them.
pub struct Texts<'i> {
    /// Who asks.
    pub principal: Principal<'i>,
    /// What for.
    pub action: &'i str,
    /// On what.
    pub resource: &'i str,
    /// Whose that is.
    pub resource_account: Option<&'i str>,
    /// The context.
    pub context: Vec<(&'i str, Value<'i>)>,
    set: usize,
}

impl Messages {
    /// Copies the strings of an input.
    pub fn of(input: &Input) -> Messages {
        let mut buffer = String::new();
        for asked in &input.world.asked {
            let request = &asked.request;
            principal_texts(&request.principal).into_iter().for_each(|text| buffer.push_str(text));
            buffer.push_str(&request.action);
            buffer.push_str(resource(asked));
            buffer.push_str(request.resource_account.as_deref().unwrap_or_default());
            for (key, value) in &request.context {
                buffer.push_str(key);
                buffer.push_str(single_value(value));
            }
        }
        Messages(buffer)
    }

    /// The requests again, borrowed.
    pub fn texts(&self, input: &Input) -> Vec<Texts<'_>> {
        let mut rest = self.0.as_str();
        let mut next = |text: &str| {
            let (text, after) = rest.split_at(text.len());
            rest = after;
            text
        };
        let each = |asked: &Asked| {
            let request = &asked.request;
            let [first, second] = principal_texts(&request.principal).map(&mut next);
            let principal = match &request.principal {
                request::Principal::Arn(_) => Principal::Arn(first),
                request::Principal::Session { .. } => Principal::RoleSession { session: first, role: second },
                other => panic!("no world asks for {other:?}"),
            };
            let (action, resource) = (next(&request.action), next(resource(asked)));
            let resource_account = request.resource_account.as_deref().map(&mut next);
            let pair = |(key, value): &(String, ContextValue)| (next(key), Value::One(next(single_value(value))));
            let context = request.context.iter().map(pair).collect();
            Texts { principal, action, resource, resource_account, context, set: asked.set }
        };
        input.world.asked.iter().map(each).collect()
    }
}

fn principal_texts(principal: &request::Principal) -> [&str; 2] {
    match principal {
        request::Principal::Arn(arn) => [arn, ""],
        request::Principal::Session { session, role } => [session, role],
        other => panic!("no world asks for {other:?}"),
    }
}

fn resource(asked: &Asked) -> &str {
    let [resource] = asked.request.resources.as_slice() else { panic!("a world's request has one resource") };
    resource
}

fn single_value(value: &ContextValue) -> &str {
    let ContextValue::One(value) = value else { panic!("the worlds' keys have one value each") };
    value
}

impl<'i> Texts<'i> {
    /// Builds the request.
    #[inline]
    pub fn request(&'i self, input: &'i Input) -> Request<'i> {
        let builder = input.bundles[self.set].request();
        let builder = builder.principal(self.principal).action(self.action).resource(self.resource);
        let builder = builder.context(&self.context);
        let request = match self.resource_account {
            Some(account) => builder.resource_account(account).build(),
            None => builder.build(),
        };
        request.expect("a world's requests are well-formed")
    }
}

/// What was looked up of a request.
pub struct Handles<'i> {
    principal: PrincipalHandle<'i>,
    action: ActionHandle<'i>,
    resource: ResourceHandle<'i>,
    resource_account: Option<&'i str>,
    context: Vec<(KeyHandle, ValueHandle<'i>)>,
    set: usize,
}

/// Looks up all parts of all requests.
pub fn handles<'i>(input: &'i Input, texts: &'i [Texts<'i>]) -> Vec<Handles<'i>> {
    let each = |texts: &'i Texts<'i>| {
        let bundle = &input.bundles[texts.set];
        let context = texts.context.iter();
        Handles {
            principal: bundle.resolve_principal(texts.principal).expect("a principal"),
            action: bundle.resolve_action(texts.action).expect("an action"),
            resource: bundle.resolve_resource(texts.resource).expect("a resource"),
            resource_account: texts.resource_account,
            context: context.map(|&(key, value)| (bundle.resolve_key(key), bundle.resolve_value(value))).collect(),
            set: texts.set,
        }
    };
    texts.iter().map(each).collect()
}

/// Builds a request from handles.
fn build<'i>(input: &'i Input, handles: &'i Handles<'i>) -> Request<'i> {
    let builder = input.bundles[handles.set].request();
    let builder = builder.principal_handle(&handles.principal).action_handle(&handles.action);
    let builder = builder.resource_handle(&handles.resource).context_handles(&handles.context);
    let request = match handles.resource_account {
        Some(account) => builder.resource_account(account).build(),
        None => builder.build(),
    };
    request.expect("a world's requests are well-formed")
}

/// Everything that deciding the requests of one input takes.
pub struct Prepared<'i> {
    input: &'i Input,
    texts: &'i [Texts<'i>],
    requests: Vec<(usize, Request<'i>)>,
    machines: Vec<Machine<'i>>,
}

impl<'i> Prepared<'i> {
    /// Builds the requests and makes the machines.
    pub fn new(input: &'i Input, texts: &'i [Texts<'i>], handles: &'i [Handles<'i>]) -> Prepared<'i> {
        let requests = handles.iter().map(|handles| (handles.set, build(input, handles))).collect();
        let machines = input.bundles.iter().map(Machine::new).collect();
        Prepared { input, texts, requests, machines }
    }

    /// Decides a request.
    #[inline]
    pub fn decide(&mut self, form: Form, number: usize) -> dictum_vm::Decision {
        match form {
            Form::Handles => {
                let (set, request) = &self.requests[number];
                self.machines[*set].decide(request)
            }
            Form::Strings => {
                let texts = &self.texts[number];
                self.machines[texts.set].decide(&texts.request(self.input))
            }
        }
    }

    /// Explains a request, returning how many statements were considered.
    pub fn explain(&mut self, number: usize) -> usize {
        let (set, request) = &self.requests[number];
        self.machines[*set].explain(request).considered.len()
    }

    /// Number of requests.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// The number of the request that comes at a place of an order.
    #[inline]
    pub fn number(&self, order: Order, at: usize) -> usize {
        match order {
            Order::Hot => at % HOT,
            Order::Streaming => at % self.len(),
        }
    }

    /// Compares all decisions, in both forms, with what is expected.
    ///
    /// # Panics
    /// Where one differs: the time of a wrong answer is worth nothing.
    pub fn check(&mut self) {
        for form in [Form::Handles, Form::Strings] {
            for number in 0..self.len() {
                let decision = Decision::from(self.decide(form, number));
                let asked = &self.input.world.asked[number];
                assert_eq!(
                    decision, asked.expected,
                    "{} {form:?} {number}: {:?}",
                    self.input.world.name, asked.request
                );
            }
        }
    }

    /// Decides all requests in both forms, counting allocations, and returns their number: 0.
    ///
    /// # Panics
    /// Where there was one.
    pub fn assert_no_allocations(&mut self) -> u64 {
        for form in [Form::Handles, Form::Strings] {
            let count = allocations(|| {
                for number in 0..self.len() {
                    black_box(self.decide(form, number));
                }
            });
            assert_eq!(count, 0, "{} {form:?}: allocations in {} decisions", self.input.world.name, self.len());
        }
        0
    }
}
