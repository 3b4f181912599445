//! SAML and OpenID Connect providers, and server certificates.

use leastgrant_inventory::tables::{IdentityProviderRow, ServerCertificateRow};
use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;

use super::account::stated_at;
use super::shapes::common_account;
use super::{Problem, Problems, Reader};
use crate::answer::Answer;
use crate::facts::{Piece, account_of};
use crate::{elements, time};

pub(crate) const READERS: &[Reader] = &[
    Reader::new(
        "iam:ListSAMLProviders",
        DataKind::IdentityProviders,
        "SAMLProviderList",
        saml_providers,
    ),
    Reader::new(
        "iam:ListOpenIDConnectProviders",
        DataKind::IdentityProviders,
        "OpenIDConnectProviderList",
        oidc_providers,
    ),
    Reader::new(
        "iam:GetOpenIDConnectProvider",
        DataKind::IdentityProviders,
        "",
        oidc_provider,
    ),
    Reader::new(
        "iam:ListServerCertificates",
        DataKind::ServerCertificates,
        "ServerCertificateMetadataList",
        server_certificates,
    ),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Provider {
    arn: String,
    #[serde(default, deserialize_with = "time::optional")]
    create_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::optional")]
    valid_until: Option<Timestamp>,
}

fn saml_providers(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    add(
        elements::list(answer, "SAMLProviderList", problems),
        "saml",
        piece,
    );
}

fn oidc_providers(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    add(
        elements::list(answer, "OpenIDConnectProviderList", problems),
        "oidc",
        piece,
    );
}

fn add(providers: Vec<Provider>, kind: &str, piece: &mut Piece) {
    piece.account_id = common_account(providers.iter().map(|provider| provider.arn.as_str()));
    piece.facts.rows.identity_providers = providers
        .into_iter()
        .map(|provider| IdentityProviderRow {
            account_id: account_of(&provider.arn).unwrap_or_default().to_owned(),
            arn: provider.arn,
            kind: kind.to_owned(),
            created_at: provider.create_date,
            valid_until: provider.valid_until,
            ..IdentityProviderRow::default()
        })
        .collect();
}

fn oidc_provider(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(arn) = answer.parameter("OpenIDConnectProviderArn") else {
        problems.push(Problem::at(
            "/Parameters/OpenIDConnectProviderArn",
            "the provider's ARN is missing in the wrapped call",
        ));
        return;
    };
    piece.account_id = account_of(&arn).map(str::to_owned);
    piece
        .facts
        .rows
        .identity_providers
        .push(IdentityProviderRow {
            account_id: piece.account_id.clone().unwrap_or_default(),
            arn,
            kind: "oidc".to_owned(),
            url: answer.members.text("Url"),
            client_ids: elements::list(answer, "ClientIDList", problems),
            created_at: stated_at(answer, "CreateDate", problems),
            valid_until: None,
        });
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServerCertificate {
    arn: String,
    server_certificate_name: String,
    #[serde(default, deserialize_with = "time::optional")]
    upload_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::optional")]
    expiration: Option<Timestamp>,
}

fn server_certificates(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let certificates: Vec<ServerCertificate> =
        elements::list(answer, "ServerCertificateMetadataList", problems);
    piece.account_id = common_account(
        certificates
            .iter()
            .map(|certificate| certificate.arn.as_str()),
    );
    piece.facts.rows.server_certificates = certificates
        .into_iter()
        .map(|certificate| ServerCertificateRow {
            account_id: account_of(&certificate.arn).unwrap_or_default().to_owned(),
            arn: certificate.arn,
            name: certificate.server_certificate_name,
            uploaded_at: certificate.upload_date,
            expires_at: certificate.expiration,
        })
        .collect();
}
