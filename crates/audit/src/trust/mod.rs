//! Who may assume a role, asked with made-up callers.
//!
//! Rules about trust do not read conditions, they ask: a stranger calls, with everything that a stranger can have, and the
//! policy lets them in or not. What the caller chooses (tags, session names, an external id that was told to them) is left open
//! and taken for the best; what others assert of the caller (organisation, account, claims of a token) is somebody else's.

pub(crate) mod accounts;
pub(crate) mod chains;
mod grammars;
pub(crate) mod identity_provider;
pub(crate) mod issuers;
mod more_grammars;
mod networks;
pub(crate) mod service;
pub(crate) mod stranger;
pub(crate) mod subject;
pub(crate) mod values;

use std::collections::BTreeSet;

use leastgrant_access::{Access, Answer};
use leastgrant_inventory::Timestamp;
use leastgrant_inventory::tables::{IdentityProviderRow, RoleRow};
use leastgrant_policy::evaluate::Member;
use leastgrant_policy::principal::PrincipalKind;
use leastgrant_policy::{
    Action, ConditionEntry, Context, Effect, Policy, Principal, PrincipalPattern, Resource,
    Statement,
};

/// A role whose trust policy is known.
pub(crate) struct TrustedRole<'a> {
    pub row: &'a RoleRow,
    pub policy: &'a Policy,
    /// The identity providers that the role's account has.
    pub account_providers: &'a [IdentityProviderRow],
    access: &'a Access,
    resource: Resource,
    as_of: Timestamp,
}

/// What a trust policy says to a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It does not let the caller in.
    Refused,
    /// It might; what is missing to tell, in words.
    Unknown(Vec<String>),
    /// It does.
    Admitted(Way),
}

/// How a caller gets in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Way {
    /// The numbers, from 0, of the statements of the trust policy that allow it.
    pub statements: BTreeSet<usize>,
    /// The context keys, in lower case, whose values the caller has to choose rightly.
    pub keys: BTreeSet<String>,
}

impl Way {
    /// Whether the caller must know the external id.
    pub(crate) fn needs_external_id(&self) -> bool {
        self.keys.contains("sts:externalid")
    }
}

impl Admission {
    pub(crate) fn is_admitted(&self) -> bool {
        matches!(self, Self::Admitted(_))
    }

    /// A caller that cannot be parsed is none that can be asked about.
    fn not_a_caller(text: &str) -> Self {
        Self::Unknown(vec![format!("`{text}` is no principal that can be read")])
    }

    /// The more that either of them grants; ways in are taken together.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            // The fewer keys a way needs the more it grants.
            (Self::Admitted(one), Self::Admitted(two)) => {
                let (mut best, rest) = match one.keys.len() <= two.keys.len() {
                    true => (one, two),
                    false => (two, one),
                };
                best.statements.extend(rest.statements);
                Self::Admitted(best)
            }
            (admitted @ Self::Admitted(_), _) | (_, admitted @ Self::Admitted(_)) => admitted,
            (Self::Unknown(mut one), Self::Unknown(two)) => {
                one.extend(two);
                one.sort();
                one.dedup();
                Self::Unknown(one)
            }
            (unknown @ Self::Unknown(_), _) | (_, unknown @ Self::Unknown(_)) => unknown,
            (Self::Refused, Self::Refused) => Self::Refused,
        }
    }
}

impl<'a> TrustedRole<'a> {
    /// The role, or why its trust policy is not known, in words.
    pub(crate) fn new(
        access: &'a Access,
        row: &'a RoleRow,
        account_providers: &'a [IdentityProviderRow],
        as_of: Timestamp,
    ) -> Result<Self, String> {
        const NOT_COLLECTED: &str = "was not collected";
        let id = access
            .resource_policy(&row.arn)
            .ok_or_else(|| NOT_COLLECTED.to_owned())?;
        let Some(policy) = access.document(id) else {
            let reason = access.policy(id).and_then(|policy| policy.not_known());
            return Err(reason.unwrap_or(NOT_COLLECTED).to_owned());
        };
        Ok(Self {
            resource: Resource::parse(&row.arn),
            row,
            policy,
            account_providers,
            access,
            as_of,
        })
    }

    /// Whether one of the callers gets in, in one of the contexts.
    pub(crate) fn admits(
        &self,
        callers: &[Principal],
        action: &str,
        contexts: &[Context],
    ) -> Admission {
        let Some(action) = Action::parse(action) else {
            return Admission::Refused;
        };
        let mut admission = Admission::Refused;
        for caller in callers {
            for context in contexts {
                admission = admission.or(self.ask(caller, &action, context.clone()));
            }
        }
        admission
    }

    fn ask(&self, caller: &Principal, action: &Action, context: Context) -> Admission {
        let verdict = self.access.admits(caller, action, &self.resource, context);
        match verdict.answer {
            Answer::No => Admission::Refused,
            Answer::Unknown => Admission::Unknown(
                verdict
                    .unknowns
                    .iter()
                    .map(|unknown| unknown.reason.to_string())
                    .collect(),
            ),
            Answer::Depends | Answer::Yes => {
                let of_trust = verdict.statements.iter().filter(|statement| {
                    statement.member == Member::Resource && self.statement_allows(statement.index)
                });
                Admission::Admitted(Way {
                    statements: of_trust.map(|statement| statement.index).collect(),
                    keys: verdict.keys.into_iter().collect(),
                })
            }
        }
    }

    fn statement_allows(&self, index: usize) -> bool {
        let statement = self.policy.statements.get(index);
        statement.is_some_and(|statement| statement.effect == Effect::Allow)
    }

    /// The time that the audit counts to, as the conditions on dates see it.
    pub(crate) fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// The account that the role is in.
    pub(crate) fn account_id(&self) -> &'a str {
        &self.row.account_id
    }

    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub(crate) fn partition(&self) -> &'a str {
        self.row.arn.split(':').nth(1).unwrap_or("aws")
    }

    /// The statements that allow something.
    pub(crate) fn allows(&self) -> impl Iterator<Item = &'a Statement> + use<'a> {
        let statements = self.policy.statements.iter();
        statements.filter(|statement| statement.effect == Effect::Allow)
    }

    /// The callers that Allow statements name.
    pub(crate) fn trusted(&self) -> impl Iterator<Item = &'a PrincipalPattern> + use<'a> {
        self.allows()
            .filter_map(|statement| statement.principal.as_ref())
            .filter(|element| !element.is_negated)
            .flat_map(|element| &element.entries)
            .map(|entry| &entry.value)
    }

    /// The names under one member of Principal that Allow statements trust, each once.
    pub(crate) fn trusted_of(&self, kind: PrincipalKind) -> BTreeSet<&'a str> {
        let entries = self.trusted().filter(|entry| entry.kind == kind);
        entries.map(|entry| &*entry.text).collect()
    }

    /// The conditions of all statements, since a Deny for all but some lets these in.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &'a ConditionEntry> + use<'a> {
        let statements = self.policy.statements.iter();
        statements.flat_map(|statement| &statement.conditions)
    }

    /// The conditions that may let in whom they name: those of Allow statements, and the negated ones of Deny statements.
    pub(crate) fn admitting_conditions(
        &self,
    ) -> impl Iterator<Item = &'a ConditionEntry> + use<'a> {
        let statements = self.policy.statements.iter();
        statements.flat_map(|statement| {
            let conditions = statement.conditions.iter();
            conditions.filter(|condition| {
                condition.operator.comparison.is_negated() == (statement.effect == Effect::Deny)
            })
        })
    }

    /// The values that conditions ask of a key, in lower case.
    pub(crate) fn values_of<'k>(
        &self,
        key: &'k str,
    ) -> impl Iterator<Item = &'a str> + use<'a, 'k> {
        self.conditions()
            .filter(move |condition| &*condition.lower_key == key)
            .flat_map(|condition| &condition.values)
            .map(|value| value.as_str())
    }

    /// The organisation that the role's account is in, where it was collected.
    pub(crate) fn organization_id(&self) -> Option<&'a str> {
        self.access
            .account(&self.row.account_id)?
            .organization_id
            .as_deref()
    }

    /// Statements in words, as evidence: whom they trust and by which keys they narrow it, without values.
    pub(crate) fn statements_in_words(&self, statements: &BTreeSet<usize>) -> String {
        let words: Vec<String> = statements
            .iter()
            .filter_map(|index| {
                let statement = self.policy.statements.get(*index)?;
                Some(statement_in_words(*index, statement))
            })
            .collect();
        words.join("; ")
    }
}

/// Values are left out: an external id is one.
fn statement_in_words(index: usize, statement: &Statement) -> String {
    const SHOWN: usize = 5;
    let sid = statement
        .sid
        .as_ref()
        .filter(|sid| !sid.is_empty())
        .map(|sid| format!(" (`{}`)", &***sid))
        .unwrap_or_default();
    let mut words = format!("statement {}{sid}", index + 1);
    if let Some(element) = &statement.principal {
        let mut named: Vec<String> = element
            .entries
            .iter()
            .take(SHOWN)
            .map(|entry| format!("`{}`", entry.value))
            .collect();
        let more = element.entries.len().saturating_sub(SHOWN);
        if more > 0 {
            named.push(format!("{more} more"));
        }
        let verb = match element.is_negated {
            true => "allows all but",
            false => "allows",
        };
        words.push_str(&format!(" {verb} {}", named.join(", ")));
    }
    let conditions: Vec<String> = statement
        .conditions
        .iter()
        .map(|condition| format!("{} of `{}`", condition.operator, &**condition.key))
        .collect();
    match conditions.is_empty() {
        true => words.push_str(" without a condition"),
        false => words.push_str(&format!(" under {}", conditions.join(", "))),
    }
    words
}

#[cfg(test)]
mod tests;
