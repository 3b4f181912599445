//! What rules on unused rights share: whether the logs of an account can tell anything.

use leastgrant_evidence::Verdict;

use crate::context::Output;
use crate::contexts::EvidenceContext;

/// Actions that every trail of management events logs: if the absence of one tells nothing, that of none of its kind does.
const ALWAYS_LOGGED: [(&str, &str); 2] = [
    ("iam:ListUsers", " of global services"),
    ("ec2:DescribeInstances", " of services in Regions"),
];

impl EvidenceContext<'_> {
    /// Says so if the logs can prove nothing of the account unused, or nothing of one kind.
    pub(super) fn report_missing_logs(&self, output: &mut Output) {
        let account = &self.policy.account.account;
        // A role that nobody has, so that what is known of one principal alone, such as the root user, is not said of the logs.
        let nobody = format!(
            "arn:{}:iam::{}:role/",
            account.partition, account.account_id
        );
        let unknown =
            ALWAYS_LOGGED.map(
                |(action, of)| match self.evidence.verdict(&nobody, action) {
                    Verdict::Unknown(reasons) => {
                        reasons.first().map(|reason| (of, reason.to_string()))
                    }
                    Verdict::Used(_) | Verdict::Unused(_) => None,
                },
            );
        let of_all = unknown.iter().all(Option::is_some);
        let told = unknown.into_iter().flatten();
        for (of, reason) in told.take(if of_all { 1 } else { ALWAYS_LOGGED.len() }) {
            let of = if of_all { "" } else { of };
            output.not_checked(format!("CloudTrail logs tell nothing unused{of}: {reason}"));
        }
    }
}
