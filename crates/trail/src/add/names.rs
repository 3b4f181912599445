//! Users and roles whose path a record does not tell, by the inventory.
//!
//! An assumed-role ARN names the role without its path. Names of users and of roles are unique in an account, whatever their
//! path and case (IAM User Guide, "IAM and AWS STS quotas").

use std::collections::HashMap;
use std::sync::Arc;

use leastgrant_inventory::tables::{RoleRow, UsageRow, UserRow};

/// The ARNs of an inventory's users and roles, by their ARNs without path and case.
pub(super) struct KnownNames(HashMap<String, Arc<str>>);

impl KnownNames {
    pub(super) fn of(users: &[UserRow], roles: &[RoleRow]) -> Self {
        let users = users.iter().map(|user| &*user.arn);
        Self::of_arns(users.chain(roles.iter().map(|role| &*role.arn)))
    }

    fn of_arns<'a>(arns: impl Iterator<Item = &'a str>) -> Self {
        let names = arns.filter_map(|arn| {
            let (before, name) = split(arn)?;
            let name = name.rsplit('/').next()?;
            Some((format!("{before}{name}").to_lowercase(), arn.into()))
        });
        Self(names.collect())
    }

    /// Gives the row's principal its path.
    pub(super) fn complete(&self, row: &mut UsageRow) {
        let Some((_, name)) = split(&row.principal_arn) else {
            return;
        };
        // With a path the ARN is whole.
        if name.contains('/') {
            return;
        }
        if let Some(arn) = self.0.get(&row.principal_arn.to_lowercase()) {
            row.principal_arn = Arc::clone(arn);
        }
    }
}

/// `arn:aws:iam::ACCOUNT:role/` and what comes after, path included.
fn split(arn: &str) -> Option<(&str, &str)> {
    let at = [":role/", ":user/"]
        .iter()
        .find_map(|kind| Some(arn.find(kind)? + kind.len()))?;
    arn.split_at_checked(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_path_gets_that_of_the_inventory() {
        let known = [
            "arn:aws:iam::111122223333:role/ci/Deploy",
            "arn:aws:iam::111122223333:user/team/ann",
            "arn:aws:iam::111122223333:user/bob",
        ];
        let names = KnownNames::of_arns(known.into_iter());
        for (told, expected) in [
            ("arn:aws:iam::111122223333:role/deploy", known[0]),
            ("arn:aws:iam::111122223333:user/ann", known[1]),
            ("arn:aws:iam::111122223333:user/bob", known[2]),
            (
                "arn:aws:iam::111122223333:role/ann",
                "arn:aws:iam::111122223333:role/ann",
            ),
            (
                "arn:aws:iam::444455556666:role/deploy",
                "arn:aws:iam::444455556666:role/deploy",
            ),
            // What has another path is another one, which was there before.
            (
                "arn:aws:iam::111122223333:role/old/deploy",
                "arn:aws:iam::111122223333:role/old/deploy",
            ),
            ("ec2.amazonaws.com", "ec2.amazonaws.com"),
            ("", ""),
        ] {
            let mut row = UsageRow {
                principal_arn: told.into(),
                ..UsageRow::default()
            };
            names.complete(&mut row);
            assert_eq!(&*row.principal_arn, expected);
        }
    }
}
