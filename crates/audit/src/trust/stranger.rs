//! Made-up callers, and what a request of theirs says of them.
//!
//! IAM User Guide, "AWS global condition context keys": which keys the caller chooses and which AWS sets.

use leastgrant_policy::principal::is_account_id;
use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Context, ContextValue, Principal};

use super::TrustedRole;

/// A name that nobody has.
pub(crate) const STRANGER: &str = "zz-stranger";
/// Accounts that nobody has in their policies; the first that a policy does not name is the stranger's.
const ACCOUNTS: [&str; 3] = ["731904826557", "580271936644", "649385017722"];
const ORGANIZATION: &str = "o-zzstranger";
/// Where a stranger can call from: public addresses far from each other, so that a range that has one is no narrowing, and a
/// network of one's own, whose requests have no public address (`aws:SourceIp`).
pub(super) const NETWORKS: [Option<&str>; 3] = [Some("23.77.142.201"), Some("187.13.201.44"), None];
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
}

pub(super) fn one(value: &str) -> ContextValue {
    ContextValue::One(value.to_owned())
}

/// A key that the request does not have, in a context in which others are open.
pub(super) fn missing() -> ContextValue {
    ContextValue::Many(Vec::new())
}

/// A context in which only the time is told.
pub(super) fn at(role: &TrustedRole<'_>) -> Context {
    let mut context = Context::open();
    context.insert("aws:currenttime", one(&role.as_of().to_string()));
    context.insert("aws:epochtime", one(&role.as_of().as_second().to_string()));
    context
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
    let organizations: &[Option<&str>] = match &organization {
        Organization::Strange => &[None, Some(ORGANIZATION)],
        Organization::Is(id) => &[Some(*id)],
    };
    let mut contexts = Vec::new();
    for organization in organizations {
        let mut context = at(role);
        put_organization(&mut context, *organization);
        // No service calls for them.
        for key in SOURCE_KEYS {
            context.insert(key, missing());
        }
        context.insert("aws:calledvia", missing());
        context.insert("aws:viaawsservice", one("false"));
        context.insert("aws:federatedprovider", missing());
        if external_id == ExternalId::Missing {
            context.insert("sts:externalid", missing());
            // A service of theirs calls, with a session of a role, which has no MFA.
            context.insert("aws:multifactorauthpresent", missing());
            context.insert("aws:multifactorauthage", missing());
        }
        match network {
            Network::Theirs => contexts.push(context),
            Network::Strange => contexts.extend(NETWORKS.map(|address| {
                let mut context = context.clone();
                put_network(&mut context, address);
                context
            })),
        }
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

fn put_organization(context: &mut Context, organization: Option<&str>) {
    let (id, paths) = match organization {
        Some(id) => (
            one(id),
            ContextValue::Many(vec![format!("{id}/r-zzzz/ou-zzzz-zzzzzzzz/")]),
        ),
        None => (missing(), missing()),
    };
    context.insert("aws:principalorgid", id);
    context.insert("aws:principalorgpaths", paths);
}

/// The addresses inside of a network of one's own can be chosen, so `aws:VpcSourceIp` stays open there.
pub(super) fn put_network(context: &mut Context, address: Option<&str>) {
    context.insert("aws:sourceip", address.map_or_else(missing, one));
    for (key, value) in [
        ("aws:sourcevpc", "vpc-zzstranger"),
        (
            "aws:sourcevpcarn",
            "arn:aws:ec2:us-east-1:731904826557:vpc/vpc-zzstranger",
        ),
        ("aws:sourcevpce", "vpce-zzstranger"),
        ("aws:vpceaccount", "731904826557"),
        ("aws:vpceorgid", ORGANIZATION),
    ] {
        let value = match address {
            Some(_) => missing(),
            None => one(value),
        };
        context.insert(key, value);
    }
    context.insert("aws:vpceorgpaths", missing());
    if address.is_some() {
        context.insert("aws:vpcsourceip", missing());
    }
}

/// An account that the policy does not name.
pub(crate) fn account(role: &TrustedRole<'_>) -> &'static str {
    let text = role.policy.text();
    let unnamed = ACCOUNTS.into_iter().find(|account| !text.contains(account));
    unnamed.unwrap_or(ACCOUNTS[0])
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

/// Whether a text has `*` or `?`.
pub(super) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// A text that the pattern matches: the first `*` is the filling, others are empty, `?` is a letter.
pub(super) fn filled(pattern: &str, filling: &str) -> String {
    let mut text = String::with_capacity(pattern.len() + filling.len());
    let mut is_filled = false;
    for character in pattern.chars() {
        match character {
            '*' if !is_filled => {
                text.push_str(filling);
                is_filled = true;
            }
            '*' => {}
            '?' => text.push('z'),
            other => text.push(other),
        }
    }
    text
}
