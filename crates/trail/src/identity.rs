//! Who a record says it was: `userIdentity` as an IAM identity.
//!
//! Source: CloudTrail User Guide, "CloudTrail userIdentity element".

use leastgrant_inventory::{ShortText, account_of_arn};
use serde::Deserialize;
use std::sync::Arc;

use crate::Text;

/// Who made a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The ARN of the user, role (never of a session) or root user, a service's host, an account; empty where nothing is known.
    pub principal_arn: Arc<str>,
    /// As in the usage table.
    pub principal_type: &'static str,
    /// The caller's account; empty where it is not told.
    pub account_id: ShortText,
    /// A long-term access key.
    pub access_key_id: Option<ShortText>,
    /// The temporary access key of a session whose role the record does not tell with its path.
    pub session_key: Option<ShortText>,
    /// The service that made the call with the caller's rights.
    pub invoked_by: Option<ShortText>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct UserIdentity<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    principal_id: Option<Text<'a>>,
    #[serde(borrow)]
    arn: Option<Text<'a>>,
    #[serde(borrow)]
    account_id: Option<Text<'a>>,
    #[serde(borrow)]
    access_key_id: Option<Text<'a>>,
    #[serde(borrow)]
    user_name: Option<Text<'a>>,
    #[serde(borrow)]
    invoked_by: Option<Text<'a>>,
    #[serde(borrow)]
    session_context: Option<SessionContext<'a>>,
    #[serde(borrow)]
    on_behalf_of: Option<OnBehalfOf<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct SessionContext<'a> {
    #[serde(borrow)]
    session_issuer: Option<SessionIssuer<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct SessionIssuer<'a> {
    #[serde(borrow)]
    arn: Option<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct OnBehalfOf<'a> {
    #[serde(borrow)]
    user_id: Option<Text<'a>>,
}

/// Longer names are none that AWS writes; what is cut would be another name.
const LONGEST: usize = 2048;

impl Identity {
    /// Reads `userIdentity` as it stands in a record. What cannot be understood is of type `unknown`.
    #[must_use]
    pub fn of(user_identity: Option<&str>) -> Self {
        let parsed = user_identity.and_then(|text| {
            // `null` is a userIdentity too.
            serde_json::from_str::<Option<UserIdentity<'_>>>(text).ok()?
        });
        match parsed {
            Some(identity) => identity.identity(),
            None => Self {
                principal_type: "unknown",
                ..Self::default()
            },
        }
    }
}

impl UserIdentity<'_> {
    fn identity(&self) -> Identity {
        let told = |text: &Option<Text<'_>>| -> Option<String> {
            let text = text.as_deref().filter(|text| !text.is_empty())?;
            (text.len() <= LONGEST).then(|| text.to_owned())
        };
        let arn = told(&self.arn);
        let account =
            told(&self.account_id).or_else(|| account_of_arn(arn.as_deref()?).map(str::to_owned));
        let issuer = self
            .session_context
            .as_ref()
            .and_then(|session| told(&session.session_issuer.as_ref()?.arn));
        let name = told(&self.user_name).or_else(|| told(&self.principal_id));
        let invoked_by = told(&self.invoked_by);
        let is_session = self.kind.as_deref() == Some("AssumedRole");
        let session_key = told(&self.access_key_id)
            .filter(|key| is_session && issuer.is_none() && key.starts_with("ASIA"));
        let (principal_type, principal) = match self.kind.as_deref() {
            Some("IAMUser") => (
                "user",
                arn.or_else(|| {
                    Some(format!(
                        "arn:aws:iam::{}:user/{}",
                        account.as_ref()?,
                        told(&self.user_name)?
                    ))
                }),
            ),
            Some("AssumedRole" | "Role") => (
                "role",
                issuer.or_else(|| arn.map(|arn| role_of_session(&arn).unwrap_or(arn))),
            ),
            Some("Root") => (
                "root",
                account.as_ref().map(|account| {
                    format!("arn:{}:iam::{account}:root", partition(arn.as_deref()))
                }),
            ),
            Some("FederatedUser") => ("federated_user", issuer.or(arn)),
            Some("AWSService") => ("service", invoked_by.clone().or(name)),
            Some("AWSAccount") => ("account", account.clone()),
            Some("WebIdentityUser") => ("web_identity", name.or(arn)),
            Some("SAMLUser") => ("saml", name.or(arn)),
            Some("IdentityCenterUser") => (
                "identity_center",
                self.on_behalf_of
                    .as_ref()
                    .and_then(|person| told(&person.user_id))
                    .or(name)
                    .or(arn),
            ),
            None if invoked_by.is_some() && arn.is_none() => ("service", invoked_by.clone()),
            _ => ("unknown", arn),
        };
        Identity {
            principal_arn: principal.unwrap_or_default().into(),
            principal_type,
            account_id: account.unwrap_or_default().into(),
            access_key_id: told(&self.access_key_id)
                .filter(|key| key.starts_with("AKIA"))
                .map(Into::into),
            session_key: session_key.map(Into::into),
            invoked_by: invoked_by.map(Into::into),
        }
    }
}

fn partition(arn: Option<&str>) -> &str {
    arn.and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws")
}

/// The role of `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. Its path is not told there.
fn role_of_session(arn: &str) -> Option<String> {
    let (before, session) = arn.split_once(":assumed-role/")?;
    let (role, _) = session.split_once('/')?;
    let before = before.replacen(":sts:", ":iam:", 1);
    Some(format!("{before}:role/{role}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (String, &'static str, Option<String>) {
        let identity = Identity::of(Some(text));
        let key = identity.access_key_id.map(String::from);
        (
            identity.principal_arn.to_string(),
            identity.principal_type,
            key,
        )
    }

    #[test]
    fn a_session_is_its_role_with_the_path_where_the_issuer_tells_it() {
        let arn = "arn:aws:sts::111122223333:assumed-role/deploy/run-7";
        let (principal, kind, key) = of(&format!(
            r#"{{"type":"AssumedRole","arn":"{arn}","accessKeyId":"ASIAEXAMPLE","sessionContext":{{"sessionIssuer":{{"arn":"arn:aws:iam::111122223333:role/ci/deploy"}}}}}}"#
        ));
        assert_eq!(
            (&*principal, kind, key),
            ("arn:aws:iam::111122223333:role/ci/deploy", "role", None)
        );
        let (principal, ..) = of(&format!(
            r#"{{"type":"AssumedRole","arn":"{arn}","sessionContext":{{"sessionIssuer":{{}}}}}}"#
        ));
        assert_eq!(principal, "arn:aws:iam::111122223333:role/deploy");
    }

    #[test]
    fn users_roots_services_and_accounts_are_told_apart() {
        let user = r#"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/x","accessKeyId":"AKIAEXAMPLE"}"#;
        assert_eq!(
            of(user),
            (
                "arn:aws:iam::111122223333:user/x".into(),
                "user",
                Some("AKIAEXAMPLE".into())
            )
        );
        let root = r#"{"type":"Root","arn":"arn:aws-cn:iam::111122223333:root","accountId":"111122223333"}"#;
        assert_eq!(
            of(root),
            ("arn:aws-cn:iam::111122223333:root".into(), "root", None)
        );
        for service in [
            r#"{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"#,
            r#"{"invokedBy":"ec2.amazonaws.com"}"#,
        ] {
            assert_eq!(of(service), ("ec2.amazonaws.com".into(), "service", None));
        }
        let account =
            r#"{"type":"AWSAccount","principalId":"AIDAEXAMPLE","accountId":"444455556666"}"#;
        assert_eq!(of(account), ("444455556666".into(), "account", None));
    }

    #[test]
    fn what_is_not_told_is_unknown() {
        for text in ["null", "{}", "7", r#"{"type":"Sorcerer"}"#] {
            assert_eq!(of(text), (String::new(), "unknown", None), "{text}");
        }
        assert_eq!(Identity::of(None).principal_type, "unknown");
    }
}
