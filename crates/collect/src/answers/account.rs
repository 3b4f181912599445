//! The account itself: `account.json`, its summary, password policy and alias.

use leastgrant_inventory::tables::{AccountRow, AccountSummaryRow, PasswordPolicyRow};
use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;

use super::{Problem, Problems, Reader};
use crate::answer::{Answer, Members};
use crate::facts::{AccountFile, Piece, partition_of};
use crate::{elements, time};

pub(crate) const READERS: &[Reader] = &[
    Reader::new(
        "sts:GetCallerIdentity",
        DataKind::AccountSummary,
        "Account",
        account_file,
    )
    .if_only(is_account_file),
    Reader::new(
        "iam:GetAccountSummary",
        DataKind::AccountSummary,
        "SummaryMap",
        summary,
    ),
    Reader::new(
        "iam:GetAccountPasswordPolicy",
        DataKind::PasswordPolicy,
        "PasswordPolicy",
        password_policy,
    )
    .or_absent(no_password_policy),
    Reader::new(
        "iam:ListAccountAliases",
        DataKind::AccountAlias,
        "AccountAliases",
        alias,
    ),
];

fn is_account_file(members: &Members<'_>) -> bool {
    members.text("Account").is_some_and(|account| {
        !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn account_file(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(account_id) = answer.members.text("Account") else {
        problems.push(Problem::at(
            "/Account",
            "twelve digits in quotes were expected",
        ));
        return;
    };
    let collected_at = stated_at(answer, "collected_at", problems);
    // `caller` is the whole answer of sts:GetCallerIdentity in a bundle, and that answer's `Arn` by itself.
    let caller_arn = answer
        .members
        .object("caller")
        .and_then(|caller| caller.text("Arn"))
        .or_else(|| answer.members.text("caller"))
        .or_else(|| answer.members.text("Arn"));
    let partition = answer.members.text("Partition").or_else(|| {
        caller_arn
            .as_deref()
            .and_then(partition_of)
            .map(str::to_owned)
    });
    if answer
        .members
        .get("complete")
        .is_some_and(|complete| complete.get() == "false")
    {
        problems.push(Problem::at(
            "/complete",
            "the export did not come to its end; run the script again",
        ));
    }
    piece.account_id = Some(account_id.clone());
    piece.facts.entities.account = Some(AccountFile {
        account_id,
        partition,
        caller_arn,
        collected_at,
    });
}

fn summary(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let counters: Option<std::collections::BTreeMap<String, i64>> =
        elements::one(answer, "SummaryMap", problems);
    piece.facts.rows.account_summary = counters
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| AccountSummaryRow {
            account_id: String::new(),
            name,
            value,
        })
        .collect();
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PasswordPolicy {
    minimum_password_length: Option<i64>,
    require_symbols: Option<bool>,
    require_numbers: Option<bool>,
    require_uppercase_characters: Option<bool>,
    require_lowercase_characters: Option<bool>,
    allow_users_to_change_password: Option<bool>,
    expire_passwords: Option<bool>,
    max_password_age: Option<i64>,
    password_reuse_prevention: Option<i64>,
    hard_expiry: Option<bool>,
}

fn password_policy(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let policy: Option<PasswordPolicy> = elements::one(answer, "PasswordPolicy", problems);
    piece
        .facts
        .rows
        .password_policies
        .extend(policy.map(|policy| PasswordPolicyRow {
            account_id: String::new(),
            is_set: true,
            minimum_length: policy.minimum_password_length,
            require_symbols: policy.require_symbols,
            require_numbers: policy.require_numbers,
            require_uppercase: policy.require_uppercase_characters,
            require_lowercase: policy.require_lowercase_characters,
            allow_users_to_change: policy.allow_users_to_change_password,
            expire: policy.expire_passwords,
            max_age: policy.max_password_age,
            reuse_prevention: policy.password_reuse_prevention,
            hard_expiry: policy.hard_expiry,
        }));
}

fn no_password_policy(_answer: &Answer<'_>, piece: &mut Piece) {
    piece
        .facts
        .rows
        .password_policies
        .push(PasswordPolicyRow::default());
}

fn alias(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let aliases: Vec<String> = elements::list(answer, "AccountAliases", problems);
    // An account has at most one alias. The assembly joins this row to the account's own.
    piece
        .facts
        .rows
        .accounts
        .extend(aliases.into_iter().next().map(|alias| AccountRow {
            alias: Some(alias),
            ..AccountRow::default()
        }));
}

/// The moment that an answer states for itself.
pub(crate) fn stated_at(
    answer: &Answer<'_>,
    member: &str,
    problems: &mut Problems,
) -> Option<Timestamp> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct At(#[serde(deserialize_with = "time::optional")] Option<Timestamp>);
    elements::one::<At>(answer, member, problems).and_then(|At(at)| at)
}
