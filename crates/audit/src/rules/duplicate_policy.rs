//! `duplicate-policy`: managed policy says the same as another one.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_policy::compare::{DEFAULT_WORK, Kind, Verdict, compare};
use leastgrant_policy::evaluate::{Outcome, Policies, Request, Untold, decide};
use leastgrant_policy::{Action, Context, Policy, Principal, Resource};

use super::{Check, Rule, coverage};
use crate::attachment_facts::{ManagedPolicyFacts, denied_half};
use crate::context::{Draft, Output};
use crate::contexts::AttachmentContext;
use crate::{ResourceType, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "duplicate-policy";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Managed policy says the same as another one",
        what_it_does: "Reports customer managed policies that allow and deny exactly the requests that another managed policy of the account, or one of AWS's that the account has, allows and denies: each is shown to be within the other, under both readings of `*`, however they are written. Of several that are the same, one of AWS's is kept, else one in use, else the oldest.",
        why_it_is_bad: "A right that is taken out of one copy stays in the other.",
        evidence_needed: "The default versions with their documents (GetAccountAuthorizationDetails).",
        limits: "Policies of other accounts and inline policies are not compared. Policies whose comparison cannot be told are named.",
        remediation: "Attach the other policy in its place wherever it is attached, then delete it.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html",
        ],
    },
    check: Check::Attachments(check),
};

/// So many requests tell most policies apart before they are compared.
const REQUESTS: usize = 96;
/// So many different policies of one kind are compared with each other; more are said not to be.
const MOST_ALIKE: usize = 24;

/// A policy in force.
struct InForce<'a> {
    facts: &'a ManagedPolicyFacts,
    document: Policy,
}

fn check(context: &AttachmentContext<'_>, output: &mut Output) {
    if !coverage::report_missing_policies(&context.policy.account, output) {
        return;
    }
    let mut not_known = Vec::new();
    let mut in_force = Vec::new();
    for facts in &context.own().policies {
        let text = facts
            .default_version()
            .and_then(|own| own.document.as_ref());
        match text.and_then(|text| Policy::parse(text).ok()) {
            Some(document) => in_force.push(InForce { facts, document }),
            None if facts.row.is_aws_managed => {}
            None => not_known.push(facts.row.policy_name.as_str()),
        }
    }
    // The one that is kept comes first.
    in_force.sort_by(|one, other| {
        let (one, other) = (one.facts, other.facts);
        let by_owner = other.row.is_aws_managed.cmp(&one.row.is_aws_managed);
        by_owner
            .then_with(|| other.is_used().cmp(&one.is_used()))
            .then_with(|| one.row.created_at.cmp(&other.row.created_at))
            .then_with(|| one.row.arn.cmp(&other.row.arn))
    });
    let mut not_told = Vec::new();
    for alike in buckets(&in_force, &context.policy.account.account.account_id) {
        judge(&alike, output, &mut not_told);
    }
    output.not_checked_for(
        "the document in force was not collected, or cannot be read,",
        &not_known,
    );
    not_told.sort_unstable();
    not_told.dedup();
    output.not_checked_for(
        "it could not be told whether another policy says the same, in the place",
        &not_told,
    );
}

/// Policies that answer some requests alike. Those that say the same are always in one bucket.
fn buckets<'a, 'p>(in_force: &'a [InForce<'p>], account_id: &str) -> Vec<Vec<&'a InForce<'p>>> {
    let requests = requests(in_force, account_id);
    let mut buckets: BTreeMap<Vec<Outcome>, Vec<&InForce<'_>>> = BTreeMap::new();
    for own in in_force {
        let policies = Policies {
            identity: vec![&own.document],
            ..Policies::default()
        };
        let answers = requests
            .iter()
            .map(|request| decide(request, &policies, Untold::MatchNothing).outcome)
            .collect();
        buckets.entry(answers).or_default().push(own);
    }
    buckets.into_values().filter(|own| own.len() > 1).collect()
}

/// Requests made up from the policies: a few of each, spread over all.
fn requests(in_force: &[InForce<'_>], account_id: &str) -> Vec<Request> {
    let caller = Principal::parse(&format!("arn:aws:iam::{account_id}:user/zz-stranger"));
    let mut pairs: BTreeSet<(String, String)> = BTreeSet::new();
    for own in in_force.iter().filter(|own| !own.facts.row.is_aws_managed) {
        for statement in &own.document.statements {
            let resources = statement.resource.iter().flat_map(|own| &own.entries);
            let resource = resources
                .map(|entry| entry.as_str().replace(['*', '?'], "z"))
                .next()
                .unwrap_or_else(|| "*".to_owned());
            let actions = statement.action.entries.iter().take(2);
            pairs.extend(actions.map(|entry| {
                let action = entry.as_str().replace('*', "Zz").replace('?', "z");
                (action, resource.clone())
            }));
        }
    }
    let step = pairs.len().div_ceil(REQUESTS).max(1);
    pairs
        .into_iter()
        .step_by(step)
        .filter_map(|(action, resource)| {
            let action = Action::parse(&action)?;
            let resource = Resource::parse(&resource);
            Some(Request::new(
                caller.clone()?,
                action,
                resource,
                Some(account_id),
                Context::default(),
            ))
        })
        .collect()
}

fn judge<'a>(alike: &[&InForce<'a>], output: &mut Output, not_told: &mut Vec<&'a str>) {
    let mut kept: Vec<&InForce<'a>> = Vec::new();
    for own in alike {
        let mut twin = None;
        for other in &kept {
            // Two of AWS's are nobody's to tidy up.
            if own.facts.row.is_aws_managed {
                break;
            }
            match is_same(&other.document, &own.document) {
                Some(true) => {
                    twin = Some(*other);
                    break;
                }
                Some(false) => {}
                None => not_told.push(&own.facts.row.policy_name),
            }
        }
        match twin {
            Some(twin) => output.find(describe(own.facts, twin.facts)),
            None if kept.len() < MOST_ALIKE => kept.push(own),
            None => not_told.push(&own.facts.row.policy_name),
        }
    }
}

/// Whether both allow the same requests and deny the same; none if that cannot be told.
///
/// What a policy denies counts beside what it allows: it is denied whatever the caller's other policies allow.
fn is_same(one: &Policy, other: &Policy) -> Option<bool> {
    let is_written_alike = one.version == other.version
        && one.statements.len() == other.statements.len()
        && one
            .statements
            .iter()
            .zip(&other.statements)
            .all(|(one, other)| one.means_the_same(other));
    if is_written_alike {
        return Some(true);
    }
    let (one_denied, other_denied) = (denied_half(one), denied_half(other));
    let mut pairs = vec![(one, other), (other, one)];
    if !one_denied.statements.is_empty() || !other_denied.statements.is_empty() {
        pairs.push((&one_denied, &other_denied));
        pairs.push((&other_denied, &one_denied));
    }
    let mut is_told = true;
    for (old, new) in pairs {
        match compare(&[old], &[new], Kind::Identity, DEFAULT_WORK) {
            Verdict::Subset => {}
            Verdict::NotSubset(_) => return Some(false),
            Verdict::Unknown(_) => is_told = false,
        }
    }
    is_told.then_some(true)
}

fn describe(own: &ManagedPolicyFacts, twin: &ManagedPolicyFacts) -> Draft {
    let (arn, other) = (&own.row.arn, &twin.row.arn);
    Draft::new(arn, ResourceType::Policy, RULE.metadata.summary)
        .detail(format!(
            "it allows and denies exactly what `{other}` allows and denies"
        ))
        .evidence(
            "comparison of the versions in force",
            format!(
                "each is within the other; {} here and {} there",
                uses(own),
                uses(twin)
            ),
        )
        .remediation(remediation(own, other))
}

/// Each use is moved before the policy is deleted; a boundary is set, not attached.
fn remediation(own: &ManagedPolicyFacts, other: &str) -> String {
    let mut steps = RULE
        .metadata
        .remediation
        .replace("the other policy", &format!("`{other}`"));
    let mut more = String::new();
    if own.boundaries() > 0 {
        more.push_str(", set it as boundary wherever this one is the permissions boundary");
    }
    if own.is_in_permission_set {
        more.push_str(", name it in the permission sets that refer to this one");
    }
    if !more.is_empty() {
        steps = steps.replace(", then delete it", &format!("{more}, then delete this one"));
    }
    steps
}

fn uses(facts: &ManagedPolicyFacts) -> String {
    let mut words = match facts.attachments() {
        1 => "1 attachment".to_owned(),
        count => format!("{count} attachments"),
    };
    match facts.boundaries() {
        0 => {}
        1 => words.push_str(", 1 use as boundary"),
        count => words.push_str(&format!(", {count} uses as boundary")),
    }
    if facts.is_in_permission_set {
        words.push_str(", a permission set");
    }
    words
}

#[cfg(test)]
mod tests {
    use leastgrant_inventory::tables::ManagedPolicyRow;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const ACCOUNT: &str = "111122223333";

    fn statement() -> impl Strategy<Value = String> {
        let effects = select(vec!["Allow", "Allow", "Deny"]);
        let members = select(vec!["Action", "Action", "NotAction"]);
        let actions = select(vec![
            r#""s3:GetObject""#,
            r#"["s3:GetObject","s3:PutObject"]"#,
            r#"["s3:putobject","s3:getobject"]"#,
            r#""s3:Get*""#,
            r#"["s3:Get*","s3:GetObject"]"#,
            r#""*""#,
        ]);
        let resources = select(vec![
            r#""*""#,
            r#""arn:aws:s3:::b/*""#,
            r#"["arn:aws:s3:::b/*","arn:aws:s3:::b/x"]"#,
        ]);
        let conditions = select(vec![
            "",
            "",
            r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#,
            r#","Condition":{"StringLike":{"aws:PrincipalTag/t":"*"}}"#,
        ]);
        (effects, members, actions, resources, conditions).prop_map(
            |(effect, member, actions, resource, condition)| {
                format!(r#"{{"Effect":"{effect}","{member}":{actions},"Resource":{resource}{condition}}}"#)
            },
        )
    }

    fn in_force(texts: &[Vec<String>]) -> Vec<ManagedPolicyFacts> {
        let facts = texts
            .iter()
            .enumerate()
            .map(|(number, _)| ManagedPolicyFacts {
                row: ManagedPolicyRow {
                    account_id: ACCOUNT.to_owned(),
                    arn: format!("arn:aws:iam::{ACCOUNT}:policy/p{number}"),
                    policy_name: format!("p{number}"),
                    ..ManagedPolicyRow::default()
                },
                versions: Vec::new(),
                attached_to: 0,
                bounds: 0,
                is_in_permission_set: false,
            });
        facts.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// The slow twin compares each policy with all before it.
        #[test]
        fn buckets_lose_no_duplicate(texts in prop::collection::vec(prop::collection::vec(statement(), 1..3), 2..8)) {
            let facts = in_force(&texts);
            let in_force: Vec<InForce<'_>> = facts
                .iter()
                .zip(&texts)
                .map(|(facts, statements)| {
                    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
                    InForce { facts, document: Policy::parse(&text).unwrap() }
                })
                .collect();
            let mut output = Output::default();
            let mut not_told = Vec::new();
            for alike in buckets(&in_force, ACCOUNT) {
                judge(&alike, &mut output, &mut not_told);
            }
            let mut fast: Vec<String> = output.drafts.iter().map(|draft| draft.resource_arn.clone()).collect();
            fast.sort();
            let mut slow = Vec::new();
            let mut not_told_slowly = false;
            for (number, own) in in_force.iter().enumerate() {
                let mut answers = in_force.iter().take(number).map(|other| is_same(&other.document, &own.document));
                if answers.clone().any(|answer| answer == Some(true)) {
                    slow.push(own.facts.row.arn.clone());
                }
                not_told_slowly |= answers.any(|answer| answer.is_none());
            }
            slow.sort();
            // Where a comparison cannot be told, equality need not carry over from one pair to the next.
            if not_told.is_empty() && !not_told_slowly {
                prop_assert_eq!(fast, slow);
            }
        }
    }
}
