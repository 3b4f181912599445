//! Made-up callers, and what a request of theirs says of them.
//!
//! IAM User Guide, "AWS global condition context keys": which keys the caller chooses and which AWS sets.

use leastgrant_policy::condition::is_of_token;
use leastgrant_policy::principal::is_account_id;
use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Context, ContextValue, Principal};

use super::TrustedRole;
use super::networks::{networks, put_network};
use super::values::{ORGANIZATION, STRANGER, filled, has_wildcard, missing, one};

/// Accounts that nobody has in their policies; the first that a policy does not name is the stranger's.
const ACCOUNTS: [&str; 3] = ["731904826557", "580271936644", "649385017722"];
/// Names that a policy can have in its conditions; more are not tried.
const MOST_CALLERS: usize = 40;

/// What is said of the organisation of a caller.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Organization<'a> {
    /// The caller's account is in none, or in a stranger's.
    Strange,
    /// It is in this one.
    Is(&'a str),
}

/// What a caller tells as the external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExternalId {
    /// Whatever the policy asks for.
    Told,
    /// None.
    Missing,
    /// One that nobody agreed on.
    MadeUp(&'static str),
}

/// External ids that nobody agreed on, short and long, so that a pattern that asks for a length lets one of them in.
pub(crate) const MADE_UP_IDS: [&str; 2] = ["7q", "7qzz-3f0c9d51-8e2b-4a67-b1d4-5c90e2f7a836"];

/// Stands for an organisation that was not collected.
const NOT_COLLECTED: &str = "o-zznotcollected";

/// A context in which only the time and the resource are told.
pub(super) fn at(role: &TrustedRole<'_>) -> Context {
    let mut context = Context::open();
    context.insert("aws:currenttime", one(&role.as_of().to_string()));
    context.insert("aws:epochtime", one(&role.as_of().as_second().to_string()));
    // STS has no other endpoints, and the resource is the role.
    context.insert("aws:securetransport", one("true"));
    context.insert("aws:resourceaccount", one(role.account_id()));
    match role.organization_id() {
        Some(id) => context.insert("aws:resourceorgid", one(id)),
        // Whichever it is, a stranger's is another one.
        None if role.values_of("aws:resourceorgid").next().is_none() => {
            context.insert("aws:resourceorgid", one(NOT_COLLECTED));
        }
        None => {}
    }
    context
}

/// Takes from a request what tokens say that it does not come with: those of issuers but the one whose keys begin so, and SAML's.
pub(super) fn without_tokens_but(role: &TrustedRole<'_>, prefix: &str, context: &mut Context) {
    for condition in role.conditions() {
        let key = &*condition.lower_key;
        if is_of_token(key) && (prefix.is_empty() || !key.starts_with(prefix)) {
            context.insert(key, missing());
        }
    }
}

/// Where callers of another account call from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    /// From where strangers do.
    Strange,
    /// From where the policy asks for: it is theirs.
    Theirs,
}

/// The contexts of callers of another account.
pub(crate) fn contexts(
    role: &TrustedRole<'_>,
    organization: Organization<'_>,
    external_id: ExternalId,
    network: Network,
) -> Vec<Context> {
    let mut contexts = Vec::new();
    let networks = networks(role);
    for place in places(role, organization) {
        let mut context = at(role);
        let (id, paths) = match place {
            Some((id, path)) => (one(&id), ContextValue::Many(vec![path])),
            None => (missing(), missing()),
        };
        context.insert("aws:principalorgid", id);
        context.insert("aws:principalorgpaths", paths);
        without_tokens_but(role, "", &mut context);
        // No service calls for them.
        for key in SOURCE_KEYS {
            context.insert(key, missing());
        }
        context.insert("aws:calledvia", missing());
        context.insert("aws:viaawsservice", one("false"));
        context.insert("aws:federatedprovider", missing());
        context.insert("aws:principalservicename", missing());
        context.insert("aws:principalservicenameslist", missing());
        if external_id != ExternalId::Told {
            let told = match external_id {
                ExternalId::MadeUp(text) => one(text),
                ExternalId::Told | ExternalId::Missing => missing(),
            };
            context.insert("sts:externalid", told);
            // A service of theirs calls, with a session of a role, which has no MFA.
            context.insert("aws:multifactorauthpresent", missing());
            context.insert("aws:multifactorauthage", missing());
        }
        let mut told = vec![context.clone()];
        if external_id == ExternalId::Told && role.values_of("sts:externalid").next().is_some() {
            // It may ask that there be none.
            context.insert("sts:externalid", missing());
            told.push(context);
        }
        match network {
            Network::Theirs => contexts.extend(told),
            Network::Strange => {
                let told = told.iter();
                for context in told.flat_map(|context| with_what_is_theirs(role, context)) {
                    contexts.extend(networks.iter().map(|address| {
                        let mut context = context.clone();
                        put_network(&mut context, address.as_deref());
                        context
                    }));
                }
            }
        }
    }
    contexts
}

/// What AWS sets of a stranger's own: the id of the caller, and the instance or function that it runs on, if it does on any.
fn with_what_is_theirs(role: &TrustedRole<'_>, context: &Context) -> Vec<Context> {
    let mut own = context.clone();
    // Before the colon is the id of a role, after it the session's name, which the caller chooses.
    let mut user_ids = role.values_of("aws:userid");
    if !user_ids.any(|text| text.split(':').next().is_some_and(has_wildcard)) {
        own.insert("aws:userid", one("AROAZZSTRANGERZZZZZZZ:zz-stranger"));
    }
    let account_id = account(role);
    let partition = role.partition();
    let mut contexts = vec![own];
    for (key, resource) in [
        (
            "ec2:sourceinstancearn",
            "ec2:us-east-1:ACCOUNT:instance/i-0zzstranger",
        ),
        (
            "lambda:sourcefunctionarn",
            "lambda:us-east-1:ACCOUNT:function:zz-stranger",
        ),
    ] {
        let mut asked = role.values_of(key).peekable();
        if asked.peek().is_none() {
            continue;
        }
        let resource = resource.replace("ACCOUNT", account_id);
        let mut arns = vec![format!("arn:{partition}:{resource}")];
        arns.extend(asked.filter_map(|pattern| named_by_pattern(pattern, account_id)));
        contexts = contexts
            .iter()
            .flat_map(|context| {
                let values = std::iter::once(missing()).chain(arns.iter().map(|arn| one(arn)));
                values.map(|value| {
                    let mut context = context.clone();
                    context.insert(key, value);
                    context
                })
            })
            .take(MOST_CALLERS)
            .collect();
    }
    contexts
}

/// The keys that say for whom a service calls.
pub(super) const SOURCE_KEYS: [&str; 5] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

/// Places in organisations that a caller's account can have, as the organisation's id and the path in it; none is no organisation.
///
/// Ids and paths are those that conditions leave room for: AWS gives out the ids of roots and units, so a stranger's are never those
/// that a pattern writes out, and in an organisation of somebody else's every unit exists.
fn places(role: &TrustedRole<'_>, organization: Organization<'_>) -> Vec<Option<(String, String)>> {
    let own_path = |id: &str| format!("{id}/r-zzzz/ou-zzzz-zzzzzzzz/");
    let mut places = match organization {
        Organization::Strange => vec![
            None,
            Some((ORGANIZATION.to_owned(), own_path(ORGANIZATION))),
        ],
        Organization::Is(id) => vec![Some((id.to_owned(), own_path(id)))],
    };
    if let Organization::Strange = organization {
        let ids = role
            .values_of("aws:principalorgid")
            .filter(|id| has_wildcard(id));
        places.extend(ids.map(|pattern| {
            let id = filled(pattern, "zzstranger");
            Some((id.clone(), own_path(&id)))
        }));
    }
    for pattern in role.values_of("aws:principalorgpaths") {
        let (id, rest) = pattern.split_once('/').unwrap_or((pattern, ""));
        let id = match organization {
            Organization::Is(own) if own == id => own.to_owned(),
            Organization::Strange
                if has_wildcard(id)
                    && rest
                        .split('/')
                        .all(|part| part.is_empty() || has_wildcard(part)) =>
            {
                filled(id, "zzstranger")
            }
            _ => continue,
        };
        let mut path = format!("{id}/{}", filled(rest, "ou-zzzz-zzzzzzzz"));
        if !path.ends_with('/') {
            path.push('/');
        }
        places.push(Some((id, path)));
    }
    places.dedup();
    places.truncate(MOST_CALLERS);
    places
}

/// An account that the policy does not name.
pub(crate) fn account(role: &TrustedRole<'_>) -> &'static str {
    let text = role.policy.text();
    let unnamed = ACCOUNTS.into_iter().find(|account| !text.contains(account));
    unnamed.unwrap_or(ACCOUNTS[0])
}

/// Accounts that strangers can have: one that the policy does not name, and such as its patterns of accounts leave room for, since
/// AWS gives out ids of all kinds.
pub(crate) fn accounts(role: &TrustedRole<'_>) -> Vec<String> {
    let mut accounts = vec![account(role).to_owned()];
    for condition in role.conditions() {
        let values = condition.values.iter().map(|value| value.as_str());
        let patterns: Vec<&str> = match &*condition.lower_key {
            "aws:principalaccount" | "aws:sourceaccount" => values.collect(),
            "aws:principalarn" | "aws:sourcearn" => values
                .filter_map(|value| arn_fields(value).map(|[.., account, _]| account))
                .collect(),
            _ => continue,
        };
        let patterns = patterns.into_iter().filter(|pattern| has_wildcard(pattern));
        accounts.extend(patterns.filter_map(account_like));
    }
    accounts.sort();
    accounts.dedup();
    accounts.truncate(MOST_CALLERS);
    accounts
}

/// An account's id that a pattern matches.
fn account_like(pattern: &str) -> Option<String> {
    let pattern = pattern.replace('?', "7");
    let given = pattern.bytes().filter(|byte| *byte != b'*').count();
    let free = ACCOUNTS[0].get(..usize::checked_sub(12, given)?)?;
    Some(filled(&pattern, free)).filter(|account| is_account_id(account))
}

/// Callers of an account: a role and a user of any name, and those whose names conditions ask for, since who holds an account gives
/// the names there.
pub(crate) fn callers(role: &TrustedRole<'_>, account_id: &str) -> Vec<Principal> {
    let partition = role.partition();
    let mut arns = vec![
        format!("arn:{partition}:iam::{account_id}:role/{STRANGER}"),
        format!("arn:{partition}:iam::{account_id}:user/{STRANGER}"),
    ];
    for condition in role.conditions() {
        let values = condition.values.iter().map(|value| value.as_str());
        match &*condition.lower_key {
            "aws:principalarn" => {
                arns.extend(values.filter_map(|value| named_by_pattern(value, account_id)));
            }
            "aws:username" => arns.extend(values.map(|value| {
                format!(
                    "arn:{partition}:iam::{account_id}:user/{}",
                    filled(value, STRANGER)
                )
            })),
            _ => {}
        }
    }
    arns.truncate(MOST_CALLERS);
    arns.iter()
        .filter_map(|arn| Principal::parse(arn))
        .collect()
}

/// The ARN of the account that a pattern of an ARN has room for.
fn named_by_pattern(pattern: &str, account_id: &str) -> Option<String> {
    let [prefix, partition, service, region, account, resource] = arn_fields(pattern)?;
    if has_wildcard(account) {
        let partition = filled(partition, "aws");
        let region = filled(region, "");
        let resource = match resource {
            "*" => format!("role/{STRANGER}"),
            other => filled(other, STRANGER),
        };
        return Some(format!(
            "{prefix}:{partition}:{service}:{region}:{account_id}:{resource}"
        ));
    }
    let is_of_account = account == account_id && is_account_id(account);
    is_of_account.then(|| {
        let resource = filled(resource, STRANGER);
        format!("{prefix}:{partition}:{service}:{region}:{account}:{resource}")
    })
}
