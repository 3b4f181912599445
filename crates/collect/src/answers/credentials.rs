//! MFA devices, console passwords, SSH keys, service-specific credentials and signing certificates.

use leastgrant_inventory::tables::{LongLivedCredentialRow, MfaDeviceRow};
use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;

use super::{Problem, Problems, Reader};
use crate::answer::Answer;
use crate::facts::{LoginProfileFacts, OwnedList, Piece, account_of};
use crate::{elements, time};

pub(crate) const READERS: &[Reader] = &[
    Reader::new(
        "iam:ListMFADevices",
        DataKind::MfaDevices,
        "MFADevices",
        mfa_devices,
    ),
    Reader::new(
        "iam:ListVirtualMFADevices",
        DataKind::MfaDevices,
        "VirtualMFADevices",
        virtual_mfa_devices,
    ),
    Reader::new(
        "iam:GetLoginProfile",
        DataKind::LoginProfiles,
        "LoginProfile",
        login_profile,
    )
    .or_absent(no_login_profile),
    Reader::new(
        "iam:ListSSHPublicKeys",
        DataKind::SshPublicKeys,
        "SSHPublicKeys",
        ssh_public_keys,
    ),
    Reader::new(
        "iam:ListServiceSpecificCredentials",
        DataKind::ServiceSpecificCredentials,
        "ServiceSpecificCredentials",
        service_specific_credentials,
    ),
    Reader::new(
        "iam:ListSigningCertificates",
        DataKind::SigningCertificates,
        "Certificates",
        signing_certificates,
    ),
];

/// The members of all these listings; each listing has some of them. Secrets are not among them, so none is read.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    user_name: Option<String>,
    serial_number: Option<String>,
    #[serde(rename = "SSHPublicKeyId")]
    ssh_public_key_id: Option<String>,
    service_specific_credential_id: Option<String>,
    certificate_id: Option<String>,
    service_name: Option<String>,
    status: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    create_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::optional")]
    upload_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::optional")]
    enable_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::optional")]
    expiration_date: Option<Timestamp>,
}

fn mfa_devices(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    piece.facts.credentials.mfa_lists = by_owner(
        answer,
        "MFADevices",
        DataKind::MfaDevices,
        piece.truncated,
        problems,
        |item| {
            Some(MfaDeviceRow {
                serial_number: item.serial_number?,
                enabled_at: item.enable_date,
                ..MfaDeviceRow::default()
            })
        },
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VirtualMfaDevice {
    serial_number: String,
    user: Option<DeviceUser>,
    #[serde(default, deserialize_with = "time::optional")]
    enable_date: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeviceUser {
    arn: Option<String>,
}

/// Names the user by ARN, but shows virtual devices only: it proves that a user has MFA, never that one has none.
fn virtual_mfa_devices(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let devices: Vec<VirtualMfaDevice> = elements::list(answer, "VirtualMFADevices", problems);
    piece
        .facts
        .rows
        .mfa_devices
        .extend(devices.into_iter().filter_map(|device| {
            let user_arn = device.user.and_then(|user| user.arn)?;
            Some(MfaDeviceRow {
                account_id: account_of(&user_arn).unwrap_or_default().to_owned(),
                user_arn,
                serial_number: device.serial_number,
                enabled_at: device.enable_date,
            })
        }));
    piece.account_id = super::shapes::common_account(
        piece
            .facts
            .rows
            .mfa_devices
            .iter()
            .map(|device| device.user_arn.as_str()),
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoginProfile {
    user_name: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    create_date: Option<Timestamp>,
}

fn login_profile(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(profile) = elements::one::<LoginProfile>(answer, "LoginProfile", problems) else {
        return;
    };
    match profile.user_name.or_else(|| answer.parameter("UserName")) {
        Some(user_name) => {
            piece
                .facts
                .credentials
                .login_profiles
                .push(LoginProfileFacts {
                    user_name,
                    created_at: profile.create_date,
                    exists: true,
                });
        }
        None => problems.push(Problem::at(
            "/LoginProfile/UserName",
            "the user's name is missing",
        )),
    }
}

fn no_login_profile(answer: &Answer<'_>, piece: &mut Piece) {
    if let Some(user_name) = answer.parameter("UserName") {
        piece
            .facts
            .credentials
            .login_profiles
            .push(LoginProfileFacts {
                user_name,
                created_at: None,
                exists: false,
            });
    }
}

fn ssh_public_keys(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    long_lived(
        answer,
        piece,
        problems,
        "SSHPublicKeys",
        DataKind::SshPublicKeys,
        "ssh_public_key",
        |item| item.ssh_public_key_id.clone(),
    );
}

fn service_specific_credentials(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    long_lived(
        answer,
        piece,
        problems,
        "ServiceSpecificCredentials",
        DataKind::ServiceSpecificCredentials,
        "service_specific_credential",
        |item| item.service_specific_credential_id.clone(),
    );
}

fn signing_certificates(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    long_lived(
        answer,
        piece,
        problems,
        "Certificates",
        DataKind::SigningCertificates,
        "signing_certificate",
        |item| item.certificate_id.clone(),
    );
}

fn long_lived(
    answer: &Answer<'_>,
    piece: &mut Piece,
    problems: &mut Problems,
    member: &str,
    data_kind: DataKind,
    kind: &str,
    id: fn(&Item) -> Option<String>,
) {
    piece.facts.credentials.long_lived_lists = by_owner(
        answer,
        member,
        data_kind,
        piece.truncated,
        problems,
        |item| {
            Some(LongLivedCredentialRow {
                kind: kind.to_owned(),
                credential_id: Some(id(&item)?),
                service_name: item.service_name,
                // Expired is the third status, of service-specific credentials.
                is_active: item.status.as_deref() == Some("Active"),
                created_at: item.create_date.or(item.upload_date),
                expires_at: item.expiration_date,
                ..LongLivedCredentialRow::default()
            })
        },
    );
}

/// Groups a listing by its owner. The items name their user; an empty list has its user only in the wrapping.
fn by_owner<T>(
    answer: &Answer<'_>,
    member: &str,
    kind: DataKind,
    is_truncated: bool,
    problems: &mut Problems,
    convert: impl Fn(Item) -> Option<T>,
) -> Vec<OwnedList<T>> {
    let before = problems.len();
    let items: Vec<Item> = elements::required_list(answer, member, problems);
    let parameter = answer.parameter("UserName");
    let mut lists: Vec<OwnedList<T>> = Vec::new();
    for (index, mut item) in items.into_iter().enumerate() {
        let Some(user_name) = item.user_name.take().or_else(|| parameter.clone()) else {
            problems.push(Problem::at(
                &format!("/{member}/{index}/UserName"),
                "the user's name is missing",
            ));
            continue;
        };
        let Some(converted) = convert(item) else {
            problems.push(Problem::at(
                &format!("/{member}/{index}"),
                "the id is missing",
            ));
            continue;
        };
        match lists.iter_mut().find(|list| list.user_name == user_name) {
            Some(list) => list.items.push(converted),
            None => lists.push(OwnedList {
                user_name,
                truncated: is_truncated,
                kind,
                items: vec![converted],
            }),
        }
    }
    if lists.is_empty() && problems.len() == before {
        match parameter {
            Some(user_name) => lists.push(OwnedList { user_name, truncated: is_truncated, kind, items: Vec::new() }),
            None => problems.push(Problem::at(
                &format!("/{member}"),
                "the list is empty and does not say whose it is; wrap it with its call, as `leastgrant bundle-script` does",
            )),
        }
    }
    lists
}
