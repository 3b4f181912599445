//! What an account tells about itself: who was asked, the summary and the password policy.

use serde::Serialize;

use super::Folder;
use super::wrapped::{NoParameters, Refusal, Wrapped};
use crate::Error;
use crate::model::{Account, PasswordPolicy};
use crate::moment::{Moment, Zulu};
use crate::policy::groups::GROUPS;
use crate::policy::managed::OURS;

#[derive(Serialize)]
struct AccountFile<'a> {
    #[serde(rename = "Account")]
    account: &'a str,
    #[serde(rename = "Partition")]
    partition: &'static str,
    collected_at: Zulu,
    caller: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SummaryFile {
    summary_map: SummaryMap,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SummaryMap {
    users: usize,
    users_quota: u32,
    groups: usize,
    groups_quota: u32,
    roles: usize,
    roles_quota: u32,
    policies: usize,
    policies_quota: u32,
    #[serde(rename = "MFADevices")]
    mfa_devices: usize,
    #[serde(rename = "MFADevicesInUse")]
    mfa_devices_in_use: usize,
    #[serde(rename = "AccountMFAEnabled")]
    account_mfa_enabled: u8,
    account_access_keys_present: u8,
    account_password_present: u8,
    account_signing_certificates_present: u8,
    access_keys_per_user_quota: u32,
    attached_policies_per_user_quota: u32,
    attached_policies_per_role_quota: u32,
    attached_policies_per_group_quota: u32,
    groups_per_user_quota: u32,
    versions_per_policy_quota: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PasswordPolicyFile {
    password_policy: PasswordPolicyAnswer,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PasswordPolicyAnswer {
    minimum_password_length: u32,
    require_symbols: bool,
    require_numbers: bool,
    require_uppercase_characters: bool,
    require_lowercase_characters: bool,
    allow_users_to_change_password: bool,
    expire_passwords: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_password_age: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_reuse_prevention: Option<u32>,
}

/// Writes the three files, or two and the refusal where there is no password policy.
pub(super) fn write(account: &Account, folder: &Folder) -> Result<(), Error> {
    let id = &account.id;
    folder.write_json(
        &format!("{id}/account.json"),
        &AccountFile {
            account: id,
            partition: "aws",
            collected_at: Zulu(Moment::NOW),
            caller: format!("arn:aws:sts::{id}:assumed-role/inventory-reader/quarterly"),
        },
    )?;
    folder.write_json(
        &format!("{id}/account-summary.json"),
        &SummaryFile {
            summary_map: summary(account),
        },
    )?;
    match account.password_policy {
        Some(policy) => folder.write_json(
            &format!("{id}/password-policy.json"),
            &PasswordPolicyFile {
                password_policy: password_policy(policy),
            },
        ),
        None => folder.write_json(
            &format!("{id}/calls/password-policy.json"),
            &Wrapped::<_, ()> {
                call: "iam:GetAccountPasswordPolicy",
                parameters: NoParameters {},
                answer: None,
                error: Some(Refusal {
                    code: "NoSuchEntity",
                    message: "The Password Policy with domain name cannot be found.",
                }),
            },
        ),
    }
}

fn summary(account: &Account) -> SummaryMap {
    let root = &account.root;
    let devices = account.users.iter().filter(|user| user.mfa).count();
    SummaryMap {
        users: account.users.len(),
        users_quota: 5_000.max(u32::try_from(account.users.len()).unwrap_or(u32::MAX)),
        groups: GROUPS.len(),
        groups_quota: 300,
        roles: account.roles.len(),
        roles_quota: 1_000.max(u32::try_from(account.roles.len()).unwrap_or(u32::MAX)),
        policies: OURS.len(),
        policies_quota: 1_500,
        mfa_devices: devices.saturating_add(usize::from(root.mfa)),
        mfa_devices_in_use: devices.saturating_add(usize::from(root.mfa)),
        account_mfa_enabled: u8::from(root.mfa),
        account_access_keys_present: u8::from(root.keys.iter().any(|key| key.active)),
        account_password_present: u8::from(root.password_enabled != "false"),
        account_signing_certificates_present: 0,
        access_keys_per_user_quota: 2,
        attached_policies_per_user_quota: 10,
        attached_policies_per_role_quota: 10,
        attached_policies_per_group_quota: 10,
        groups_per_user_quota: 10,
        versions_per_policy_quota: 5,
    }
}

fn password_policy(policy: PasswordPolicy) -> PasswordPolicyAnswer {
    PasswordPolicyAnswer {
        minimum_password_length: policy.minimum_length,
        require_symbols: true,
        require_numbers: true,
        require_uppercase_characters: true,
        require_lowercase_characters: true,
        allow_users_to_change_password: true,
        expire_passwords: policy.maximum_age_in_days.is_some(),
        max_password_age: policy.maximum_age_in_days,
        password_reuse_prevention: policy.reuse_prevention,
    }
}
