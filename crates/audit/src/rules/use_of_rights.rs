//! What rules on unused rights share: whether the logs of an account can tell anything.

use leastgrant_evidence::Verdict;

use crate::context::Output;
use crate::policy_facts::EvidenceContext;

/// An action of a global service that every trail of management events logs: if its absence tells nothing, none does.
const ALWAYS_LOGGED: &str = "iam:ListUsers";

impl EvidenceContext<'_> {
    /// Says so if the logs can prove nothing of the account unused.
    pub(super) fn report_missing_logs(&self, output: &mut Output) {
        let account = self.policy.account.account;
        let verdict = self.evidence.verdict(&account.root_arn(), ALWAYS_LOGGED);
        let Verdict::Unknown(reasons) = verdict else {
            return;
        };
        if let Some(reason) = reasons.first() {
            output.not_checked(format!("CloudTrail logs tell nothing unused: {reason}"));
        }
    }
}
