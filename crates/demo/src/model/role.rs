//! Roles and who may assume them.

use super::usage::Schedule;
use super::{Actor, Common, Rhythm, Rule, Use};
use crate::calls::ApiCall;
use crate::moment::Moment;

/// Who may assume a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// An AWS service.
    Service(&'static str),
    /// Every principal of the role's own account that is allowed to, with MFA.
    OwnAccountWithMfa,
    /// One principal, named by its ARN.
    Principal(String),
    /// An account outside the organisation, with an external id.
    Vendor {
        /// The account.
        account: String,
        /// The external id.
        external_id: String,
    },
    /// A role of another account of the organisation, named by its ARN. If that account is in
    /// the bundle, its event and the one in this account share an id.
    Hub {
        /// The role's account.
        account: String,
        /// The role's ARN.
        arn: String,
    },
    /// A workflow of a repository on GitHub.
    GitHub {
        /// The repository, `organisation/name`.
        repository: String,
    },
    /// A service account of a Kubernetes cluster.
    Cluster {
        /// The id of the cluster's identity provider.
        provider: String,
        /// The service account, `namespace:name`.
        service_account: String,
    },
    /// People who come through Identity Center.
    IdentityCenter,
    /// Every principal of the organisation: `*` under a condition.
    WholeOrganisation,
    /// Everybody: `*` without a condition.
    Everybody,
    /// A user who was deleted: IAM shows the unique id in place of the ARN.
    DeletedUser {
        /// The unique id, `AIDA…`.
        id: String,
    },
}

/// A role.
#[derive(Debug)]
pub(crate) struct Role {
    /// The role's name.
    pub(crate) name: String,
    /// The role's ARN, path included.
    pub(crate) arn: String,
    /// What users and roles have in common.
    pub(crate) common: Common,
    /// Who may assume it.
    pub(crate) trust: Trust,
    /// The name of the instance profile that holds it.
    pub(crate) instance_profile: Option<&'static str>,
    /// The permission set that it was made from.
    pub(crate) permission_set: Option<&'static str>,
    /// The role's last use in place of the one that follows from its calls.
    pub(crate) recorded_last_use: Option<Moment>,
}

impl Role {
    /// Calls an API in a session that is opened for it.
    pub(crate) fn call(&mut self, call: &'static ApiCall, rhythm: Rhythm, last: Moment) {
        self.common.grant(call.grants);
        self.add_use(call, rhythm, last, true, None);
    }

    /// Calls a further API in the session of the call before, so at the same times.
    pub(crate) fn also_call(&mut self, call: &'static ApiCall) {
        self.common.grant(call.grants);
        if let Some(schedule) = self.common.uses.last().map(|last| last.schedule) {
            self.add_use(call, schedule.rhythm, schedule.last, false, None);
        }
    }

    /// Calls a further API in the session of the call before, in vain.
    pub(crate) fn also_call_denied(&mut self, call: &'static ApiCall, reason: &'static str) {
        if let Some(schedule) = self.common.uses.last().map(|last| last.schedule) {
            self.add_use(call, schedule.rhythm, schedule.last, false, Some(reason));
        }
    }

    fn add_use(
        &mut self,
        call: &'static ApiCall,
        rhythm: Rhythm,
        last: Moment,
        opened_for_it: bool,
        denied: Option<&'static str>,
    ) {
        self.common.uses.push(Use {
            call,
            region: call.home.unwrap_or(self.common.place.region),
            schedule: Schedule {
                rhythm,
                last,
                not_before: self.common.created,
            },
            actor: Actor::Session { opened_for_it },
            denied,
            invoked_by: None,
            client: None,
        });
    }

    /// When and where the role was last used, as `RoleLastUsed` has it.
    pub(crate) fn last_used(&self) -> Option<(Moment, &'static str)> {
        let latest = self
            .common
            .uses
            .iter()
            .max_by_key(|used| used.schedule.last)?;
        let at = self
            .recorded_last_use
            .unwrap_or_else(|| latest.schedule.recorded_last_use());
        Some((at, latest.region))
    }

    /// States that an auditor must find this.
    pub(crate) fn expect(&mut self, rule: Rule) {
        self.common.expect(rule);
    }

    /// States that these rules must find nothing here, although they nearly would.
    pub(crate) fn nearly(&mut self, rules: &[Rule]) {
        self.common.nearly(rules);
    }
}
