//! Where a policy stands and what those are called that take its place: the same in every format.

use leastgrant_minimize::{PolicyOutcome, SourceKind};

/// What is behind the last `/` of an ARN: the name.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

/// `role` of `arn:aws:iam::111122223333:role/web`.
pub(super) fn kind_of(arn: &str) -> &str {
    let rest = arn.splitn(6, ':').nth(5).unwrap_or_default();
    rest.split('/').next().unwrap_or_default()
}

/// The path of a customer-managed policy; nothing of what is none.
pub(super) fn path_of(policy_arn: &str) -> Option<String> {
    let rest = policy_arn.split_once(":policy/")?.1;
    Some(match rest.rsplit_once('/') {
        Some((path, _)) => format!("/{path}/"),
        None => "/".to_owned(),
    })
}

/// The name of the managed policy that has a document: the one that is there, or a new one.
pub(super) fn managed_name(policy: &PolicyOutcome, document: usize) -> String {
    let source = &policy.source;
    let first = match source.kind {
        // A user and a role can have one name, policies of an account cannot.
        SourceKind::AwsManaged => {
            let (kind, owner) = (kind_of(&source.owner), name_of(&source.owner));
            format!("{}-{kind}-{owner}", source.name)
        }
        SourceKind::CustomerManaged | SourceKind::Inline => source.name.clone(),
    };
    let first = bounded(first);
    match document {
        0 => first,
        more => format!("{first}-{}", more + 1),
    }
}

/// At most as long as a policy's name and the number of a document can be together (IAM User Guide, "IAM and AWS STS quotas": 128).
fn bounded(name: String) -> String {
    const MOST: usize = 124;
    const DIGITS: usize = 8;
    if name.len() <= MOST {
        return name;
    }
    let hash = blake3::hash(name.as_bytes()).to_hex();
    let kept: String = name.chars().take(MOST - DIGITS - 1).collect();
    format!("{kept}-{}", hash.chars().take(DIGITS).collect::<String>())
}
