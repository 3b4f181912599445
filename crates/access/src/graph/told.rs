//! What an inventory tells of requests: tags of callers, and of the users and roles that they act on.
//!
//! A tag is told only where the caller cannot change it first: who may tag users or roles, or pass tags for a session, may have
//! whichever it needs. A role's sessions may have tags of whoever assumes it, where its trust policy allows `sts:TagSession` (IAM
//! User Guide, "Pass session tags in AWS STS").

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use leastgrant_inventory::tables::{TagRow, UserRow};
use leastgrant_inventory::{DataKind, Error, Inventory};
use leastgrant_policy::condition::is_of_token;
use leastgrant_policy::principal::is_account_id;
use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Action, Context, ContextValue, Effect, Policy, Resource};

use super::attached::ManagedPolicies;
use super::statements::keys_of;
use crate::who_can::{FRESH, matches_action};
use crate::{Access, Subject, SubjectKind};

/// The beginning of keys of a caller's tags.
pub(super) const OF_PRINCIPAL: &str = "aws:principaltag/";

const OF_RESOURCE: [&str; 2] = ["aws:resourcetag/", "iam:resourcetag/"];

/// The key of the account of what is acted on.
const RESOURCE_ACCOUNT: &str = "aws:resourceaccount";

/// The key of the organisation of that account.
const RESOURCE_ORGANIZATION: &str = "aws:resourceorgid";

/// The key of the unique id of the caller (IAM User Guide, "AWS global condition context keys").
const USER_ID: &str = "aws:userid";

/// The key of what a passed role is for (Service Authorization Reference, IAM).
pub(super) const FOR_RESOURCE: &str = "iam:associatedresourcearn";

/// The service in the ARNs of what a role is passed for, by whom it is passed to.
const OF_SERVICES: [(&str, &str); 8] = [
    ("cloudformation.amazonaws.com", "cloudformation"),
    ("codebuild.amazonaws.com", "codebuild"),
    ("ec2.amazonaws.com", "ec2"),
    ("ecs-tasks.amazonaws.com", "ecs"),
    ("glue.amazonaws.com", "glue"),
    ("lambda.amazonaws.com", "lambda"),
    ("sagemaker.amazonaws.com", "sagemaker"),
    ("states.amazonaws.com", "states"),
];

/// The tags of users and roles, and the unique ids of users.
#[derive(Debug, Default)]
pub(super) struct Traits {
    /// By ARN, keys in lower case: condition keys ignore it.
    by_arn: HashMap<Box<str>, Vec<(String, String)>>,
    /// Accounts of which all are known.
    complete: HashSet<Box<str>>,
    user_ids: HashMap<Box<str>, Box<str>>,
}

impl Traits {
    pub(super) fn load(inventory: &Inventory, users: Vec<UserRow>) -> Result<Self, Error> {
        let ids = users
            .into_iter()
            .filter_map(|row| Some((row.arn.into(), row.user_id?.into())));
        let mut traits = Self {
            user_ids: ids.collect(),
            ..Self::default()
        };
        for row in inventory.read::<TagRow>()? {
            let own = traits.by_arn.entry(row.resource_arn.into()).or_default();
            own.push((row.key.to_ascii_lowercase(), row.value));
        }
        let sources = inventory.manifest().sources.iter();
        let details =
            sources.filter(|own| own.kind == DataKind::AuthorizationDetails && own.complete);
        traits.complete = details
            .filter_map(|own| Some(own.account_id.as_deref()?.into()))
            .collect();
        Ok(traits)
    }

    fn value(&self, arn: &str, lower_key: &str) -> ContextValue {
        let mut own = self.by_arn.get(arn).into_iter().flatten();
        match own.find(|(key, _)| key == lower_key) {
            Some((_, value)) => ContextValue::One(value.clone()),
            None => ContextValue::Many(Vec::new()),
        }
    }
}

/// All that is told.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub managed: Arc<ManagedPolicies>,
    traits: Arc<Traits>,
    /// Keys that stand in some policy.
    of_principal: Vec<Box<str>>,
    of_resource: Vec<Box<str>>,
    /// Keys of what only a federated caller has, that stand in some policy.
    of_tokens: Vec<Box<str>>,
    /// Whether some policy asks for the account of what is acted on.
    is_of_resource_account: bool,
    /// Whether some policy asks for the organisation of that account.
    is_of_resource_organization: bool,
    /// Whether some policy asks for the caller's unique id.
    is_of_user_id: bool,
    /// Services of whose resources some policy lets roles be passed; none if that cannot be told.
    for_services: Option<BTreeSet<Box<str>>>,
    /// For each document whether it allows to change tags.
    changes: Vec<bool>,
}

impl Told {
    pub(super) fn of(
        access: &Access,
        managed: &Arc<ManagedPolicies>,
        traits: &Arc<Traits>,
    ) -> Self {
        let statements = || access.documents.iter().flat_map(|own| &own.statements);
        let (mut of_principal, mut of_resource) = (BTreeSet::new(), BTreeSet::new());
        let mut of_tokens = BTreeSet::new();
        let (mut is_of_resource_account, mut is_of_resource_organization) = (false, false);
        let mut is_of_user_id = false;
        for key in statements().flat_map(keys_of) {
            is_of_resource_account |= key == RESOURCE_ACCOUNT;
            is_of_resource_organization |= key == RESOURCE_ORGANIZATION;
            is_of_user_id |= key == USER_ID;
            if is_of_token(key) {
                of_tokens.insert(key);
            } else if key.starts_with(OF_PRINCIPAL) {
                of_principal.insert(key);
            } else if is_of_resource(key) {
                of_resource.insert(key);
            }
        }
        let has_none = of_principal.is_empty() && of_resource.is_empty();
        let documents = access.documents.iter().filter(|_| !has_none);
        Self {
            managed: Arc::clone(managed),
            traits: Arc::clone(traits),
            is_of_user_id,
            is_of_resource_organization,
            of_principal: of_principal.into_iter().map(Into::into).collect(),
            of_resource: of_resource.into_iter().map(Into::into).collect(),
            of_tokens: of_tokens.into_iter().map(Into::into).collect(),
            is_of_resource_account,
            changes: documents.map(changes_tags).collect(),
            for_services: statements()
                .flat_map(|own| &own.conditions)
                .filter(|own| &*own.lower_key == FOR_RESOURCE)
                .flat_map(|own| own.values.iter().map(move |value| (own, value)))
                .map(|(own, value)| {
                    let service = value.as_str().split(':').nth(2)?;
                    let is_told =
                        !own.operator.comparison.is_negated() && !service.contains(['*', '?', '$']);
                    is_told.then(|| service.into())
                })
                .collect(),
        }
    }

    /// Tells for what a role is passed to a service, where no policy speaks of resources of it: of those that some policy speaks of it
    /// is not known which the caller makes.
    pub(super) fn tell_purpose(&self, subject: &Subject, service: &str, context: &mut Context) {
        let own = OF_SERVICES.iter().find(|(host, _)| *host == service);
        let (Some((_, own)), Some(spoken_of)) = (own, &self.for_services) else {
            return;
        };
        if !spoken_of.is_empty() && !spoken_of.contains(*own) {
            let partition = subject.arn.split(':').nth(1).unwrap_or("aws");
            let account_id = &subject.account_id;
            let arn = format!("arn:{partition}:{own}:us-east-1:{account_id}:{FRESH}");
            context.insert(FOR_RESOURCE, ContextValue::One(arn));
        }
    }

    /// Tells the unique id of a caller that is a user, and the tags of a caller, where it has those that the inventory has of it, and
    /// can have no others.
    pub(super) fn tell_caller(&self, access: &Access, subject: &Subject, context: &mut Context) {
        // That of a session ends with a name that the caller chooses.
        if self.is_of_user_id
            && subject.kind == SubjectKind::User
            && let Some(id) = self.traits.user_ids.get(&subject.arn)
        {
            context.insert(USER_ID, ContextValue::One(id.to_string()));
        }
        if self.of_principal.is_empty() || !self.has_own_tags(access, subject) {
            return;
        }
        for key in &self.of_principal {
            let name = key.strip_prefix(OF_PRINCIPAL).unwrap_or_default();
            context.insert(key, self.traits.value(&subject.arn, name));
        }
    }

    /// Tells that a caller is no federated one: what tokens say is not in the requests of an IAM user.
    pub(super) fn tell_no_tokens(&self, context: &mut Context) {
        context.insert("aws:federatedprovider", ContextValue::Many(Vec::new()));
        for key in &self.of_tokens {
            context.insert(key, ContextValue::Many(Vec::new()));
        }
    }

    /// Tells the account of what is acted on, where its ARN has it, and its organisation, where that was collected.
    pub(super) fn tell_account(&self, access: &Access, resource: &Resource, context: &mut Context) {
        if !self.is_of_resource_account && !self.is_of_resource_organization {
            return;
        }
        let fields = arn_fields(resource.as_str());
        let account_id = fields.map(|[_, _, _, _, account_id, _]| account_id);
        let Some(account_id) = account_id.filter(|own| is_account_id(own)) else {
            return;
        };
        if self.is_of_resource_account {
            context.insert(RESOURCE_ACCOUNT, ContextValue::One(account_id.to_owned()));
        }
        let account = access.account(account_id);
        if self.is_of_resource_organization
            && let Some(id) = account.and_then(|own| own.organization_id.as_deref())
        {
            context.insert(RESOURCE_ORGANIZATION, ContextValue::One(id.to_owned()));
        }
    }

    /// Tells the account of what is acted on, and the tags of a user or role of the inventory that is acted on, unless the caller can change them.
    pub(super) fn tell_target(
        &self,
        access: &Access,
        subject: &Subject,
        action: &Action,
        resource: &Resource,
        context: &mut Context,
    ) {
        self.tell_account(access, resource, context);
        // By tags of the role nobody can be kept from passing it (IAM User Guide, "Grant a user permissions to pass a role").
        if action.name() != "passrole" && !self.may_change(access, subject) {
            self.tell_tags(access, resource, context);
        }
    }

    /// Tells the tags of a user or role of the inventory that is acted on.
    pub(super) fn tell_tags(&self, access: &Access, resource: &Resource, context: &mut Context) {
        if self.of_resource.is_empty() {
            return;
        }
        let target = access.subject_by_arn.get(resource.as_str());
        let target = target.and_then(|id| access.subject(*id));
        let Some(target) = target.filter(|target| self.is_known(target)) else {
            return;
        };
        for key in &self.of_resource {
            let name = key.split_once('/').map_or("", |(_, name)| name);
            context.insert(key, self.traits.value(&target.arn, name));
        }
    }

    fn is_known(&self, subject: &Subject) -> bool {
        matches!(subject.kind, SubjectKind::User | SubjectKind::Role)
            && self.traits.complete.contains(&subject.account_id)
    }

    /// Whether a caller's policies allow it to change tags of something.
    pub(super) fn may_change(&self, access: &Access, subject: &Subject) -> bool {
        let own = subject.identity.iter();
        own.filter_map(|own| self.changes.get(access.document_number(own.policy)?))
            .any(|changes| *changes)
    }

    fn has_own_tags(&self, access: &Access, subject: &Subject) -> bool {
        let is_there = access.subject_by_arn.contains_key(&subject.arn);
        let passes_tags = || {
            let trust = access.resource_policy(&subject.arn);
            trust
                .and_then(|id| access.document(id))
                .is_none_or(changes_tags)
        };
        is_there
            && self.is_known(subject)
            && !self.may_change(access, subject)
            && (subject.kind == SubjectKind::User || !passes_tags())
    }
}

/// Whether a key is of a tag of what is acted on.
fn is_of_resource(lower_key: &str) -> bool {
    OF_RESOURCE.iter().any(|own| lower_key.starts_with(own))
}

/// Whether a key is of what is acted on: a tag, or the account.
pub(super) fn is_of_target(lower_key: &str) -> bool {
    is_of_resource(lower_key) || matches!(lower_key, RESOURCE_ACCOUNT | RESOURCE_ORGANIZATION)
}

fn changes_tags(policy: &Policy) -> bool {
    const CHANGES: [&str; 5] = [
        "iam:TagRole",
        "iam:TagUser",
        "iam:UntagRole",
        "iam:UntagUser",
        "sts:TagSession",
    ];
    let mut actions = CHANGES.iter().filter_map(|name| Action::parse(name));
    actions.any(|action| {
        let mut statements = policy.statements.iter();
        statements.any(|own| own.effect == Effect::Allow && matches_action(own, &action))
    })
}
