//! A request joined to a bundle: which value a slot has, and which symbol a value is. Looked up when first needed.

use crate::asked::Resource;
use crate::bundle::{Bundle, Section, View};
use crate::context::{Context, CoreKey, DerivedKey, DirectoryKey, NO_SYMBOL, SessionKey, Value};
use crate::derive::{self, Derived, Stated, Tag};
use crate::directory::{NONE, Place};
use crate::glob::{NO_SLOT, Variable, Variables};
use crate::hash::hash;
use crate::principal::RequesterKind;
use crate::request::{Request, lower_hash};
use crate::scan::is_same_key;
use crate::words::{Index, Strings, Words};

/// The sections that deciding reads, cut out once for a machine.
#[derive(Clone, Copy)]
pub(crate) struct Sections<'b> {
    pub view: View<'b>,
    pub seed: u64,
    pub strings: Strings<'b>,
    pub symbols: Index<'b>,
    pub keys: Words<'b>,
    pub children: Words<'b>,
    pub nodes: Words<'b>,
    pub records: Words<'b>,
    pub lists: Words<'b>,
    pub blocks: Words<'b>,
    pub tables: &'b [u8],
    /// The derived keys that policies name, a bit for each number.
    derived: u64,
}

impl<'b> Sections<'b> {
    pub fn of<B: AsRef<[u8]>>(bundle: &'b Bundle<B>) -> Self {
        Sections::of_view(bundle.view())
    }

    pub fn of_view(view: View<'b>) -> Self {
        let keys = view.words(Section::Keys);
        let numbers = (0..keys.len() / 2).map(|slot| keys.at(slot * 2 + 1));
        Sections {
            view,
            seed: view.layout.seed,
            strings: view.strings(),
            symbols: view.index(Section::SymbolIndex),
            keys,
            children: view.words(Section::Children),
            nodes: view.words(Section::Nodes),
            records: view.words(Section::Records),
            lists: view.words(Section::Lists),
            blocks: view.words(Section::Blocks),
            tables: view.section(Section::Tables),
            derived: numbers.filter(|&number| number < u64::BITS).fold(0, |bits, number| bits | 1 << number),
        }
    }

    /// Whether some policy names a derived key; no other is ever asked for.
    #[inline]
    pub fn names(&self, key: DerivedKey) -> bool {
        self.derived >> key.number() & 1 == 1
    }

    /// The string id of a text, [`NO_SYMBOL`] if the bundle does not hold it.
    #[inline]
    pub fn symbol(&self, text: &str) -> u32 {
        let strings = self.strings;
        self.symbols
            .find(hash(text.as_bytes(), self.seed), |id| strings.get(id) == text.as_bytes())
            .unwrap_or(NO_SYMBOL)
    }
}

/// What a slot's key has in the request.
#[derive(Clone, Copy)]
pub(crate) struct Bound<'x> {
    /// `None` where it counts as absent (CND-12).
    pub value: Option<Value<'x>>,
    /// String id of a single value, once somebody asked for it.
    symbol: Option<u32>,
}

/// Slots whose values are remembered while one resource is decided. More are looked up again each time.
const REMEMBERED: usize = 4;

/// What derived keys need that stands nowhere in the request in one piece, or is known before.
#[derive(Clone, Copy)]
pub(crate) struct Aside<'x> {
    /// `aws:PrincipalArn` of a bare session: the path-less role ARN.
    pub principal_arn: &'x str,
    /// `aws:userid` of a federated user, and with a directory of users and role sessions.
    pub user_id: &'x str,
    /// `aws:ResourceAccount`.
    pub resource_account: Option<&'x str>,
    /// `aws:PrincipalOrgPaths` and `aws:ResourceOrgPaths`.
    pub paths: &'x [&'x str; 2],
}

/// What a directory says of one resource of a request, and of who asks for it.
#[derive(Clone, Copy)]
pub(crate) struct Known<'x> {
    /// The bundle that holds the directory; another than the sections' where an overlay is walked.
    pub base: View<'x>,
    pub place: Place,
}

impl<'x> Known<'x> {
    /// The paths of the principal's and the resource's account, empty where the bundle knows of none.
    #[inline(never)]
    pub fn paths(&self, request: &Request<'_>) -> [&'x str; 2] {
        let path = |row: u32| match row {
            NONE => "",
            row => self.base.account(row).path().map_or("", |path| self.base.strings().text(path)),
        };
        [path(request.standing.account), path(self.place.account)]
    }

    /// Whether the directory marks the resource as one whose policy must take part (EVL-41c).
    pub fn is_marked(&self) -> bool {
        self.place.resource != NONE && self.base.resource(self.place.resource).must_allow()
    }
}

/// The context of one resource of a request (CTX-5).
pub(crate) struct Frame<'x> {
    pub sections: &'x Sections<'x>,
    pub request: &'x Request<'x>,
    pub resource: &'x Resource<'x>,
    aside: Aside<'x>,
    /// `None` where the bundle has no directory: then nothing below asks for one.
    known: Option<&'x Known<'x>>,
    slots: [u32; REMEMBERED],
    /// One place more, for what is not remembered.
    bound: [Bound<'x>; REMEMBERED + 1],
    remembered: usize,
    /// A context source broke LIM-2, too late for an error: the decision must be a denial.
    pub is_broken: bool,
    /// Absent keys that were asked for, if somebody wants to know.
    pub missing: Option<alloc::vec::Vec<u32>>,
}

impl<'x> Frame<'x> {
    #[inline]
    pub fn new(
        sections: &'x Sections<'x>,
        request: &'x Request<'x>,
        resource: &'x Resource<'x>,
        aside: Aside<'x>,
        known: Option<&'x Known<'x>>,
    ) -> Self {
        Frame {
            sections,
            request,
            resource,
            aside,
            known,
            slots: [NO_SLOT; REMEMBERED],
            bound: [Bound { value: None, symbol: None }; REMEMBERED + 1],
            remembered: 0,
            is_broken: false,
            missing: None,
        }
    }

    /// What a slot's key has.
    #[inline]
    pub fn value(&mut self, slot: u32) -> Option<Value<'x>> {
        let place = self.place(slot);
        self.bound[place].value
    }

    /// The string id of a slot's single value, [`NO_SYMBOL`] if it has none.
    #[inline]
    pub fn symbol(&mut self, slot: u32) -> u32 {
        let place = self.place(slot);
        let bound = &mut self.bound[place];
        *bound.symbol.get_or_insert_with(|| match bound.value {
            Some(Value::One(text)) => self.sections.symbol(text),
            _ => NO_SYMBOL,
        })
    }

    /// Where in `bound` a slot's value stands.
    #[inline]
    fn place(&mut self, slot: u32) -> usize {
        let known = self.slots.iter().take(self.remembered).position(|&known| known == slot);
        known.unwrap_or_else(|| self.bind(slot)).min(REMEMBERED)
    }

    /// Looks a slot up, and puts what it has behind what is remembered: in the last place, if there is room for no more.
    #[inline(never)]
    fn bind(&mut self, slot: u32) -> usize {
        let bound = self.look_up(slot);
        let place = self.remembered.min(REMEMBERED);
        if let Some(known) = self.slots.get_mut(place) {
            *known = slot;
            self.remembered += 1;
        }
        if bound.value.is_none()
            && let Some(missing) = &mut self.missing
        {
            missing.push(slot);
        }
        self.bound[place] = bound;
        place
    }

    /// What the caller states of a derived key, whether or not a policy names it.
    pub fn given(&self, core: CoreKey) -> Option<Value<'x>> {
        match self.request.context {
            Context::Pairs(pairs) => pairs
                .iter()
                .find(|(key, _)| is_same_key(key.as_bytes(), core.name().as_bytes()))
                .map(|&(_, value)| value),
            Context::Handles(pairs) => {
                let wanted = Some(DerivedKey::Core(core));
                pairs.iter().find(|(key, _)| key.derived == wanted).map(|(_, handle)| handle.value)
            }
            Context::Source(source) => source.get(core.name()),
        }
    }

    fn look_up(&mut self, slot: u32) -> Bound<'x> {
        let given = self.look_up_given(slot);
        let number = self.sections.keys.at(slot as usize * 2 + 1);
        if let Some(known) = self.known {
            return self.look_up_known(known, slot, number, given);
        }
        // There is no session either: what is not the caller's is the request's.
        match given {
            Some((value, symbol)) => Bound { value: value.present(), symbol },
            None => Bound { value: CoreKey::from_number(number).and_then(|core| self.derive(core)), symbol: None },
        }
    }

    /// What a slot's key has, where there is a directory. Not inlined: without one nobody comes here.
    #[inline(never)]
    fn look_up_known(
        &mut self,
        known: &'x Known<'x>,
        slot: u32,
        number: u32,
        given: Option<(Value<'x>, Option<u32>)>,
    ) -> Bound<'x> {
        let bound = |value: Option<Value<'x>>| Bound { value: value.and_then(Value::present), symbol: None };
        match (given, DerivedKey::from_number(number)) {
            (_, Some(DerivedKey::Directory(key))) => self.look_up_directory(known, slot, key, given),
            (_, Some(DerivedKey::Core(CoreKey::UserId))) => {
                let value = self.derive(CoreKey::UserId);
                self.is_broken |= given.is_some_and(|(given, _)| Some(given) != value);
                bound(value)
            }
            (Some((value, symbol)), derived) => {
                // Of a context in pairs that was asked when the request was made; of a source it is asked now.
                if let Some(DerivedKey::Session(key)) = derived {
                    self.is_broken |= self.fact(key).is_some_and(|fact| fact != value);
                }
                Bound { value: value.present(), symbol }
            }
            (None, Some(DerivedKey::Core(core))) => Bound { value: self.derive(core), symbol: None },
            (None, Some(DerivedKey::Session(key))) => bound(self.fact(key)),
            (None, _) => Bound { value: None, symbol: None },
        }
    }

    fn fact(&self, key: SessionKey) -> Option<Value<'x>> {
        self.request.session?.fact(key)
    }

    /// What the bundle says counts, and nothing else where it says anything. A caller who says otherwise was refused when
    /// the request was made, unless it is a source, which is asked only now: then the decision is a denial.
    fn look_up_directory(
        &mut self,
        known: &'x Known<'x>,
        slot: u32,
        key: DirectoryKey,
        given: Option<(Value<'x>, Option<u32>)>,
    ) -> Bound<'x> {
        let base = known.base;
        let name = self.sections.strings.text(self.sections.keys.at(slot as usize * 2));
        let tag = key.tag_of(name).unwrap_or("");
        let tag = if self.is_of_base() { Tag::Slot(slot, tag) } else { Tag::Name(tag) };
        match derive::directory_value(base, self.request.subject(), known.place, key, tag) {
            Stated::ByCaller => match given {
                Some((value, symbol)) => Bound { value: value.present(), symbol },
                None => Bound { value: None, symbol: None },
            },
            Stated::ByBundle(derived) => {
                if let Some((given, _)) = given {
                    self.is_broken |= !derived.is_some_and(|derived| derive::is_same(base, derived, given));
                }
                self.bound_to(known, derived, key)
            }
        }
    }

    fn bound_to(&self, known: &'x Known<'x>, derived: Option<Derived<'x>>, key: DirectoryKey) -> Bound<'x> {
        let one = |text: &'x str, symbol| Bound { value: Some(Value::One(text)), symbol };
        match derived {
            None => Bound { value: None, symbol: None },
            // PERF: equal texts have one id in a bundle, so the id is the symbol and nothing is hashed.
            Some(Derived::String(id)) => one(known.base.strings().text(id), self.is_of_base().then_some(id)),
            Some(Derived::Text(text)) => one(text, None),
            Some(Derived::List(_)) => {
                let path = &self.aside.paths[usize::from(key == DirectoryKey::ResourceOrgPaths)];
                Bound { value: Some(Value::Many(core::slice::from_ref(path))), symbol: None }
            }
        }
    }

    /// Whether the sections are those of the bundle, and not of an overlay.
    fn is_of_base(&self) -> bool {
        self.known.is_none_or(|known| known.base.layout.generation == self.sections.view.layout.generation)
    }

    /// What the caller states of a slot's key, and its string id where that is known.
    fn look_up_given(&mut self, slot: u32) -> Option<(Value<'x>, Option<u32>)> {
        let at = slot as usize * 2;
        match self.request.context {
            Context::Handles(pairs) if self.is_of_base() => {
                pairs.iter().find(|(key, _)| key.slot == slot).map(|(_, handle)| (handle.value, Some(handle.symbol)))
            }
            Context::Handles(pairs) => {
                let name = self.sections.strings.text(self.sections.keys.at(at));
                let hash = self.known.and_then(|known| lower_hash(name, known.base.layout.seed));
                pairs.iter().find(|(key, _)| key.hash == hash).map(|(_, handle)| (handle.value, None))
            }
            Context::Pairs(pairs) => {
                let key = self.sections.strings.get(self.sections.keys.at(at));
                let is_it = |name: &str| is_same_key(name.as_bytes(), key);
                pairs.iter().find(|(name, _)| is_it(name)).map(|&(_, value)| (value, None))
            }
            Context::Source(source) => {
                let value = source.get(self.sections.strings.text(self.sections.keys.at(at)));
                // Nothing is made of a value beyond LIM-2: the scratch memory has no room for it.
                let is_over = value.is_some_and(crate::request::is_over_limit);
                self.is_broken |= is_over;
                value.filter(|_| !is_over).map(|value| (value, None))
            }
        }
    }

    /// CTX-2 and the table of semantics.md 10.2.
    fn derive(&self, core: CoreKey) -> Option<Value<'x>> {
        let who = &self.request.who;
        let is_service = who.kind == RequesterKind::Service;
        match core {
            CoreKey::PrincipalArn => match (who.kind, who.role_arn) {
                (RequesterKind::Session, Some(role)) => Some(Value::One(role)),
                (RequesterKind::Session, None) => Some(Value::One(self.aside.principal_arn)),
                _ => who.account.map(|_| Value::One(who.arn)),
            },
            CoreKey::PrincipalAccount if who.kind == RequesterKind::Anonymous => Some(Value::One("anonymous")),
            CoreKey::PrincipalAccount => who.account.map(Value::One),
            CoreKey::PrincipalType => who.type_name().map(Value::One),
            CoreKey::PrincipalIsAwsService if is_service => Some(Value::One("true")),
            CoreKey::PrincipalIsAwsService => who.account.map(|_| Value::One("false")),
            CoreKey::PrincipalServiceName => is_service.then_some(Value::One(who.name)),
            CoreKey::PrincipalServiceNamesList => {
                is_service.then(|| Value::Many(core::slice::from_ref(&self.request.who.name)))
            }
            CoreKey::UserName => (who.kind == RequesterKind::User).then_some(Value::One(who.name)),
            CoreKey::UserId => match who.kind {
                RequesterKind::Root => who.account.map(Value::One),
                RequesterKind::Anonymous => Some(Value::One("anonymous")),
                _ => Some(Value::One(self.aside.user_id)).filter(|_| !self.aside.user_id.is_empty()),
            },
            CoreKey::ResourceAccount => self.aside.resource_account.map(Value::One),
        }
    }
}

impl<'x> Variables<'x> for Frame<'x> {
    fn variable(&mut self, slot: u32) -> Variable<'x> {
        if slot == NO_SLOT {
            return Variable::Absent;
        }
        match self.value(slot) {
            None => Variable::Absent,
            Some(Value::Many(_)) => Variable::Many,
            Some(Value::One(text)) => Variable::Text(text),
        }
    }
}
