//! Rights that nobody sees used and that others need: they stay beside those.

use std::collections::HashSet;
use std::sync::LazyLock;

use leastgrant_catalog::{AccessLevel, ActionId, ActionInfo, ActionSet, Catalog};

/// What undoes a call, by the beginnings of their names.
const COUNTERPARTS: &[(&str, &[&str])] = &[
    ("Add", &["Remove"]),
    ("Allocate", &["Release"]),
    ("Associate", &["Disassociate"]),
    ("Attach", &["Detach"]),
    ("Authorize", &["Revoke"]),
    ("Create", &["Delete"]),
    ("Enable", &["Disable"]),
    ("Import", &["Delete"]),
    ("Put", &["Delete"]),
    ("Register", &["Deregister"]),
    ("Run", &["Stop", "Terminate"]),
    ("Start", &["Stop"]),
    ("Tag", &["Untag"]),
];

/// Parts of calls that are named for something else than the call.
///
/// Amazon S3 User Guide, "Multipart upload API and permissions": a part that failed is given up, and its parts listed, by whoever uploads.
const STEPS: &[(&str, &[&str])] = &[(
    "s3:PutObject",
    &["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
)];

/// What SDKs and Terraform ask before they write.
const QUESTIONS: &[&str] = &["Describe", "Get", "Head", "List"];

/// Rights that are needed seldom and then at once, wherever the principal works with their service.
///
/// `minimisation.md` of the method, section 11: restoring, renewing, turning keys, bills and support.
const RARE: &[(&str, &str)] = &[
    ("acm:RenewCertificate", "renewing a certificate"),
    ("backup:StartRestoreJob", "restoring a backup"),
    ("dynamodb:RestoreTableFromBackup", "restoring a backup"),
    ("dynamodb:RestoreTableToPointInTime", "restoring a backup"),
    ("rds:RestoreDBClusterFromSnapshot", "restoring a backup"),
    ("rds:RestoreDBClusterToPointInTime", "restoring a backup"),
    ("rds:RestoreDBInstanceFromDBSnapshot", "restoring a backup"),
    ("rds:RestoreDBInstanceToPointInTime", "restoring a backup"),
    ("secretsmanager:RotateSecret", "turning a secret"),
    ("support:CreateCase", "asking AWS for help"),
];

/// Reads of objects, beside which S3 answers "not found" only to who may list the bucket, and else "denied".
///
/// S3 API Reference, "GetObject", "Permissions".
const OBJECT_READS: &[&str] = &[
    "getobject",
    "getobjectattributes",
    "getobjecttagging",
    "getobjectversion",
];

/// Calls of KMS that services make with their caller's rights.
const KEY_USES: &[&str] = &[
    "creategrant",
    "decrypt",
    "describekey",
    "encrypt",
    "generatedatakey",
    "generatedatakeywithoutplaintext",
    "reencryptfrom",
    "reencryptto",
];

pub(crate) fn is_pass_role(action: ActionInfo) -> bool {
    action.service().prefix() == "iam" && action.lower_name() == "passrole"
}

pub(crate) fn is_key_use(action: ActionInfo) -> bool {
    action.service().prefix() == "kms" && KEY_USES.contains(&action.lower_name())
}

pub(crate) fn is_object_read(action: ActionInfo) -> bool {
    action.service().prefix() == "s3" && OBJECT_READS.contains(&action.lower_name())
}

pub(crate) fn changes(action: ActionInfo) -> bool {
    let levels = action.levels();
    levels.contains(AccessLevel::Write) || levels.contains(AccessLevel::PermissionsManagement)
}

/// Whether some call of the service is known to hand a role over.
pub(crate) fn service_passes_roles(prefix: &str) -> bool {
    static PASSING: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        let passes = |action: &ActionInfo| {
            let mut names = action.details().dependent_actions.iter();
            names.any(|name| name.eq_ignore_ascii_case("iam:PassRole"))
        };
        let actions = Catalog::get().actions();
        let passing = actions.filter(passes);
        passing.map(|action| action.service().prefix()).collect()
    });
    PASSING.contains(prefix)
}

/// The rights that go with a used one: what undoes it and, if it changes something, what is asked before.
pub(crate) fn counterparts(used: ActionInfo) -> Vec<ActionInfo> {
    let name = used.name();
    let mut names = Vec::new();
    for (verb, undone_by) in COUNTERPARTS {
        let Some(noun) = name.strip_prefix(verb).filter(|noun| begins_a_word(noun)) else {
            continue;
        };
        names.extend(undone_by.iter().map(|verb| format!("{verb}{noun}")));
    }
    if changes(used)
        && let Some(noun) = noun(name)
    {
        for question in QUESTIONS {
            names.extend([format!("{question}{noun}"), format!("{question}{noun}s")]);
        }
    }
    let prefix = used.service().prefix();
    let full_name = format!("{prefix}:{name}");
    let steps = STEPS.iter().filter(|(own, _)| *own == full_name);
    names
        .iter()
        .filter_map(|name| Catalog::get().action_of_lower(prefix, &name.to_ascii_lowercase()))
        .chain(
            steps
                .flat_map(|(_, steps)| *steps)
                .filter_map(|step| Catalog::get().action(step)),
        )
        .collect()
}

/// The rare rights of services of which something was used.
pub(crate) fn rare(used: &ActionSet) -> Vec<(ActionId, &'static str)> {
    let catalog = Catalog::get();
    let is_service_used = |action: ActionInfo| {
        let mut others = action.service().actions();
        others.any(|other| used.contains(other.id()))
    };
    RARE.iter()
        .filter_map(|(name, why)| Some((catalog.action(name)?, *why)))
        .filter(|(action, _)| is_service_used(*action))
        .map(|(action, why)| (action.id(), why))
        .collect()
}

fn begins_a_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
}

/// What is left of a name after its first word.
fn noun(name: &str) -> Option<&str> {
    let end = name
        .char_indices()
        .skip(1)
        .find(|(_, letter)| letter.is_ascii_uppercase())?
        .0;
    name.get(end..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rare_right_is_one_of_the_catalogue() {
        for (name, _) in RARE {
            assert!(Catalog::get().action(name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_undoes_a_call_and_what_is_asked_before() {
        let of = |name: &str| -> Vec<&'static str> {
            let used = Catalog::get().action(name).unwrap();
            counterparts(used).iter().map(|own| own.name()).collect()
        };
        assert_eq!(of("sqs:CreateQueue"), ["DeleteQueue", "ListQueues"]);
        assert_eq!(
            of("ec2:RunInstances"),
            ["StopInstances", "TerminateInstances", "DescribeInstances"]
        );
        assert!(of("s3:ListBucket").is_empty());
        assert_eq!(
            of("s3:PutObject"),
            [
                "DeleteObject",
                "GetObject",
                "AbortMultipartUpload",
                "ListMultipartUploadParts"
            ]
        );
    }
}
