//! The credential report: made, waited for, fetched; and what it makes needless to ask.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::ReportStateType;
use leastgrant_aws::{Failure, FailureKind};
use serde::Deserialize;
use serde_json::json;

use super::shapes;
use crate::answers::Problems;
use crate::answers::credential_report::read_csv;
use crate::facts::Piece;
use crate::live::asker::Asker;
use crate::live::calls::{GENERATE_CREDENTIAL_REPORT, GET_CREDENTIAL_REPORT};
use crate::live::wire::shaped;

/// Waits between looks: two minutes in all. AWS takes some seconds for a large account.
const WAITS: [u64; 9] = [1, 2, 4, 8, 15, 15, 25, 25, 25];

/// Errors of GetCredentialReport that pass once a report is made (IAM API Reference, `GetCredentialReport`).
const NOT_READY: [&str; 3] = ["ReportNotPresent", "ReportExpired", "ReportInProgress"];

pub(super) async fn collect(asker: &Asker<'_>, iam: &Client) {
    let attempt = async {
        let mut refused: Option<Failure> = None;
        for wait in WAITS {
            let mut is_complete = false;
            if refused.is_none() {
                let made = asker.in_turn(shaped(
                    GENERATE_CREDENTIAL_REPORT,
                    iam.generate_credential_report().send(),
                    |answer| json!(answer.state == Some(ReportStateType::Complete)),
                ));
                match made.await {
                    Ok(complete) => is_complete = complete == "true",
                    // Somebody else's report may be there.
                    Err(failure) => refused = Some(failure),
                }
            }
            if is_complete || refused.is_some() {
                let fetched = asker.in_turn(shaped(
                    GET_CREDENTIAL_REPORT,
                    iam.get_credential_report().send(),
                    shapes::credential_report,
                ));
                match fetched.await {
                    Err(failure) if is_not_ready(&failure) => {
                        if let Some(refused) = refused {
                            return Err(Failure {
                                message: format!("{}: {refused}", failure.message),
                                ..failure
                            });
                        }
                    }
                    fetched => {
                        // An earlier report is as good as its date; that no new one could be made is told.
                        if let Some(refused) = &refused {
                            asker.keep_failure(refused);
                        }
                        return fetched;
                    }
                }
            }
            tokio::time::sleep(Duration::from_secs(wait)).await;
        }
        Err(Failure {
            call: GET_CREDENTIAL_REPORT.name,
            kind: FailureKind::Other,
            code: Some("ReportInProgress".to_owned()),
            message: "AWS is still making the report; collect again later with `--resume`"
                .to_owned(),
        })
    };
    asker.ask(GET_CREDENTIAL_REPORT, &json!({}), attempt).await;
}

fn is_not_ready(failure: &Failure) -> bool {
    let code = failure.code.as_deref().unwrap_or_default();
    NOT_READY.iter().any(|known| code.starts_with(known))
}

/// What the report tells of users, so that nobody has to be asked for it.
#[derive(Debug, Default)]
pub(super) struct Known {
    without_mfa: HashSet<String>,
    without_certificates: HashSet<String>,
    with_password_told: HashSet<String>,
    is_readable: bool,
}

impl Known {
    pub(super) fn of(asker: &Asker<'_>) -> Self {
        #[derive(Deserialize, Default)]
        #[serde(rename_all = "PascalCase")]
        struct Report {
            content: Option<String>,
        }
        let Some(kept) = asker.kept(GET_CREDENTIAL_REPORT.name, &json!({})) else {
            return Self::default();
        };
        let Some(csv) = kept
            .try_read::<Report>()
            .ok()
            .and_then(|report| report.content)
            .and_then(|content| {
                use base64::Engine as _;
                let bytes = base64::engine::general_purpose::STANDARD
                    .decode(content)
                    .ok()?;
                String::from_utf8(bytes).ok()
            })
        else {
            return Self::default();
        };
        let mut piece = Piece::default();
        let mut problems = Problems::new(&std::sync::Arc::default());
        read_csv(&csv, &mut piece, &mut problems);
        // A report of which part cannot be read makes nothing needless.
        if problems.len() > 0 {
            return Self::default();
        }
        let mut known = Self {
            is_readable: true,
            ..Self::default()
        };
        for user in piece.facts.entities.report.iter().flatten() {
            if user.mfa_active == Some(false) {
                known.without_mfa.insert(user.user_name.clone());
            }
            if user.password_enabled.is_some() {
                known.with_password_told.insert(user.user_name.clone());
            }
            if user.certificates.is_empty() {
                known.without_certificates.insert(user.user_name.clone());
            }
        }
        known
    }

    pub(super) fn has_no_mfa(&self, user_name: &str) -> bool {
        self.without_mfa.contains(user_name)
    }

    pub(super) fn has_no_certificate(&self, user_name: &str) -> bool {
        self.without_certificates.contains(user_name)
    }

    /// Whether the report says if the user has a console password. AWS says `not_supported` or nothing of some.
    pub(super) fn tells_of_password(&self, user_name: &str) -> bool {
        self.with_password_told.contains(user_name)
    }

    /// Whether there is a report, and all of it can be read.
    pub(super) fn is_readable(&self) -> bool {
        self.is_readable
    }
}
