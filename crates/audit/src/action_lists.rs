//! Which actions matter for which rule: by AWS's access levels, and by lists of our own.

use std::sync::OnceLock;

use leastgrant_catalog::{AccessLevel, ActionInfo, ActionSet, Catalog};

use crate::reach::Universe;

static DATA_READS: &str = include_str!("../data/data-reads.tsv");
static CREDENTIALS: &str = include_str!("../data/credential-actions.tsv");
static OF_THE_ACCOUNT: &str = include_str!("../data/account-wide-changes.tsv");

/// Actions that read by their name, whatever AWS's access levels say: some are of no level that fits (`iot:ListSubscriptions`,
/// `athena:GetSessionEndpoint`), and AWS's own policies for auditors have them.
const READS: [&str; 5] = ["BatchGet", "Describe", "Get", "List", "Search"];

/// Those of them that change something (Service Authorization Reference, the description of each).
const CHANGES_BY_OTHER_NAMES: [&str; 3] = [
    "cloudshell:GetFileUploadUrls",
    "security-ir:GetCaseAttachmentUploadUrl",
    "states:GetActivityTask",
];

/// What does no harm on `*`, where AWS's own examples have it: writing to logs (AWS Lambda Developer Guide, "Defining Lambda
/// function permissions with an execution role"), what is of the caller alone, making an MFA device that nobody has yet, and
/// making a role that only its service can use (IAM User Guide, "Example IAM identity-based policies").
const HARMLESS: [&str; 9] = [
    "iam:ChangePassword",
    "iam:CreateServiceLinkedRole",
    "iam:CreateVirtualMFADevice",
    "sts:GetFederationToken",
    "sts:GetSessionToken",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "logs:PutLogEventsBatch",
];

/// AWS counts it as a write; but it hands a role's rights to a service.
const PASS_ROLE: &str = "iam:PassRole";

/// Actions that change resources, and that a policy can limit to some of them, and those that do harm to what an account has one
/// of.
pub(crate) fn writes() -> &'static ActionSet {
    static SET: OnceLock<ActionSet> = OnceLock::new();
    SET.get_or_init(|| {
        let mut set = limitable(|action| {
            let levels = action.levels();
            levels.contains(AccessLevel::Write)
                && !levels.contains(AccessLevel::PermissionsManagement)
        });
        set.union_with(&listed(OF_THE_ACCOUNT));
        for name in HARMLESS.into_iter().chain([PASS_ROLE]) {
            if let Some(action) = Catalog::get().action(name) {
                set.remove(action.id());
            }
        }
        set
    })
}

/// Actions that grant or change permissions, and that a policy can limit to some resources.
pub(crate) fn permissions_management() -> &'static ActionSet {
    static SET: OnceLock<ActionSet> = OnceLock::new();
    SET.get_or_init(|| {
        let mut set =
            limitable(|action| action.levels().contains(AccessLevel::PermissionsManagement));
        if let Some(action) = Catalog::get().action(PASS_ROLE) {
            set.insert(action.id());
        }
        set
    })
}

/// Actions that hand out what somebody stored.
pub(crate) fn data_reads() -> &'static ActionSet {
    static SET: OnceLock<ActionSet> = OnceLock::new();
    SET.get_or_init(|| listed(DATA_READS))
}

/// Actions that return credentials.
pub(crate) fn credentials() -> &'static ActionSet {
    static SET: OnceLock<ActionSet> = OnceLock::new();
    SET.get_or_init(|| listed(CREDENTIALS))
}

/// Everything of the above: what a policy should limit to some resources.
pub(crate) fn sensitive() -> &'static ActionSet {
    static SET: OnceLock<ActionSet> = OnceLock::new();
    SET.get_or_init(|| {
        let mut set = writes().clone();
        for other in [permissions_management(), data_reads(), credentials()] {
            set.union_with(other);
        }
        set
    })
}

/// Actions that change resources or permissions, whether they can be limited or not.
pub(crate) fn changes() -> &'static ActionSet {
    static SET: OnceLock<ActionSet> = OnceLock::new();
    SET.get_or_init(|| {
        let changes = Catalog::get().actions().filter(|action| {
            let levels = action.levels();
            let is_change = levels.contains(AccessLevel::Write)
                || levels.contains(AccessLevel::PermissionsManagement);
            is_change && !reads(*action)
        });
        changes.map(ActionInfo::id).collect()
    })
}

/// What an action of one of the lists gives or does, in words.
pub(crate) fn gives(action: ActionInfo) -> Option<&'static str> {
    let name = action.to_string();
    let mut rows = [DATA_READS, CREDENTIALS, OF_THE_ACCOUNT]
        .into_iter()
        .flat_map(rows);
    rows.find(|(own, _)| *own == name).map(|(_, gives)| gives)
}

fn reads(action: ActionInfo) -> bool {
    let begins = |word: &str| {
        let rest = action.name().strip_prefix(word);
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_lowercase()))
    };
    READS.iter().any(|word| begins(word))
        && !CHANGES_BY_OTHER_NAMES.contains(&action.to_string().as_str())
}

fn limitable(is_wanted: impl Fn(ActionInfo) -> bool) -> ActionSet {
    let actions = Catalog::get().actions_of(Universe::get().limitable());
    actions
        .filter(|action| is_wanted(*action) && !reads(*action))
        .map(ActionInfo::id)
        .collect()
}

fn listed(table: &'static str) -> ActionSet {
    let catalog = Catalog::get();
    rows(table)
        .filter_map(|(name, _)| Some(catalog.action(name)?.id()))
        .collect()
}

fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_action_in_its_own_case_and_can_be_limited_where_it_should() {
        // An account has one root user, but this is about those of others; the rest hand out what many things have in common.
        const UNLIMITED: [&str; 5] = [
            "appsync:CreateApiKey",
            "chime:CreateApiKey",
            "finspace-api:GetProgrammaticAccessCredentials",
            "lightsail:DownloadDefaultKeyPair",
            "sts:AssumeRoot",
        ];
        let mut wrong = Vec::new();
        let tables = [DATA_READS, CREDENTIALS, OF_THE_ACCOUNT];
        for line in tables.into_iter().flat_map(str::lines) {
            let Some((name, gives)) = line.split_once('\t').filter(|_| !line.starts_with('#'))
            else {
                continue;
            };
            let action = Catalog::get().action(name);
            let is_of_account = rows(OF_THE_ACCOUNT).any(|(own, _)| own == name);
            let should_be_limitable = !is_of_account && !UNLIMITED.contains(&name);
            let is_right = action.is_some_and(|action| {
                let is_limitable = Universe::get().limitable().contains(action.id());
                action.to_string() == name && is_limitable == should_be_limitable
            });
            if !is_right || gives.is_empty() || gives.contains('\t') {
                wrong.push(line);
            }
        }
        assert_eq!(wrong, [""; 0]);
    }

    #[test]
    fn lists_are_by_access_level() {
        let has =
            |set: &ActionSet, name: &str| set.contains(Catalog::get().action(name).unwrap().id());
        assert!(has(writes(), "s3:PutObject"));
        assert!(!has(writes(), "logs:PutLogEvents"));
        assert!(!has(writes(), "s3:PutBucketPolicy"));
        assert!(has(permissions_management(), "s3:PutBucketPolicy"));
        assert!(has(permissions_management(), "iam:PassRole"));
        assert!(!has(writes(), "iam:PassRole"));
        assert!(has(writes(), "account:CloseAccount"));
        for name in ["iot:ListSubscriptions", "athena:GetSessionEndpoint"] {
            assert!(!has(writes(), name) && !has(changes(), name), "{name}");
        }
        assert!(has(writes(), "states:GetActivityTask"));
        assert!(!has(credentials(), "apigateway:GET"));
        assert!(has(credentials(), "iam:UpdateAccessKey"));
        assert!(has(sensitive(), "s3:GetObject") && !has(sensitive(), "s3:ListBucket"));
    }

    #[test]
    fn what_reads_by_its_name_manages_no_permissions_whatever_its_level() {
        let of_level = |name: &str| {
            let action = Catalog::get().action(name).unwrap();
            action.levels().contains(AccessLevel::PermissionsManagement)
        };
        let is_counted = |name: &str| {
            let id = Catalog::get().action(name).unwrap().id();
            permissions_management().contains(id) && changes().contains(id)
        };
        for name in [
            "arc-region-switch:GetResourcePolicy",
            "backup:SearchRecoveryPoint",
            "billing:GetResourcePolicy",
            "glue:DescribeEntity",
            "glue:ListEntities",
        ] {
            assert!(of_level(name) && !is_counted(name), "{name}");
        }
        assert!(is_counted("s3:PutBucketPolicy"));
        // `Get` is a word of its own.
        let gets = |action: &ActionInfo| action.name().starts_with("Get");
        let counted = Catalog::get().actions_of(permissions_management());
        assert_eq!(counted.filter(gets).count(), 0);
        assert!(
            changes().contains(
                Catalog::get()
                    .action("lakeformation:BatchGrantPermissions")
                    .unwrap()
                    .id()
            )
        );
    }
}
