//! Managed policies: those of the customer, with their old versions, and those of AWS.

mod by_aws;
mod ours;

pub(crate) use by_aws::{
    ADMINISTRATOR_ACCESS, ADVISOR_SERVICE_ROLE, BILLING_JOB, DATABASE_SERVICE_ROLE, LAMBDA_BASIC,
    POWER_USER_ACCESS, READ_ONLY_ACCESS, S3_READ_ONLY, SECURITY_AUDIT, USER_CHANGE_PASSWORD,
};
pub(crate) use ours::{
    APP_DEPLOY, DATA_LAKE_READ, KEY_ADMINISTRATION, LOGS_READ_ONLY, LOGS_READ_ONLY_COPY, OURS,
    TEAM_BOUNDARY,
};

use super::Statement;

/// A stored version of a managed policy.
#[derive(Debug)]
pub(crate) struct PolicyVersion {
    /// The id, `v1`.
    pub(crate) id: &'static str,
    /// How many days before the inventory it was created.
    pub(crate) days_ago: i64,
    /// The statements.
    pub(crate) statements: &'static [&'static Statement],
}

/// A managed policy. The first of its versions is the default one, unless said otherwise.
#[derive(Debug)]
pub(crate) struct ManagedPolicy {
    /// The name.
    pub(crate) name: &'static str,
    /// The path.
    pub(crate) path: &'static str,
    /// Whether it is AWS's.
    pub(crate) by_aws: bool,
    /// The id of the version in force.
    pub(crate) default_version: &'static str,
    /// The stored versions, the latest first.
    pub(crate) versions: &'static [PolicyVersion],
}

impl ManagedPolicy {
    /// The policy's ARN as an account sees it.
    pub(crate) fn arn(&self, account: &str) -> String {
        let owner = if self.by_aws { "aws" } else { account };
        format!("arn:aws:iam::{owner}:policy{}{}", self.path, self.name)
    }

    /// When the policy was created: with the oldest version that is known, or a while before it.
    pub(crate) fn created_days_ago(&self) -> i64 {
        self.versions
            .iter()
            .map(|version| version.days_ago)
            .max()
            .unwrap_or(0)
    }
}

const fn version(
    id: &'static str,
    days_ago: i64,
    statements: &'static [&'static Statement],
) -> PolicyVersion {
    PolicyVersion {
        id,
        days_ago,
        statements,
    }
}

const fn ours(
    path: &'static str,
    name: &'static str,
    default_version: &'static str,
    versions: &'static [PolicyVersion],
) -> ManagedPolicy {
    ManagedPolicy {
        name,
        path,
        by_aws: false,
        default_version,
        versions,
    }
}

const fn aws(
    path: &'static str,
    name: &'static str,
    default_version: &'static str,
    versions: &'static [PolicyVersion],
) -> ManagedPolicy {
    ManagedPolicy {
        by_aws: true,
        ..ours(path, name, default_version, versions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_has_the_version_that_is_in_force() {
        for policy in OURS {
            let in_force = |version: &PolicyVersion| version.id == policy.default_version;
            assert!(policy.versions.iter().any(in_force), "{}", policy.name);
            assert!(policy.versions.len() <= 5, "{}", policy.name);
        }
    }

    #[test]
    fn the_owner_is_part_of_the_arn() {
        assert_eq!(
            APP_DEPLOY.arn("111122223333"),
            "arn:aws:iam::111122223333:policy/team/app-deploy"
        );
        assert_eq!(
            BILLING_JOB.arn("111122223333"),
            "arn:aws:iam::aws:policy/job-function/Billing"
        );
    }
}
