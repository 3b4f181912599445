//! What is asked: who, which action, on what, in which context.

use crate::condition::{Context, Found};
use crate::{Action, Principal, Resource, Variable};

/// A request, with the context keys that its caller implies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who calls.
    pub principal: Principal,
    /// The action.
    pub action: Action,
    /// What it is called on.
    pub resource: Resource,
    /// The account that owns the resource, twelve digits.
    pub resource_account: Option<Box<str>>,
    /// The context.
    pub context: Context,
}

impl Request {
    /// Makes a request. Where the context does not have them, the keys that the caller's ARN implies are put in.
    ///
    /// Without `resource_account` it is the account in the resource's ARN, else the caller's own.
    #[must_use]
    pub fn new(
        principal: Principal,
        action: Action,
        resource: Resource,
        resource_account: Option<&str>,
        mut context: Context,
    ) -> Self {
        for (key, value) in principal.implied_keys() {
            context.insert_if_missing(key, value);
        }
        let resource_account = resource_account
            .or_else(|| resource.account_id())
            .or_else(|| principal.account_id())
            .map(Box::from);
        Self {
            principal,
            action,
            resource,
            resource_account,
            context,
        }
    }

    /// Whether caller and resource are of two accounts. A caller without an account is in none.
    #[must_use]
    pub fn is_cross_account(&self) -> bool {
        RequestParts::from(self).is_cross_account()
    }

    /// Whether only the resource's own policy can let others decide: KMS keys, and roles that are assumed.
    ///
    /// IAM User Guide, "Policy evaluation logic": trust policies and key policies must allow explicitly.
    #[must_use]
    pub fn is_decided_by_resource(&self) -> bool {
        RequestParts::from(self).is_decided_by_resource()
    }
}

/// A request whose parts are elsewhere: who asks about thousands of resources copies none of them.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// Who calls.
    pub principal: &'a Principal,
    /// The action.
    pub action: &'a Action,
    /// What it is called on.
    pub resource: &'a Resource,
    /// The account that owns the resource, twelve digits.
    pub resource_account: Option<&'a str>,
    /// The context, with the keys that the caller implies, as [`Request::new`] puts them in.
    pub context: &'a Context,
}

impl<'a> From<&'a Request> for RequestParts<'a> {
    fn from(request: &'a Request) -> Self {
        Self {
            principal: &request.principal,
            action: &request.action,
            resource: &request.resource,
            resource_account: request.resource_account.as_deref(),
            context: &request.context,
        }
    }
}

impl<'a> RequestParts<'a> {
    /// See [`Request::is_cross_account`].
    #[must_use]
    pub fn is_cross_account(self) -> bool {
        match (self.principal.account_id(), self.resource_account) {
            (Some(caller), Some(owner)) => caller != owner,
            _ => false,
        }
    }

    /// See [`Request::is_decided_by_resource`].
    #[must_use]
    pub fn is_decided_by_resource(self) -> bool {
        let of = |service: &str, prefix: &str| {
            self.resource
                .fields()
                .is_some_and(|[_, _, own, _, _, rest]| own == service && rest.starts_with(prefix))
        };
        match self.action.service() {
            "kms" => of("kms", "key/"),
            "sts" => self.action.name().starts_with("assumerole") && of("iam", "role/"),
            _ => false,
        }
    }

    /// The value that stands for a policy variable: that of a single-valued key.
    pub(crate) fn variable(self, variable: &Variable) -> Option<&'a str> {
        match self.context.find(&variable.key) {
            Found::One(value) => Some(value),
            Found::Missing | Found::NotTold | Found::Many(_) => None,
        }
    }

    pub(super) fn is_not_told(self, variable: &Variable) -> bool {
        self.context.find(&variable.key) == Found::NotTold
    }
}
