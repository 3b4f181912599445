//! `stale-user`: user is not used any more.

use super::{Check, Rule};
use crate::age::{self, Unused};
use crate::context::{
    Context, Draft, Output, credentials_source, key_evidence, key_name, unused_time,
};
use crate::facts::UserFacts;
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "stale-user";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "User is not used any more",
        what_it_does: "Reports users older than `thresholds.stale_user_days` (90) that have an active password or access key, none of which was used within the limit. A credential that was never used counts from when it was made; one younger than the limit counts as in use.",
        why_it_is_bad: "Nobody misses the user, so nobody notices when somebody else uses it.",
        evidence_needed: "The credential report; or GetLoginProfile, GetUser, ListAccessKeys and GetAccessKeyLastUsed for each user.",
        limits: "Use is known up to the report's generation, to 15 minutes for keys and 5 for passwords. A call of the user in CloudTrail logs that the inventory has counts as a use, up to the time of the audit; so does a failed sign-in, but not the question for MFA before a password. SSH keys and service-specific credentials show no use; the detail names them where there are any. A yearly job looks stale for most of the year.",
        remediation: "Check that nothing needs it; deactivate the credentials, wait longer than the rarest job, look at the last use again, then delete the user.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html",
            "CIS Amazon Web Services Foundations Benchmark 3.0, 1.12",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    if let Some(reason) = context.account.users_missing() {
        output.not_checked(reason);
    }
    let limit = context.thresholds.stale_user_days;
    let mut unknown = Vec::new();
    for facts in &context.account.users {
        match judge(facts, context, limit) {
            Verdict::InUse => {}
            Verdict::Unknown => unknown.push(facts.user.user_name.as_str()),
            Verdict::Stale(unused) => output.find(
                describe(facts, &unused).logged(context.logged_use.of_principal(&facts.user.arn)),
            ),
        }
    }
    output.not_checked_for(
        "the credentials or their last use were not collected",
        &unknown,
    );
}

enum Verdict {
    InUse,
    Unknown,
    /// Each active credential in words, and since when it is unused.
    Stale(Vec<String>),
}

fn judge(facts: &UserFacts, context: &Context<'_>, limit: u32) -> Verdict {
    let user = &facts.user;
    let Some(created_at) = user.created_at else {
        return Verdict::Unknown;
    };
    if !age::exceeds(age::age(created_at, context.as_of), limit) {
        return Verdict::InUse;
    }
    // Sessions of a user have no key that the account lists.
    let logged_at = context.logged_use.of_principal(&user.arn);
    if logged_at.is_some_and(|at| !age::exceeds(age::age(at, context.as_of), limit)) {
        return Verdict::InUse;
    }
    let mut unused = Vec::new();
    let mut is_unknown = !user.access_keys_known || user.password_enabled.is_none();
    let password = user.password_enabled.unwrap_or(false).then(|| {
        (
            "password".to_owned(),
            age::password_unused(user, context.as_of, limit),
        )
    });
    let keys = facts
        .active_keys()
        .map(|key| (key_name(key), context.key_unused(key, limit)));
    for (name, verdict) in password.into_iter().chain(keys) {
        match verdict {
            // One credential in use is enough, whatever else is not known.
            Unused::No => return Verdict::InUse,
            Unused::Unknown => is_unknown = true,
            Unused::Yes {
                last_used_at,
                since,
                until,
            } => unused.push(format!(
                "{name} {}",
                unused_time(last_used_at, since, until)
            )),
        }
    }
    match (is_unknown, unused.is_empty()) {
        (true, _) => Verdict::Unknown,
        (false, true) => Verdict::InUse,
        (false, false) => Verdict::Stale(unused),
    }
}

fn describe(facts: &UserFacts, unused: &[String]) -> Draft {
    let user = &facts.user;
    let others = facts
        .long_lived
        .iter()
        .filter(|credential| credential.is_active)
        .count();
    let warning = match others {
        0 => String::new(),
        count => format!(
            "; it also has {count} active SSH key, service-specific credential or certificate, whose use is not recorded"
        ),
    };
    let mut draft = Draft::user(user, RULE.metadata.summary)
        .detail(format!("{}{warning}", unused.join("; ")))
        .confidence(if others == 0 {
            Confidence::High
        } else {
            Confidence::Low
        })
        .remediation(RULE.metadata.remediation);
    if user.password_enabled == Some(true) {
        let last_used = user.password_last_used_at.map_or_else(
            || "password never used".to_owned(),
            |at| format!("password last used {at}"),
        );
        draft = draft.evidence(credentials_source(user), last_used);
    }
    draft
        .evidence
        .extend(facts.active_keys().flat_map(key_evidence));
    draft
}
