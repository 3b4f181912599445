//! `calls/user-credentials.json`: credentials that no other file shows, for every user of the
//! account. Their answers do not name a user when they are empty, so each is wrapped.

use serde::Serialize;

use super::Folder;
use super::wrapped::Calls;
use crate::Error;
use crate::model::{Account, ServiceCredential, User};
use crate::moment::Moment;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct OfUser<'a> {
    user_name: &'a str,
}

#[derive(Serialize)]
struct SshKeys<'a> {
    #[serde(rename = "SSHPublicKeys")]
    keys: Vec<SshKey<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SshKey<'a> {
    user_name: &'a str,
    #[serde(rename = "SSHPublicKeyId")]
    id: &'a str,
    status: &'static str,
    upload_date: Moment,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SpecificCredentials<'a> {
    service_specific_credentials: Vec<SpecificCredential<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SpecificCredential<'a> {
    user_name: &'a str,
    status: &'static str,
    /// The user name for services with user name and password; API keys have an alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_credential_alias: Option<String>,
    create_date: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_date: Option<Moment>,
    service_specific_credential_id: &'a str,
    service_name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Certificates<'a> {
    certificates: Vec<Certificate<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Certificate<'a> {
    user_name: &'a str,
    certificate_id: &'a str,
    /// The public half, which is no certificate at all: the letters say "made up".
    certificate_body: &'static str,
    status: &'static str,
    upload_date: Moment,
}

#[derive(Serialize)]
struct Devices<'a> {
    #[serde(rename = "MFADevices")]
    devices: Vec<Device<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Device<'a> {
    user_name: &'a str,
    serial_number: String,
    enable_date: Moment,
}

/// Writes the answers of four calls for every user.
pub(super) fn write(account: &Account, folder: &Folder) -> Result<(), Error> {
    let mut calls = Calls::default();
    for user in &account.users {
        add(&mut calls, account, user)?;
    }
    folder.write_json(
        &format!("{}/calls/user-credentials.json", account.id),
        &calls,
    )
}

fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}

fn add(calls: &mut Calls, account: &Account, user: &User) -> Result<(), Error> {
    let user_name = user.name.as_str();
    let mut ssh_keys = Vec::new();
    let mut specific = Vec::new();
    let mut certificates = Vec::new();
    match &user.service_credential {
        None => {}
        Some(ServiceCredential::SshKey {
            id,
            active,
            uploaded,
        }) => ssh_keys.push(SshKey {
            user_name,
            id,
            status: status(*active),
            upload_date: *uploaded,
        }),
        Some(ServiceCredential::ServiceSpecific {
            id,
            service,
            created,
            expires,
        }) => {
            let with_password = expires.is_none();
            let name = format!("{user_name}-at-{}", account.id);
            specific.push(SpecificCredential {
                user_name,
                status: status(true),
                service_user_name: with_password.then(|| name.clone()),
                service_credential_alias: (!with_password).then_some(name),
                create_date: *created,
                expiration_date: *expires,
                service_specific_credential_id: id,
                service_name: service,
            });
        }
        Some(ServiceCredential::SigningCertificate {
            id,
            active,
            uploaded,
        }) => certificates.push(Certificate {
            user_name,
            certificate_id: id,
            certificate_body: "-----BEGIN CERTIFICATE-----\nbWFkZSB1cA==\n-----END CERTIFICATE-----",
            status: status(*active),
            upload_date: *uploaded,
        }),
    }
    let devices = user.mfa.then(|| Device {
        user_name,
        serial_number: format!("arn:aws:iam::{}:mfa/{user_name}", account.id),
        enable_date: user.common.created.later(611),
    });
    let parameters = OfUser { user_name };
    calls.add(
        "iam:ListSSHPublicKeys",
        &parameters,
        &SshKeys { keys: ssh_keys },
    )?;
    calls.add(
        "iam:ListServiceSpecificCredentials",
        &parameters,
        &SpecificCredentials {
            service_specific_credentials: specific,
        },
    )?;
    calls.add(
        "iam:ListSigningCertificates",
        &parameters,
        &Certificates { certificates },
    )?;
    calls.add(
        "iam:ListMFADevices",
        &parameters,
        &Devices {
            devices: devices.into_iter().collect(),
        },
    )
}
