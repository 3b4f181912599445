//! `trusts-deleted-principal`: role trusts a user or role that is gone.

use std::collections::BTreeSet;

use leastgrant_policy::principal::PrincipalKind;

use super::trusted_roles;
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "trusts-deleted-principal";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Role trusts a user or role that was deleted",
        what_it_does: "Reports roles whose trust policy allows a unique id (`AIDA...` of a user, `AROA...` of a role) in the place of an ARN. IAM keeps principals by their ids and shows the ARN as long as there is one; what is left is the id of a principal that was deleted.",
        why_it_is_bad: "Nobody can use the entry: a principal made again under the name gets another id. But who looks at the policy does not see that, and whoever writes the ARN in again opens the role to whoever has the name now.",
        evidence_needed: "Trust policies.",
        limits: "An id that the inventory has a principal for is no finding. In conditions, such as on `aws:userid`, ids are as they should be.",
        remediation: "Take the entry out of the trust policy. If it is the only one, nothing can assume the role by it: delete the role, or name who should.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    let account = context.account.account;
    let users = account.users.iter();
    let of_users = users.filter_map(|facts| facts.user.user_id.as_deref());
    let of_roles = account
        .roles
        .iter()
        .filter_map(|role| role.role_id.as_deref());
    let known: std::collections::HashSet<&str> = of_users.chain(of_roles).collect();
    trusted_roles::for_each(context, output, |role, judged| {
        let trusted = role.trusted_of(PrincipalKind::Aws);
        // Whom several statements name is one.
        let others = role
            .trusted()
            .collect::<BTreeSet<_>>()
            .len()
            .saturating_sub(1);
        for id in trusted.into_iter().filter(|text| is_unique_id(text)) {
            if known.contains(id) {
                continue;
            }
            let what = match id.starts_with("AIDA") {
                true => "user",
                false => "role",
            };
            let only = match others {
                0 => ", and nobody else".to_owned(),
                1 => ", and one other principal".to_owned(),
                others => format!(", and {others} other principals"),
            };
            let mut draft = Draft::role(role.row, RULE.metadata.summary)
                .detail(format!(
                    "it trusts `{id}`, the id of a {what} that was deleted{only}"
                ))
                .evidence("trust policy", format!("principal `{id}`"))
                .remediation(RULE.metadata.remediation);
            id.clone_into(&mut draft.discriminator);
            judged.output.find(draft);
        }
    });
}

/// IAM User Guide, "IAM identifiers": unique ids.
fn is_unique_id(text: &str) -> bool {
    const LEAST: usize = 16;
    let is_prefixed = ["AIDA", "AROA"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    is_prefixed
        && text.len() >= LEAST
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_users_and_roles_are_told_from_arns_and_accounts() {
        for (text, expected) in [
            ("AIDAQQQQQQQQQQQQQQQQQ", true),
            ("AROAQQQQQQQQQQQQQQQQQ", true),
            ("AIDA", false),
            ("ASIAQQQQQQQQQQQQQQQQQ", false),
            ("111122223333", false),
            (
                "arn:aws:iam::111122223333:user/AIDAQQQQQQQQQQQQQQQQQ",
                false,
            ),
        ] {
            assert_eq!(is_unique_id(text), expected, "{text}");
        }
    }
}
