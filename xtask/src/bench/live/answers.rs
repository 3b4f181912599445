//! What the account has, in the shapes that AWS's API references show: users with two keys each, roles, and what each of them used.

use std::collections::HashMap;
use std::fmt::Write as _;

use base64::Engine as _;

use super::server::Request;

pub(super) const USERS: usize = 5_000;
pub(super) const ROLES: usize = 2_000;
/// Users, then roles, on pages of a thousand.
const PAGE: usize = 1_000;
const ACCOUNT: &str = "111122223333";
const DATE: &str = "2026-06-01T10:00:00Z";
/// What a principal may use; policies that allow little have as many services.
const SERVICES: [&str; 10] = [
    "s3", "ec2", "sqs", "sns", "kms", "lambda", "dynamodb", "logs", "iam", "sts",
];
const ACTIONS: [&str; 3] = ["List", "Describe", "Get"];

/// A call with its parameters.
#[derive(Debug)]
pub(super) struct Asked {
    /// `service:Operation`, as `--plan` names it.
    pub call: String,
    parameters: HashMap<String, String>,
}

impl Asked {
    pub(super) fn of(request: &Request) -> Self {
        // The scope of a signature: key, day, Region, service.
        let service = request.authorization.split('/').nth(3).unwrap_or_default();
        let parameters: HashMap<String, String> = request
            .body
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), decoded(value)))
            .collect();
        let operation = match &request.target {
            Some(target) => target.rsplit('.').next().unwrap_or_default().to_owned(),
            None if service == "access-analyzer" => "ListAnalyzers".to_owned(),
            None => parameters.get("Action").cloned().unwrap_or_default(),
        };
        let service = match service {
            "sso" => "sso-admin",
            service => service,
        };
        Self {
            call: format!("{service}:{operation}"),
            parameters,
        }
    }

    fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }
}

/// `%XX` and `+`, as forms have them.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let text = String::from_utf8(digits).unwrap_or_default();
                u8::from_str_radix(&text, 16).unwrap_or_default()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Status, content type and body.
pub(super) fn answer(asked: &Asked) -> (u16, &'static str, String) {
    let (service, operation) = asked.call.split_once(':').unwrap_or_default();
    let json = match asked.call.as_str() {
        "access-analyzer:ListAnalyzers" => r#"{"analyzers":[]}"#,
        "cloudtrail:DescribeTrails" => r#"{"trailList":[]}"#,
        "cloudtrail:ListTrails" => r#"{"Trails":[]}"#,
        "cloudtrail:ListEventDataStores" => r#"{"EventDataStores":[]}"#,
        "sso-admin:ListInstances" => r#"{"Instances":[]}"#,
        "organizations:DescribeOrganization" => {
            let error =
                r#"{"__type":"AWSOrganizationsNotInUseException","Message":"no organization"}"#;
            return (400, "application/x-amz-json-1.1", error.to_owned());
        }
        _ if ["iam", "sts"].contains(&service) => "",
        _ => return (501, "text/html", String::new()),
    };
    if !json.is_empty() {
        return (200, "application/x-amz-json-1.1", json.to_owned());
    }
    match of_iam(asked, operation) {
        Some(result) => {
            let body = format!(
                "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
            );
            (200, "text/xml", body)
        }
        None => {
            let error = "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>";
            (404, "text/xml", error.to_owned())
        }
    }
}

/// The result of a call of IAM or STS; none: there is no such thing.
fn of_iam(asked: &Asked, operation: &str) -> Option<String> {
    let user = asked.parameter("UserName");
    Some(match operation {
        "GetCallerIdentity" => format!(
            "<Arn>arn:aws:iam::{ACCOUNT}:user/auditor</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account>"
        ),
        "GetAccountAuthorizationDetails" => details(asked.parameter("Marker")),
        "GenerateCredentialReport" => "<State>COMPLETE</State>".to_owned(),
        "GetCredentialReport" => format!(
            "<Content>{}</Content><ReportFormat>text/csv</ReportFormat><GeneratedTime>{DATE}</GeneratedTime>",
            base64::engine::general_purpose::STANDARD.encode(report())
        ),
        "GetAccountSummary" => format!(
            "<SummaryMap><entry><key>Users</key><value>{USERS}</value></entry></SummaryMap>"
        ),
        "GetAccountPasswordPolicy" => return None,
        "ListAccountAliases" => "<AccountAliases/><IsTruncated>false</IsTruncated>".to_owned(),
        "ListServerCertificates" => {
            "<ServerCertificateMetadataList/><IsTruncated>false</IsTruncated>".to_owned()
        }
        "ListSAMLProviders" => "<SAMLProviderList/>".to_owned(),
        "ListOpenIDConnectProviders" => "<OpenIDConnectProviderList/>".to_owned(),
        "ListAccessKeys" => {
            let keys: String = ["A", "B"]
                .iter()
                .map(|slot| format!("<member><UserName>{user}</UserName><AccessKeyId>{}</AccessKeyId><Status>Active</Status><CreateDate>{DATE}</CreateDate></member>", key(user, slot)))
                .collect();
            format!("<IsTruncated>false</IsTruncated><AccessKeyMetadata>{keys}</AccessKeyMetadata>")
        }
        "GetAccessKeyLastUsed" => format!(
            "<UserName>u</UserName><AccessKeyLastUsed><LastUsedDate>{DATE}</LastUsedDate><ServiceName>s3</ServiceName><Region>eu-west-1</Region></AccessKeyLastUsed>"
        ),
        "ListMFADevices" => format!(
            "<IsTruncated>false</IsTruncated><MFADevices><member><UserName>{user}</UserName><SerialNumber>arn:aws:iam::{ACCOUNT}:mfa/{user}</SerialNumber><EnableDate>{DATE}</EnableDate></member></MFADevices>"
        ),
        "ListSSHPublicKeys" => "<IsTruncated>false</IsTruncated><SSHPublicKeys/>".to_owned(),
        "ListServiceSpecificCredentials" => "<ServiceSpecificCredentials/>".to_owned(),
        "ListSigningCertificates" => "<IsTruncated>false</IsTruncated><Certificates/>".to_owned(),
        "GenerateServiceLastAccessedDetails" => {
            format!(
                "<JobId>{}</JobId>",
                asked.parameter("Arn").replace([':', '/'], "-")
            )
        }
        "GetServiceLastAccessedDetails" => last_accessed(),
        _ => return None,
    })
}

fn key(user: &str, slot: &str) -> String {
    format!("AKIA{slot}{}", user.to_ascii_uppercase().replace('-', "0"))
}

fn user_name(number: usize) -> String {
    format!("user-{number:010}")
}

/// A page of users or roles; the marker is the number of the first.
fn details(marker: &str) -> String {
    const DOCUMENT: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGet%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
    let first: usize = marker.parse().unwrap_or_default();
    let next = first + PAGE;
    let (mut users, mut roles) = (String::new(), String::new());
    for number in first..next.min(USERS + ROLES) {
        // Writing to a text cannot fail.
        let _ = match number.checked_sub(USERS) {
            None => {
                let name = user_name(number);
                write!(
                    users,
                    "<member><Path>/</Path><UserName>{name}</UserName><UserId>AIDA{number:016}</UserId><Arn>arn:aws:iam::{ACCOUNT}:user/{name}</Arn><CreateDate>{DATE}</CreateDate><UserPolicyList><member><PolicyName>own</PolicyName><PolicyDocument>{DOCUMENT}</PolicyDocument></member></UserPolicyList><GroupList/><AttachedManagedPolicies/><Tags/></member>"
                )
            }
            Some(number) => write!(
                roles,
                "<member><Path>/</Path><RoleName>role-{number}</RoleName><RoleId>AROA{number:016}</RoleId><Arn>arn:aws:iam::{ACCOUNT}:role/role-{number}</Arn><CreateDate>{DATE}</CreateDate><AssumeRolePolicyDocument>{DOCUMENT}</AssumeRolePolicyDocument><InstanceProfileList/><RolePolicyList><member><PolicyName>own</PolicyName><PolicyDocument>{DOCUMENT}</PolicyDocument></member></RolePolicyList><AttachedManagedPolicies/><Tags/><RoleLastUsed/></member>"
            ),
        };
    }
    let end = match next < USERS + ROLES {
        true => format!("<IsTruncated>true</IsTruncated><Marker>{next}</Marker>"),
        false => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    format!(
        "<UserDetailList>{users}</UserDetailList><GroupDetailList/><RoleDetailList>{roles}</RoleDetailList><Policies/>{end}"
    )
}

/// Everybody has two keys, an MFA device and a signing certificate, so that each is asked for all of them.
fn report() -> String {
    let mut report = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n".to_owned();
    for number in 0..USERS {
        let name = user_name(number);
        let _ = writeln!(
            report,
            "{name},arn:aws:iam::{ACCOUNT}:user/{name},{DATE},true,{DATE},{DATE},N/A,true,true,{DATE},{DATE},eu-west-1,s3,true,{DATE},{DATE},eu-west-1,s3,true,{DATE},false,N/A"
        );
    }
    report
}

fn last_accessed() -> String {
    let mut services = String::new();
    for service in SERVICES {
        let actions: String = ACTIONS
            .iter()
            .map(|action| format!("<member><ActionName>{action}Things</ActionName><LastAccessedTime>{DATE}</LastAccessedTime><LastAccessedRegion>eu-west-1</LastAccessedRegion></member>"))
            .collect();
        let _ = write!(
            services,
            "<member><ServiceName>{service}</ServiceName><ServiceNamespace>{service}</ServiceNamespace><LastAuthenticated>{DATE}</LastAuthenticated><TotalAuthenticatedEntities>1</TotalAuthenticatedEntities><TrackedActionsLastAccessed>{actions}</TrackedActionsLastAccessed></member>"
        );
    }
    format!(
        "<JobStatus>COMPLETED</JobStatus><JobType>ACTION_LEVEL</JobType><JobCreationDate>{DATE}</JobCreationDate><JobCompletionDate>{DATE}</JobCompletionDate><ServicesLastAccessed>{services}</ServicesLastAccessed><IsTruncated>false</IsTruncated>"
    )
}
