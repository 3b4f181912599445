//! Made-up accounts for tests about what principals can do, put together principal by principal.

use leastgrant_inventory::tables::{
    AccountSummaryRow, GroupMembershipRow, GroupRow, InlinePolicyRow, LastAccessedReportRow,
    LastAccessedServiceRow, ManagedPolicyRow, OrganizationAccountRow, OrganizationPolicyRow,
    OrganizationPolicyTargetRow, OrganizationRow, OrganizationalUnitRow, PolicyAttachmentRow,
    PolicyVersionRow, RoleRow, TrailRow, UsageRow, UsageSourceRow, UserRow,
};
use leastgrant_inventory::{DataKind, Days, Timestamp};

pub(crate) use crate::made_up::ACCOUNT;
use crate::made_up::{self, now};
use crate::{AuditOutcome, Finding};

const MADE: &str = "2025-01-01T00:00:00Z";

/// A statement of any effect; entries are separated by spaces.
pub(crate) fn statement(effect: &str, actions: &str, resources: &str, condition: &str) -> String {
    let list = |texts: &str| {
        let texts: Vec<&str> = texts.split(' ').collect();
        serde_json::to_string(&texts).unwrap()
    };
    let (negated, actions) = match actions.strip_prefix('!') {
        Some(actions) => ("Not", actions),
        None => ("", actions),
    };
    let (negated_resource, resources) = match resources.strip_prefix('!') {
        Some(resources) => ("Not", resources),
        None => ("", resources),
    };
    let condition = match condition {
        "" => String::new(),
        condition => format!(r#","Condition":{condition}"#),
    };
    format!(
        r#"{{"Effect":"{effect}","{negated}Action":{},"{negated_resource}Resource":{}{condition}}}"#,
        list(actions),
        list(resources)
    )
}

pub(crate) fn allow(actions: &str, resources: &str) -> String {
    statement("Allow", actions, resources, "")
}

pub(crate) fn deny(actions: &str, resources: &str) -> String {
    statement("Deny", actions, resources, "")
}

pub(crate) fn document(statements: &[String]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

pub(crate) fn arn(kind_and_name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind_and_name}")
}

/// One account, put together principal by principal. A principal is `user/NAME` or `role/NAME`.
pub(crate) struct World(made_up::World);

impl std::ops::Deref for World {
    type Target = made_up::World;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl std::ops::DerefMut for World {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self(made_up::World::new())
    }

    fn is_known(&self, principal: &str) -> bool {
        let arn = arn(principal);
        self.data.users.iter().any(|user| user.arn == arn)
            || self.data.roles.iter().any(|role| role.arn == arn)
    }

    /// A principal, if it is not there yet.
    pub(crate) fn principal(&mut self, principal: &str) {
        if self.is_known(principal) {
            return;
        }
        let created_at = Some(MADE.parse().unwrap());
        let name = principal.rsplit('/').next().unwrap().to_owned();
        if principal.starts_with("user/") {
            self.data.users.push(UserRow {
                account_id: ACCOUNT.to_owned(),
                arn: arn(principal),
                user_name: name,
                details_known: true,
                created_at,
                ..UserRow::default()
            });
        } else {
            self.data.roles.push(RoleRow {
                account_id: ACCOUNT.to_owned(),
                arn: arn(principal),
                role_name: name,
                is_service_linked: principal.contains("/aws-service-role/"),
                created_at,
                trust_policy: Some(r#"{"Statement":[]}"#.to_owned().into()),
                ..RoleRow::default()
            });
        }
    }

    /// An inline policy of a user, role or group.
    pub(crate) fn inline(&mut self, owner: &str, statements: &[String]) {
        if !owner.starts_with("group/") {
            self.principal(owner);
        }
        let count = self.data.inline_policies.len();
        self.data.inline_policies.push(InlinePolicyRow {
            account_id: ACCOUNT.to_owned(),
            principal_arn: arn(owner),
            policy_name: format!("inline-{count}"),
            document: document(statements).into(),
        });
    }

    /// A managed policy; AWS's where the ARN is.
    pub(crate) fn managed(&mut self, policy_arn: &str, statements: &[String]) {
        self.data.managed_policies.push(ManagedPolicyRow {
            account_id: ACCOUNT.to_owned(),
            arn: policy_arn.to_owned(),
            policy_name: policy_arn.rsplit('/').next().unwrap().to_owned(),
            default_version_id: Some("v1".to_owned()),
            ..ManagedPolicyRow::default()
        });
        self.data.policy_versions.push(PolicyVersionRow {
            account_id: ACCOUNT.to_owned(),
            policy_arn: policy_arn.to_owned(),
            version_id: "v1".to_owned(),
            is_default: true,
            document: Some(document(statements).into()),
            ..PolicyVersionRow::default()
        });
    }

    pub(crate) fn attach(&mut self, principal: &str, policy_arn: &str) {
        if !principal.starts_with("group/") {
            self.principal(principal);
        }
        self.data.policy_attachments.push(PolicyAttachmentRow {
            account_id: ACCOUNT.to_owned(),
            principal_arn: arn(principal),
            policy_arn: policy_arn.to_owned(),
            policy_name: policy_arn.rsplit('/').next().unwrap().to_owned(),
        });
    }

    pub(crate) fn group(&mut self, name: &str, users: &[&str]) {
        let group_arn = arn(&format!("group/{name}"));
        self.data.groups.push(GroupRow {
            account_id: ACCOUNT.to_owned(),
            arn: group_arn.clone(),
            group_name: name.to_owned(),
            ..GroupRow::default()
        });
        for user in users {
            self.principal(user);
            self.data.group_memberships.push(GroupMembershipRow {
                account_id: ACCOUNT.to_owned(),
                user_arn: arn(user),
                group_name: name.to_owned(),
                group_arn: Some(group_arn.clone()),
            });
        }
    }

    /// Gives a principal that is there a permissions boundary.
    pub(crate) fn boundary(&mut self, principal: &str, policy_arn: &str) {
        let own = arn(principal);
        for user in self.data.users.iter_mut().filter(|user| user.arn == own) {
            user.permissions_boundary_arn = Some(policy_arn.to_owned());
        }
        for role in self.data.roles.iter_mut().filter(|role| role.arn == own) {
            role.permissions_boundary_arn = Some(policy_arn.to_owned());
        }
    }

    /// Makes the account a member of an organisation with a service control policy at its root, beside `FullAWSAccess`.
    pub(crate) fn service_control(&mut self, statements: &[String]) {
        self.data.organizations.push(OrganizationRow {
            organization_id: "o-1".to_owned(),
            management_account_id: Some("999988887777".to_owned()),
            ..OrganizationRow::default()
        });
        self.data.organizational_units.push(OrganizationalUnitRow {
            id: "r-1".to_owned(),
            ..OrganizationalUnitRow::default()
        });
        self.data
            .organization_accounts
            .push(OrganizationAccountRow {
                account_id: ACCOUNT.to_owned(),
                parent_id: Some("r-1".to_owned()),
                ..OrganizationAccountRow::default()
            });
        let full = document(&[allow("*", "*")]);
        for (id, target, document) in [
            ("p-full", "r-1", full.clone()),
            ("p-full-account", ACCOUNT, full),
            ("p-own", "r-1", document(statements)),
        ] {
            self.data.organization_policies.push(OrganizationPolicyRow {
                policy_id: id.to_owned(),
                policy_type: Some("SERVICE_CONTROL_POLICY".to_owned()),
                document: Some(document.into()),
                ..OrganizationPolicyRow::default()
            });
            self.data
                .organization_policy_targets
                .push(OrganizationPolicyTargetRow {
                    policy_id: id.to_owned(),
                    target_id: target.to_owned(),
                    ..OrganizationPolicyTargetRow::default()
                });
        }
    }

    /// A number of the account summary.
    pub(crate) fn counter(&mut self, name: &str, value: i64) {
        self.data.account_summary.push(AccountSummaryRow {
            account_id: ACCOUNT.to_owned(),
            name: name.to_owned(),
            value,
        });
    }

    /// Logs of management events of all Regions for so many days before now.
    pub(crate) fn logs(&mut self, days: i64) {
        let last = day_before_now(1);
        let dates: Days = (last + 1 - days..=last).collect();
        for region in ["eu-west-1", "us-east-1"] {
            self.data.usage_sources.push(UsageSourceRow {
                run: 1,
                engine: "logs".into(),
                account_id: ACCOUNT.into(),
                region: region.into(),
                first_event: Some(time_of_day(last + 1 - days)),
                last_event: Some(time_of_day(last)),
                active_dates: dates.clone(),
                management_dates: dates.clone(),
                ..UsageSourceRow::default()
            });
        }
        self.data.trails.push(TrailRow {
            account_id: ACCOUNT.to_owned(),
            arn: format!("arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t"),
            is_multi_region: Some(true),
            include_global_service_events: Some(true),
            home_region: Some("eu-west-1".to_owned()),
            has_custom_event_selectors: Some(false),
            s3_bucket_name: Some("logs".to_owned()),
            ..TrailRow::default()
        });
        self.source(Some(ACCOUNT), DataKind::Trails);
    }

    /// A call in the logs, ten days before now.
    pub(crate) fn call(&mut self, principal: &str, name: &str, action: &str) {
        let service = action.split(':').next().unwrap();
        let day = day_before_now(10);
        self.data.usage.push(UsageRow {
            account_id: ACCOUNT.into(),
            principal_arn: arn(principal).into(),
            principal_type: "user".into(),
            event_source: format!("{service}.amazonaws.com").into(),
            event_name: name.into(),
            action: Some(action.into()),
            region: "eu-west-1".into(),
            outcome: "allowed".into(),
            count: 1,
            first_seen: Some(time_of_day(day)),
            last_seen: Some(time_of_day(day)),
            active_days: 1,
            active_dates: std::iter::once(day).collect(),
            ..UsageRow::default()
        });
    }

    /// Last-accessed data of today; a service was accessed so many days ago, or not at all.
    pub(crate) fn accessed(&mut self, principal: &str, services: &[(&str, Option<i64>)]) {
        self.data.last_accessed_reports.push(LastAccessedReportRow {
            account_id: ACCOUNT.into(),
            principal_arn: arn(principal).into(),
            granularity: "service".into(),
            completed_at: Some(now()),
        });
        for (service, days) in services {
            self.data
                .last_accessed_services
                .push(LastAccessedServiceRow {
                    account_id: ACCOUNT.into(),
                    principal_arn: arn(principal).into(),
                    service_namespace: (*service).into(),
                    last_authenticated_at: days.map(|days| time_of_day(day_before_now(days))),
                    ..LastAccessedServiceRow::default()
                });
        }
    }

    pub(crate) fn audit(&self, settings: &str, rules: &[&str]) -> AuditOutcome {
        self.audit_by(settings, rules)
    }

    /// The findings of a rule, a line each: about whom, how sure, and in words.
    pub(crate) fn findings(&self, rule: &str) -> String {
        lines(&self.audit("", &[rule]).findings)
    }
}

pub(crate) fn lines(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let about = finding.resource_arn.rsplit_once(&format!("{ACCOUNT}:"));
        let about = about.map_or(finding.resource_arn.as_str(), |(_, about)| about);
        let confidence = finding.confidence.name();
        format!("{about} ({confidence}): {}", finding.detail)
    };
    let mut lines: Vec<String> = findings.iter().map(line).collect();
    lines.sort();
    lines.join("\n")
}

pub(crate) fn day_before_now(days: i64) -> i64 {
    now().as_second() / 86_400 - days
}

pub(crate) fn time_of_day(day: i64) -> Timestamp {
    Timestamp::from_second(day * 86_400 + 43_200).unwrap()
}
