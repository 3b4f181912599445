//! Small words that all who speak of an inventory share.

use std::fmt::Display;

/// The number with its noun: `1 policy`, `2 policies`, `3 keys`.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let stem = noun
        .strip_suffix('y')
        .filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match stem {
        _ if count == N::from(1) => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

/// Whether a text is an account id: twelve digits.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account in an ARN; none where there is none, or `aws`, whose own policies have that in its place.
#[must_use]
pub fn account_of_arn(arn: &str) -> Option<&str> {
    let account = arn.split(':').nth(4)?;
    is_account(account).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_its_noun_in_the_singular_or_the_plural() {
        let said = [0, 1, 2].map(|count: usize| counted(count, "gap"));
        assert_eq!(said, ["0 gaps", "1 gap", "2 gaps"]);
        assert_eq!(counted(-1_i64, "managed policy"), "-1 managed policies");
        assert_eq!(counted(1_u64, "managed policy"), "1 managed policy");
        let said = ["key", "day"].map(|noun| counted(2_u32, noun));
        assert_eq!(said, ["2 keys", "2 days"]);
    }

    #[test]
    fn only_twelve_digits_are_an_account() {
        let of = |account: &str| {
            account_of_arn(&format!("arn:aws:iam::{account}:user/a:b")).map(str::to_owned)
        };
        assert_eq!(of("111122223333"), Some("111122223333".to_owned()));
        for none in ["", "aws", "11112222333", "11112222333x"] {
            assert_eq!(of(none), None);
        }
        assert_eq!(account_of_arn("arn:aws:iam"), None);
    }
}
