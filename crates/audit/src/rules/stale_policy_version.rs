//! `stale-policy-version`: stored version of a managed policy grants more than the one in force.

use leastgrant_access::{Answer, Subject};
use leastgrant_policy::compare::{DEFAULT_WORK, Kind, Verdict, Witness, compare};
use leastgrant_policy::{Action, Context, Policy, Resource};

use super::{Check, Rule, coverage};
use crate::attachment_facts::{ManagedPolicyFacts, denied_half};
use crate::context::{Draft, Output};
use crate::contexts::AttachmentContext;
use crate::granted::allows_everything;
use crate::granted::may_be_allowed;
use crate::{ResourceType, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "stale-policy-version";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::High,
        summary: "Stored version of a policy grants more than the one in force",
        what_it_does: "Reports customer managed policies in use of which a stored version that is not in force allows a request that the default version does not, or does not deny one that it denies; the request is told. If such a version allows everything, severity is high; if nobody of the account can set the default version, low.",
        why_it_is_bad: "Whoever has `iam:SetDefaultPolicyVersion` on the policy brings the old version back in one call, for all who have the policy, and needs no right to write policies.",
        evidence_needed: "All versions with their documents (GetAccountAuthorizationDetails has them).",
        limits: "Versions are compared for every request there could be, under both readings of `*`; where that cannot be told the rule says so. Who can set the default version is decided over all policies of the account's principals.",
        remediation: "Delete the versions that are not needed: `aws iam delete-policy-version --policy-arn ARN --version-id ID`. Keep their documents elsewhere.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html",
        ],
    },
    check: Check::Attachments(check),
};

/// More principals than these are counted, not named.
const SHOWN: usize = 3;

fn check(context: &AttachmentContext<'_>, output: &mut Output) {
    if !coverage::report_missing_policies(&context.policy.account, output) {
        return;
    }
    let mut not_known = Vec::new();
    let mut not_told = Vec::new();
    let mut switchers: Option<Vec<&Subject>> = None;
    let own = context.own().policies.iter();
    for policy in own.filter(|policy| !policy.row.is_aws_managed && policy.is_used()) {
        let name = policy.row.policy_name.as_str();
        let Some(default) = policy.default_version().and_then(document) else {
            not_known.push(name);
            continue;
        };
        let mut risky = Vec::new();
        let mut is_known = true;
        let mut is_told = true;
        let default_id = policy.default_version().map(|own| &own.version_id);
        for version in &policy.versions {
            if Some(&version.version_id) == default_id {
                continue;
            }
            let Some(stored) = document(version) else {
                is_known = false;
                continue;
            };
            match more_than(&default, &stored) {
                Ok(None) => {}
                Ok(Some((more, witness))) => risky.push(Risky {
                    version_id: &version.version_id,
                    created_at: version.created_at,
                    witness,
                    more,
                }),
                Err(NotTold) => is_told = false,
            }
        }
        if !is_known {
            not_known.push(name);
        }
        if !is_told {
            not_told.push(name);
        }
        if !risky.is_empty() {
            let switchers = switchers.get_or_insert_with(|| who_may_switch(context));
            output.find(describe(context, policy, &risky, switchers));
        }
    }
    output.not_checked_for(
        "not all versions were collected, or can be read,",
        &not_known,
    );
    output.not_checked_for("it could not be told how the versions differ", &not_told);
}

/// A version that grants more than the default one.
struct Risky<'a> {
    version_id: &'a str,
    created_at: Option<leastgrant_inventory::Timestamp>,
    witness: Box<Witness>,
    more: More,
}

/// What a stored version has that the default one has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    /// It allows every action on every resource.
    AllowsEverything,
    /// It allows a request.
    Allows,
    /// It does not deny a request that the default version denies, whatever other policies allow.
    LacksDeny,
}

/// The comparison cannot be told.
struct NotTold;

fn more_than(default: &Policy, stored: &Policy) -> Result<Option<(More, Box<Witness>)>, NotTold> {
    let allowed = compare(&[default], &[stored], Kind::Identity, DEFAULT_WORK);
    let is_told = !matches!(allowed, Verdict::Unknown(_));
    if let Verdict::NotSubset(witness) = allowed {
        let more = match allows_everything(&[stored]) {
            true => More::AllowsEverything,
            false => More::Allows,
        };
        return Ok(Some((more, witness)));
    }
    let (denied, stored_denied) = (denied_half(default), denied_half(stored));
    if !denied.statements.is_empty() {
        match compare(&[&stored_denied], &[&denied], Kind::Identity, DEFAULT_WORK) {
            Verdict::NotSubset(witness) => return Ok(Some((More::LacksDeny, witness))),
            Verdict::Unknown(_) => return Err(NotTold),
            Verdict::Subset => {}
        }
    }
    match is_told {
        true => Ok(None),
        false => Err(NotTold),
    }
}

fn document(version: &leastgrant_inventory::tables::PolicyVersionRow) -> Option<Policy> {
    Policy::parse(version.document.as_ref()?).ok()
}

/// The account's principals with an Allow for it in any of their policies.
fn who_may_switch<'a>(context: &AttachmentContext<'a>) -> Vec<&'a Subject> {
    let Some(action) = Action::parse(SWITCH) else {
        return Vec::new();
    };
    let facts = context.policy.policies;
    let account_id = &context.policy.account.account.account_id;
    facts
        .principals_of(account_id)
        .map(|(_, subject)| subject)
        .filter(|subject| may_be_allowed(&facts.access, subject, &action))
        .collect()
}

const SWITCH: &str = "iam:SetDefaultPolicyVersion";

fn describe(
    context: &AttachmentContext<'_>,
    policy: &ManagedPolicyFacts,
    risky: &[Risky<'_>],
    switchers: &[&Subject],
) -> Draft {
    let arn = &policy.row.arn;
    let ids: Vec<String> = risky
        .iter()
        .map(|own| format!("`{}`", own.version_id))
        .collect();
    let can = Action::parse(SWITCH).map_or_else(Vec::new, |action| {
        let resource = Resource::parse(arn);
        let access = &context.policy.policies.access;
        let open = Context::open();
        let mut names: Vec<&str> = switchers
            .iter()
            .filter(|subject| {
                access.decide(subject, &action, &resource, &open).answer != Answer::No
            })
            .map(|subject| &*subject.arn)
            .collect();
        names.sort_unstable();
        names
    });
    let default = policy
        .row
        .default_version_id
        .as_deref()
        .unwrap_or("default");
    let who = match can.len() {
        0 => "nobody of the account can set the default version, beside the root user".to_owned(),
        count => format!(
            "{count} {} of the account can or may be able to set the default version, such as {}",
            if count == 1 {
                "principal"
            } else {
                "principals"
            },
            can.iter()
                .take(SHOWN)
                .map(|arn| format!("`{arn}`"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    let mut draft = Draft::new(arn, ResourceType::Policy, RULE.metadata.summary)
        .detail(format!(
            "{} {} more than `{default}`, which is in force; {who}",
            ids.join(", "),
            if ids.len() == 1 { "grants" } else { "grant" },
        ))
        .remediation(remediation(arn, risky));
    for own in risky {
        let made = own
            .created_at
            .map(|at| format!(" of {at}"))
            .unwrap_or_default();
        let (action, resource) = (own.witness.action.as_str(), own.witness.resource.as_str());
        let fact = match own.more {
            More::AllowsEverything => "allows every action on every resource".to_owned(),
            More::Allows => format!("allows `{action}` on `{resource}`, and `{default}` does not"),
            More::LacksDeny => {
                format!("does not deny `{action}` on `{resource}`, and `{default}` does")
            }
        };
        draft = draft.evidence(format!("version {}{made}", own.version_id), fact);
    }
    draft.severity = Some(
        match (
            can.is_empty(),
            risky.iter().any(|own| own.more == More::AllowsEverything),
        ) {
            (true, _) => Severity::Low,
            (false, true) => Severity::High,
            (false, false) => Severity::Medium,
        },
    );
    draft
}

/// The rule's own, with the policy and each version in place of the capitals.
fn remediation(arn: &str, risky: &[Risky<'_>]) -> String {
    const COMMAND: &str = "`aws iam delete-policy-version --policy-arn ARN --version-id ID`";
    let commands: Vec<String> = risky
        .iter()
        .map(|own| {
            COMMAND
                .replace("ARN", arn)
                .replace(" ID", &format!(" {}", own.version_id))
        })
        .collect();
    RULE.metadata
        .remediation
        .replace(COMMAND, &commands.join(", "))
}
