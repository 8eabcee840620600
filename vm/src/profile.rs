//! What a bundle's directory holds of a principal, an account or a resource: for people, not for decisions.

use alloc::vec::Vec;

use crate::asked::Resource;
use crate::bundle::Section;
use crate::bundle::{Bundle, View};
use crate::directory::{ACCOUNT_WORDS, NONE, Unit};
use crate::error::RequestError;
use crate::principal::{Principal, Requester};
use crate::request::Request;

/// What applies to a user, role, session or root user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalProfile<'b> {
    /// ARN of the user or role that the bundle holds; `None` for a root user, and for whom it does not hold (DIR-9).
    pub arn: Option<&'b str>,
    /// Its unique id, where the sources had one.
    pub unique_id: Option<&'b str>,
    /// Keys and values.
    pub tags: Vec<(&'b str, &'b str)>,
    /// Identity policies by number.
    pub identity: Vec<u32>,
    /// The boundary's policy by number, if there is one.
    pub boundary: Option<Vec<u32>>,
    /// Of a role, the policy that says who may assume it.
    pub trust: Option<Vec<u32>>,
    /// Its account, if the bundle holds it.
    pub account: Option<AccountProfile<'b>>,
}

/// What a bundle holds of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountProfile<'b> {
    /// 12 digits.
    pub number: &'b str,
    /// Id of its organization.
    pub organization: Option<&'b str>,
    /// The organization's management account.
    pub management_account: Option<&'b str>,
    /// Root and units above it, `o-…/r-…/ou-…/`.
    pub path: Option<&'b str>,
    /// Service control policies of each level from the root; `None` where they do not apply.
    pub scps: Option<Vec<Vec<u32>>>,
    /// Likewise.
    pub rcps: Option<Vec<Vec<u32>>>,
}

/// What a bundle holds of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceProfile<'b> {
    /// Its ARN; of an S3 object that has no entry that of its bucket.
    pub arn: &'b str,
    /// Its owner.
    pub account: AccountProfile<'b>,
    /// Its policies by number; empty where it has none.
    pub policies: Vec<u32>,
    /// Keys and values; those of a bucket are not its objects'.
    pub tags: Vec<(&'b str, &'b str)>,
    /// Whether its policies must take part (EVL-41c).
    pub must_allow: bool,
}

/// The accounts that a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestAccounts<'b> {
    /// The principal's.
    pub principal: Option<AccountProfile<'b>>,
    /// That of each resource.
    pub resources: Vec<Option<AccountProfile<'b>>>,
}

impl<'b> View<'b> {
    fn policies(self, root: Option<u32>) -> Vec<u32> {
        root.map_or(Vec::new(), |root| self.policies_of_unit(root).iter().collect())
    }

    fn tag_pairs(self, set: Option<u32>) -> Vec<(&'b str, &'b str)> {
        let value = |key: &'b str| self.tag_by_name(set, key).map_or("", |id| self.strings().text(id));
        self.tag_keys(set).map(|key| (key, value(key))).collect()
    }

    fn account_profile(self, row: u32) -> AccountProfile<'b> {
        let account = self.account(row);
        let text = |id: u32| self.strings().text(id);
        let levels = |(root, count): (Option<u32>, u32)| {
            let mut levels = alloc::vec![Vec::new(); count as usize];
            for policy in self.policies(root) {
                let level = self.policy(policy).map(|policy| policy.layer);
                if let Some(crate::decision::Layer::Scp(at) | crate::decision::Layer::Rcp(at)) = level
                    && let Some(level) = levels.get_mut(at as usize)
                {
                    level.push(policy);
                }
            }
            (count > 0).then_some(levels)
        };
        AccountProfile {
            number: text(account.number()),
            organization: account.organization().map(text),
            management_account: account.management_account().map(text),
            path: account.path().map(text),
            scps: levels(account.scps()),
            rcps: levels(account.rcps()),
        }
    }
}

impl<B: AsRef<[u8]>> Bundle<B> {
    /// What applies to a principal with an account. Allocates.
    ///
    /// # Errors
    /// Where it has none of the forms of PRN-1.
    pub fn principal_profile<'b>(&'b self, arn: &'b str) -> Result<PrincipalProfile<'b>, RequestError> {
        let view = self.view();
        let mut who = Requester::parse(Principal::Arn(arn))?;
        let standing = view.stand(&mut who);
        let account = (standing.account != NONE).then(|| view.account_profile(standing.account));
        let mut profile = PrincipalProfile {
            arn: None,
            unique_id: None,
            tags: Vec::new(),
            identity: Vec::new(),
            boundary: None,
            trust: None,
            account,
        };
        if standing.entity == NONE {
            return Ok(profile);
        }
        let entity = view.entity(standing.entity);
        let scope = view.scope_of(standing);
        let of_gate = |gate: u32| -> Vec<u32> {
            let units = scope.units().filter(|unit: &Unit| unit.gate == gate);
            units.flat_map(|unit| view.policies_of_unit(unit.root).iter()).collect()
        };
        profile.arn = Some(view.strings().text(entity.arn()));
        profile.unique_id = Some(view.strings().text(entity.unique_id())).filter(|id| !id.is_empty());
        profile.tags = view.tag_pairs(entity.tags());
        profile.identity = of_gate(0);
        profile.boundary = scope.has_boundary.then(|| of_gate(2));
        profile.trust = entity.trust().map(|root| view.policies(Some(root)));
        Ok(profile)
    }

    /// What the bundle holds of a resource; `None` where it holds nothing. Allocates.
    ///
    /// # Errors
    /// Where it is neither `*` nor an ARN (REQ-2, LIM-2).
    pub fn resource_profile(&self, arn: &str) -> Result<Option<ResourceProfile<'_>>, RequestError> {
        let view = self.view();
        let resource = Resource::parse(arn)?;
        let place = view.place(&resource, None, None);
        if place.resource == NONE {
            return Ok(None);
        }
        let row = view.resource(place.resource);
        Ok(Some(ResourceProfile {
            arn: view.strings().text(row.arn()),
            account: view.account_profile(row.account()),
            policies: view.policies(row.policies()),
            tags: view.tag_pairs(row.tags()),
            must_allow: row.must_allow(),
        }))
    }

    /// The accounts of a request's principal and of each of its resources, as far as the bundle holds them.
    pub fn accounts_of(&self, request: &Request<'_>) -> RequestAccounts<'_> {
        let view = self.view();
        let profile = |row: u32| (row != NONE).then(|| view.account_profile(row));
        let mut resources = Vec::new();
        request.each_resource(|resource, _| {
            resources.push(profile(request.place_of(view, resource).account));
            false
        });
        RequestAccounts { principal: profile(request.standing.account), resources }
    }

    /// The accounts that the bundle holds, in the order of its sources.
    pub fn accounts(&self) -> impl Iterator<Item = AccountProfile<'_>> + '_ {
        let view = self.view();
        let count = view.words(Section::Accounts).len() / ACCOUNT_WORDS;
        (0..count as u32).map(move |row| view.account_profile(row))
    }
}
