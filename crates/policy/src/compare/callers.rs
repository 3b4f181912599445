//! The callers that Principal elements can tell apart. There are no partial wildcards in them, so they are few.

use std::collections::HashSet;

use super::bits::Bits;
use super::rules::{Part, Rules};
use super::work::{Exhausted, Work};
use super::{Kind, OWN_ACCOUNT};
use crate::evaluate::naming;
use crate::principal::{CallerKind, PrincipalKind, is_account_id};
use crate::resource::arn_fields;
use crate::{Principal, PrincipalPattern, Statement};

/// A caller, and the statements that name it.
pub(super) struct Caller {
    pub who: Who,
    pub statements: Bits,
    /// Context keys, in lower case, that its requests always have.
    pub always_there: Vec<&'static str>,
}

/// A caller that requests can name, or an entry of a policy that names nobody whom a request could.
pub(super) enum Who {
    Caller(Principal),
    /// Such as a canonical user: the entry's own text.
    OnlyByPolicy(String),
}

/// The name of callers whom nobody names.
const STRANGER: &str = "someone";

impl Caller {
    fn new(principal: Principal, rules: &Rules<'_>, kind: Kind) -> Self {
        let mut statements = Bits::none(rules.len());
        for (index, (_, statement)) in rules.statements.iter().enumerate() {
            if kind == Kind::Identity || names(statement, &principal) {
                statements.insert(index);
            }
        }
        let always_there = principal.implied_keys();
        Self {
            statements,
            always_there: always_there.into_iter().map(|(key, _)| key).collect(),
            who: Who::Caller(principal),
        }
    }
}

fn names(statement: &Statement, principal: &Principal) -> bool {
    let Some(element) = &statement.principal else {
        return false;
    };
    naming(element, statement.effect, principal).is_some()
}

/// The user that asks where nothing else is known.
pub(super) fn user() -> Option<Principal> {
    Principal::parse(&format!("arn:aws:iam::{OWN_ACCOUNT}:user/{STRANGER}"))
}

/// A name that no entry holds.
fn stranger(rules: &Rules<'_>) -> String {
    let is_free = |name: &String| patterns(rules).all(|pattern| !pattern.text.contains(name));
    std::iter::once(STRANGER.to_owned())
        .chain((1_u32..).map(|number| format!("{STRANGER}{number}")))
        .find(is_free)
        .unwrap_or_default()
}

/// One caller for each set of statements that a caller can be named by.
pub(super) fn callers(
    rules: &Rules<'_>,
    kind: Kind,
    asks_for_user_name: bool,
    work: &mut Work,
) -> Result<Vec<Caller>, Exhausted> {
    let stranger = stranger(rules);
    let user = format!("arn:aws:iam::{OWN_ACCOUNT}:user/{stranger}");
    let session = format!("arn:aws:sts::{OWN_ACCOUNT}:assumed-role/{stranger}/{stranger}");
    let mut texts = match kind {
        Kind::Identity if asks_for_user_name => vec![user, session],
        Kind::Identity => vec![user],
        Kind::Resource => vec!["*".to_owned(), user, session],
    };
    let mut only_by_policy = Vec::new();
    if kind == Kind::Resource {
        for pattern in patterns(rules) {
            candidates(pattern, &stranger, &mut texts, &mut only_by_policy);
        }
        texts.extend([
            format!("{stranger}.amazonaws.com"),
            format!("{stranger}.example.com"),
        ]);
    }
    let entries = patterns(rules).count() + rules.len();
    let mut asked: HashSet<&String> = HashSet::new();
    let mut known = HashSet::new();
    let mut callers: Vec<Caller> = Vec::new();
    for text in texts.iter().filter(|text| asked.insert(text)) {
        work.spend(8 * entries)?;
        let Some(principal) = Principal::parse(text) else {
            continue;
        };
        let caller = Caller::new(principal, rules, kind);
        if known.insert((caller.statements.clone(), caller.always_there.clone())) {
            callers.push(caller);
        }
    }
    let mut asked = HashSet::new();
    for pattern in only_by_policy
        .into_iter()
        .filter(|pattern| asked.insert(*pattern))
    {
        work.spend(8 * entries)?;
        callers.push(unnameable(pattern, rules));
    }
    Ok(callers)
}

fn patterns<'a>(rules: &'a Rules<'_>) -> impl Iterator<Item = &'a PrincipalPattern> {
    rules
        .statements
        .iter()
        .filter_map(|(_, statement)| statement.principal.as_ref())
        .flat_map(|element| &element.entries)
        .map(|entry| &entry.value)
}

/// Callers that an entry names, and callers that it names just not.
fn candidates<'a>(
    pattern: &'a PrincipalPattern,
    stranger: &str,
    texts: &mut Vec<String>,
    only_by_policy: &mut Vec<&'a PrincipalPattern>,
) {
    let text = &*pattern.text;
    if text == "*" {
        return;
    }
    let caller = Principal::parse(text);
    let is_named = caller
        .as_ref()
        .is_some_and(|caller| pattern.names(caller).is_some());
    if !is_named {
        only_by_policy.push(pattern);
        return;
    }
    let Some(caller) = caller else {
        return;
    };
    if pattern.kind == PrincipalKind::Aws
        && let Some(account_id) = caller.account_id()
    {
        let partition = arn_fields(text).map_or("aws", |[_, partition, ..]| partition);
        texts.extend([
            format!("arn:{partition}:iam::{account_id}:user/{stranger}"),
            format!("arn:{partition}:sts::{account_id}:assumed-role/{stranger}/{stranger}"),
            // A Deny with NotPrincipal spares the root user where it does not spare others of the account.
            format!("arn:{partition}:iam::{account_id}:root"),
        ]);
        if let CallerKind::Role { name, .. }
        | CallerKind::Session {
            role_name: name, ..
        } = caller.kind()
        {
            texts.push(format!(
                "arn:{partition}:sts::{account_id}:assumed-role/{name}/{stranger}"
            ));
        }
    }
    if !is_account_id(text) {
        texts.push(text.to_owned());
    }
}

/// Named by the same entry, and by those for everyone.
fn unnameable(pattern: &PrincipalPattern, rules: &Rules<'_>) -> Caller {
    let mut statements = Bits::none(rules.len());
    for (index, (part, statement)) in rules.statements.iter().enumerate() {
        let Some(element) = &statement.principal else {
            continue;
        };
        let mut entries = element.entries.iter();
        let is_listed = entries.any(|entry| {
            entry.value == *pattern
                || (&*entry.text == "*"
                    && matches!(entry.kind, PrincipalKind::Everyone | PrincipalKind::Aws))
        });
        // Who it is may be named by an account or an ARN, too.
        let may_be_another_name =
            |kind: PrincipalKind| matches!(kind, PrincipalKind::Aws | PrincipalKind::CanonicalUser);
        let mut entries = element.entries.iter();
        let is_named = match (part, element.is_negated) {
            (Part::OldDeny, false) => {
                is_listed || entries.any(|entry| may_be_another_name(entry.kind))
            }
            (Part::OldDeny, true) => true,
            (part, true) => !is_listed && part.counts_if_unsure(),
            (_, false) => is_listed,
        };
        if is_named {
            statements.insert(index);
        }
    }
    Caller {
        who: Who::OnlyByPolicy(pattern.to_string()),
        statements,
        always_there: Vec::new(),
    }
}
