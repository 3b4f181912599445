//! After a roll-out: which denials are regressions, and which statement to restore.

use std::collections::BTreeMap;

use leastgrant_access::Access;
use leastgrant_certificate::{Place, Refinement};
use leastgrant_inventory::tables::{UsageRow, UsageSourceRow};
use leastgrant_inventory::{DataKind, Error, Inventory, Timestamp};
use leastgrant_policy::evaluate::{Outcome, Policies, Untold, decide};
use leastgrant_policy::{Action, Context, Effect, Policy, Resource};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

/// What is read of `minimize.json`.
#[derive(Debug, Deserialize)]
pub struct Minimized {
    schema: String,
    window: WindowObject,
    principals: Vec<PrincipalObject>,
}

#[derive(Debug, Deserialize)]
struct WindowObject {
    to: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PrincipalObject {
    principal_arn: String,
    status: String,
    policies: Vec<PolicyObject>,
    certificate: CertificateObject,
}

#[derive(Debug, Deserialize)]
struct PolicyObject {
    source: SourceObject,
    old: Box<RawValue>,
    new: Vec<Box<RawValue>>,
}

#[derive(Debug, Deserialize)]
struct SourceObject {
    kind: String,
    name: String,
    arn: String,
}

#[derive(Debug, Deserialize)]
struct CertificateObject {
    no_new_access: String,
    refinements: Vec<RefinementObject>,
    observed: ObservedObject,
}

#[derive(Debug, Deserialize)]
struct ObservedObject {
    tuples: usize,
    allowed_before: usize,
    allowed_after: usize,
    not_explained: Vec<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct RefinementObject {
    new: String,
    old: String,
}

/// Why `minimize.json` is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// It is not the file that `minimize` writes.
    #[error("not a file of `minimize`: {reason}")]
    Form {
        /// What is wrong.
        reason: String,
    },
    /// What it says of a principal cannot be: the file was changed.
    #[error("what it says of `{principal_arn}` cannot be: {fault}; make it again with `minimize`")]
    Principal {
        /// The principal.
        principal_arn: String,
        /// The first fault.
        fault: &'static str,
    },
    /// A certificate in it does not hold: the file was changed, or is of no use.
    #[error("the certificate of `{policy}` of `{principal_arn}` does not hold: {fault}")]
    Certificate {
        /// The principal.
        principal_arn: String,
        /// The policy.
        policy: String,
        /// The first fault.
        fault: String,
    },
}

/// A denial that the old policies would have allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Regression {
    /// Who was denied.
    pub principal_arn: String,
    /// What.
    pub action: String,
    /// On what; none where the record does not tell it, so that it may be another matter.
    pub resource: Option<String>,
    /// How many events.
    pub events: i64,
    /// The last of them.
    pub last_seen: Option<Timestamp>,
    /// The policy whose statement would have allowed it.
    pub policy: String,
    /// That statement, from 0.
    pub statement: usize,
    /// Its text.
    pub text: String,
}

/// An account whose denials are not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotChecked {
    /// Twelve digits.
    pub account_id: String,
    /// Its principals whose policies were made smaller, sorted.
    pub principals: Vec<String>,
    /// What was not read.
    pub reason: String,
}

/// What the denials of an inventory come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Sorted.
    pub regressions: Vec<Regression>,
    /// Whose denials are not known, or not all of them; sorted.
    pub not_checked: Vec<NotChecked>,
    /// Other denials of the principals whose policies were made smaller: the old policies would have denied them too, or the new
    /// ones allow them and something else denied.
    pub other_denials: i64,
    /// Principals whose policies were made smaller.
    pub principals: usize,
    /// The time after which denials count: the end of the logs that the policies were made from.
    pub since: Option<Timestamp>,
}

impl Minimized {
    /// Reads the file, and checks its certificates again.
    ///
    /// # Errors
    /// [`CheckError`] if it is another file, or if a certificate does not hold.
    pub fn read(text: &str) -> Result<Self, CheckError> {
        let form = |reason: String| CheckError::Form { reason };
        let file: Self = serde_json::from_str(text).map_err(|error| form(error.to_string()))?;
        if file.schema != "leastgrant.minimize/1" {
            return Err(form(format!(
                "its schema is `{}`, and `leastgrant.minimize/1` was expected",
                file.schema
            )));
        }
        if file.principals.is_empty() {
            return Err(form("it has no principals".to_owned()));
        }
        for principal in &file.principals {
            if let Some(fault) = principal.fault() {
                return Err(CheckError::Principal {
                    principal_arn: principal.principal_arn.clone(),
                    fault,
                });
            }
            for policy in &principal.policies {
                principal.check(policy)?;
            }
        }
        Ok(file)
    }

    /// Goes through the denials of an inventory that was collected after the roll-out.
    ///
    /// # Errors
    /// A table of the inventory that cannot be read.
    pub fn check(&self, inventory: &Inventory) -> Result<Checked, Error> {
        let access = Access::load(inventory)?;
        let since: Option<Timestamp> = self.window.to.as_ref().and_then(|at| at.parse().ok());
        let smaller = self
            .principals
            .iter()
            .filter(|own| own.status == "minimized");
        let principals: BTreeMap<&str, Documents<'_>> = smaller
            .map(|own| (own.principal_arn.as_str(), Documents::of(own)))
            .collect();
        let mut checked = Checked {
            principals: principals.len(),
            since,
            not_checked: not_checked(inventory, principals.keys().copied(), since)?,
            ..Checked::default()
        };
        for row in inventory.read::<UsageRow>()? {
            let is_after = match (row.last_seen, since) {
                (Some(last), Some(since)) => last > since,
                _ => true,
            };
            let Some(documents) = principals.get(&*row.principal_arn) else {
                continue;
            };
            let Some(action) = row
                .action
                .as_ref()
                .filter(|_| row.outcome == "denied" && is_after)
            else {
                continue;
            };
            match documents.regression(&access, &row, action) {
                Some(regression) => checked.regressions.push(regression),
                None => checked.other_denials = checked.other_denials.saturating_add(row.count),
            }
        }
        checked.regressions.sort();
        Ok(checked)
    }
}

/// The accounts of the principals of which no event after the time was read, or not all. Denials are seen in nothing else.
fn not_checked<'a>(
    inventory: &Inventory,
    principals: impl Iterator<Item = &'a str>,
    since: Option<Timestamp>,
) -> Result<Vec<NotChecked>, Error> {
    let mut by_account: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for arn in principals {
        let account_id = arn.split(':').nth(4).unwrap_or_default();
        by_account
            .entry(account_id)
            .or_default()
            .push(arn.to_owned());
    }
    let sources: Vec<UsageSourceRow> = inventory.read()?;
    let gaps = &inventory.manifest().gaps;
    let mut found = Vec::new();
    for (account_id, principals) in by_account {
        let mut own = sources.iter().filter(|own| &*own.account_id == account_id);
        let is_read = own.any(|own| match (own.last_event, since) {
            (Some(last), Some(since)) => last > since,
            (last, _) => last.is_some(),
        });
        let unread = gaps.iter().filter(|gap| {
            let is_here = gap
                .account_id
                .as_deref()
                .is_none_or(|own| own == account_id);
            is_here && gap.unknowable.contains(&DataKind::CloudTrail)
        });
        let reason = match (is_read, since, unread.count()) {
            (true, _, 0) => continue,
            (true, _, count) => format!(
                "{count} of the files or calls of CloudTrail events could not be read, and may hold denials"
            ),
            (false, Some(since), _) => format!(
                "the inventory has no CloudTrail event of the account after {since}, where the logs end that the policies were made from; add later logs with `usage`"
            ),
            (false, None, _) => {
                "the inventory has no CloudTrail event of the account; add logs with `usage`"
                    .to_owned()
            }
        };
        found.push(NotChecked {
            account_id: account_id.to_owned(),
            principals,
            reason,
        });
    }
    Ok(found)
}

impl PrincipalObject {
    /// What `minimize` writes of nobody.
    fn fault(&self) -> Option<&'static str> {
        let observed = &self.certificate.observed;
        let is_smaller = self.policies.iter().any(|policy| {
            !matches!(policy.new.as_slice(), [new] if are_equal(new.get(), policy.old.get()))
        });
        if self.certificate.no_new_access != "proved" {
            Some("without a proof that nothing new is granted no policy changes")
        } else if observed.allowed_before != observed.allowed_after
            || observed.allowed_before + observed.not_explained.len() != observed.tuples
        {
            Some("the numbers of what was observed and is allowed do not agree")
        } else if is_smaller != (self.status == "minimized") {
            Some("its status and its documents do not agree")
        } else {
            None
        }
    }

    fn check(&self, policy: &PolicyObject) -> Result<(), CheckError> {
        let old = policy.old.get();
        let new: Vec<&str> = policy.new.iter().map(|text| text.get()).collect();
        if new == [old] {
            return Ok(());
        }
        let key = self.key(&policy.source);
        let rows = self.certificate.refinements.iter();
        let refinements: Vec<Refinement> = rows
            .filter_map(|row| {
                let (document, statement) = place(row.new.strip_prefix(&key)?)?;
                let (0, old_statement) = place(row.old.strip_prefix(&key)?)? else {
                    return None;
                };
                Some(Refinement {
                    new: Place {
                        document,
                        statement,
                    },
                    old_statement,
                })
            })
            .collect();
        match leastgrant_certificate::check(old, &new, &refinements).first() {
            None => Ok(()),
            Some(fault) => Err(CheckError::Certificate {
                principal_arn: self.principal_arn.clone(),
                policy: policy.source.name.clone(),
                fault: fault.to_string(),
            }),
        }
    }

    /// What refinements call a policy.
    fn key(&self, source: &SourceObject) -> String {
        if source.kind != "inline" {
            source.arn.clone()
        } else if source.arn == self.principal_arn {
            source.name.clone()
        } else {
            format!("{}:{}", source.arn, source.name)
        }
    }
}

/// Whether two documents say the same, however they are written.
fn are_equal(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    one == other || read(one) == read(other)
}

/// `[i]#j`.
fn place(text: &str) -> Option<(usize, usize)> {
    let (document, statement) = text.strip_prefix('[')?.split_once("]#")?;
    Some((document.parse().ok()?, statement.parse().ok()?))
}

/// A principal's documents before and after.
struct Documents<'a> {
    principal: &'a PrincipalObject,
    old: Vec<(&'a str, Policy)>,
    new: Vec<Policy>,
}

impl<'a> Documents<'a> {
    fn of(principal: &'a PrincipalObject) -> Self {
        let policies = || principal.policies.iter();
        // What cannot be read was in no certificate.
        Self {
            principal,
            old: policies()
                .filter_map(|own| {
                    let policy = Policy::parse(own.old.get()).ok()?;
                    Some((own.source.name.as_str(), policy))
                })
                .collect(),
            new: policies()
                .flat_map(|own| &own.new)
                .filter_map(|text| Policy::parse(text.get()).ok())
                .collect(),
        }
    }

    fn regression(&self, access: &Access, row: &UsageRow, action: &str) -> Option<Regression> {
        let parsed = Action::parse(action)?;
        let resource = row.resource.as_deref().filter(|_| !row.is_resource_folded);
        let old: Vec<&Policy> = self.old.iter().map(|(_, policy)| policy).collect();
        let new: Vec<&Policy> = self.new.iter().collect();
        let (policy, statement) = match resource {
            Some(resource) => self.lost(access, &parsed, resource, &old, &new)?,
            None => lost_somewhere(&parsed, &old, &new)?,
        };
        let (name, document) = self.old.get(policy)?;
        Some(Regression {
            principal_arn: self.principal.principal_arn.clone(),
            action: action.to_owned(),
            resource: resource.map(str::to_owned),
            events: row.count,
            last_seen: row.last_seen,
            policy: (*name).to_owned(),
            statement,
            text: document
                .statement_text(document.statements.get(statement)?)
                .to_owned(),
        })
    }

    /// The old statement that allowed what no new one does; with boundary and service control policies as they are now.
    fn lost(
        &self,
        access: &Access,
        action: &Action,
        resource: &str,
        old: &[&Policy],
        new: &[&Policy],
    ) -> Option<(usize, usize)> {
        let subject = access
            .principal_of(&self.principal.principal_arn)
            .and_then(|id| access.subject(id))?;
        let assembled = access.policies_of(subject);
        let resource = Resource::parse(resource);
        let request = access.request(subject, action, &resource, &Context::open());
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"*","Resource":"*"}}}}"#,
            subject.account_id
        );
        let delegate = Policy::parse(&text).ok();
        let decision = |identity: &[&Policy]| {
            let policies = Policies {
                identity: identity.to_vec(),
                boundary: assembled.policies.boundary.clone(),
                service_control: assembled.policies.service_control.clone(),
                resource: delegate.as_ref(),
                ..Policies::default()
            };
            decide(&request, &policies, Untold::Grant)
        };
        let before = decision(old);
        if before.outcome != Outcome::Allowed || decision(new).outcome == Outcome::Allowed {
            return None;
        }
        let own = before.statements.iter();
        own.filter(|place| place.member == leastgrant_policy::evaluate::Member::Identity)
            .map(|place| (place.policy, place.statement))
            .next()
    }
}

/// The first old statement with the action that no new one has alike.
fn lost_somewhere(action: &Action, old: &[&Policy], new: &[&Policy]) -> Option<(usize, usize)> {
    let allows = |policy: &'_ Policy, index: usize| {
        policy.statements.get(index).is_some_and(|own| {
            let mut entries = own.action.entries.iter();
            own.effect == Effect::Allow
                && entries.any(|entry| entry.matches(action)) != own.action.is_negated
        })
    };
    let is_kept = |resource: &Option<_>, conditions: &Vec<_>| {
        new.iter().any(|policy| {
            let statements = policy.statements.iter().enumerate();
            statements.into_iter().any(|(index, own)| {
                allows(policy, index) && own.resource == *resource && own.conditions == *conditions
            })
        })
    };
    old.iter().enumerate().find_map(|(number, policy)| {
        let statements = policy.statements.iter().enumerate();
        statements
            .filter(|(index, own)| {
                allows(policy, *index) && !is_kept(&own.resource, &own.conditions)
            })
            .map(|(index, _)| (number, index))
            .next()
    })
}
