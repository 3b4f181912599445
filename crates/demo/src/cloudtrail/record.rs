//! One CloudTrail record.

use serde::Serialize;
use serde_json::value::RawValue;

use super::Stream;
use super::identity::UserIdentity;
use crate::Error;
use crate::moment::{Moment, Zulu};
use crate::randomness::{fork, uuid};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'static str,
    user_identity: UserIdentity<'a>,
    event_time: Zulu,
    event_source: &'static str,
    event_name: &'static str,
    aws_region: &'static str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'a str,
    user_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    request_parameters: &'a RawValue,
    response_elements: Option<SignInAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_event_data: Option<SignInData>,
    #[serde(rename = "requestID", skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(rename = "eventID")]
    event_id: String,
    read_only: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    resources: &'a [Resource],
    event_type: &'static str,
    management_event: bool,
    recipient_account_id: &'a str,
    #[serde(rename = "sharedEventID", skip_serializing_if = "Option::is_none")]
    shared_event_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc_endpoint_id: Option<&'static str>,
    event_category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_details: Option<TlsDetails<'a>>,
}

/// A resource that the record names.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Resource {
    pub(super) account_id: String,
    pub(super) r#type: &'static str,
    #[serde(rename = "ARN")]
    pub(super) arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SignInAnswer {
    console_login: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SignInData {
    login_to: &'static str,
    mobile_version: &'static str,
    #[serde(rename = "MFAUsed")]
    mfa_used: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TlsDetails<'a> {
    tls_version: &'static str,
    cipher_suite: &'static str,
    client_provided_host_header: &'a str,
}

/// What is special about signing in to the console.
#[derive(Clone, Copy, Debug)]
pub(super) struct SignIn {
    pub(super) with_mfa: bool,
}

impl Stream {
    /// Writes the record of one time.
    pub(super) fn write_record(
        &self,
        seed: u64,
        time: Moment,
        rng: &mut fastrand::Rng,
        json: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let by_service = self.source_ip.ends_with(".amazonaws.com");
        let record = Record {
            event_version: "1.11",
            user_identity: self.identity.at(seed, time, self.invoked_by),
            event_time: Zulu(time),
            event_source: self.call.source,
            event_name: self.call.name,
            aws_region: self.region,
            source_ip_address: &self.source_ip,
            user_agent: &self.user_agent,
            error_code: self.error.as_ref().map(|_| self.call.denial),
            error_message: self.error.as_deref(),
            request_parameters: &self.parameters,
            response_elements: self.sign_in.map(|_| SignInAnswer {
                console_login: "Success",
            }),
            additional_event_data: self.sign_in.map(|sign_in| SignInData {
                login_to: "https://console.aws.amazon.com/console/home",
                mobile_version: "No",
                mfa_used: if sign_in.with_mfa { "Yes" } else { "No" },
            }),
            request_id: self.sign_in.is_none().then(|| uuid(rng)),
            event_id: uuid(rng),
            read_only: self.call.read_only,
            resources: &self.resources,
            event_type: if self.sign_in.is_some() {
                "AwsConsoleSignIn"
            } else {
                "AwsApiCall"
            },
            management_event: true,
            recipient_account_id: &self.account,
            // Made from what both sides know, so that the event has the same id in both accounts.
            shared_event_id: self.shared.as_ref().map(|shared| {
                let since = time.seconds_since(Moment::days_ago(10_000)).unsigned_abs();
                uuid(&mut fork(seed, shared, since))
            }),
            vpc_endpoint_id: self.vpc_endpoint,
            event_category: "Management",
            tls_details: (!by_service).then_some(TlsDetails {
                tls_version: "TLSv1.3",
                cipher_suite: "TLS_AES_128_GCM_SHA256",
                client_provided_host_header: &self.host,
            }),
        };
        serde_json::to_writer(json, &record).map_err(|source| Error::Call {
            call: self.call.name,
            source,
        })
    }
}
