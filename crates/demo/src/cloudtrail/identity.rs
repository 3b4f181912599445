//! Who made a call, as `userIdentity` tells it.

use serde::Serialize;

use crate::moment::{Moment, Zulu};
use crate::randomness::{access_key_id, fork};

/// Who makes the calls of one stream.
#[derive(Clone, Debug)]
pub(super) enum Identity {
    /// A user, with a long-term key or in the console.
    User {
        id: String,
        arn: String,
        account: String,
        name: String,
        key: Option<String>,
    },
    /// The root user.
    Root {
        account: String,
        key: Option<String>,
    },
    /// A session of a role.
    Session {
        role_id: String,
        role_arn: String,
        role_name: String,
        account: String,
        session: String,
    },
    /// An AWS service by itself.
    Service { host: &'static str },
    /// A principal of another account, of which only the account is known.
    OtherAccount {
        account: String,
        principal_id: String,
    },
    /// Somebody who comes through an identity provider. `kind` is the type, such as `SAMLUser`.
    Federated {
        kind: &'static str,
        provider: String,
        name: String,
    },
}

/// `userIdentity`, ready to be written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserIdentity<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_context: Option<SessionContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoked_by: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext<'a> {
    session_issuer: SessionIssuer<'a>,
    attributes: Attributes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionIssuer<'a> {
    r#type: &'static str,
    principal_id: &'a str,
    arn: &'a str,
    account_id: &'a str,
    user_name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    creation_date: Zulu,
    mfa_authenticated: &'static str,
}

impl Identity {
    /// The caller's ARN as error messages name it.
    pub(super) fn arn(&self) -> String {
        match self {
            Self::User { arn, .. } => arn.clone(),
            Self::Root { account, .. } => format!("arn:aws:iam::{account}:root"),
            Self::Session {
                role_name,
                account,
                session,
                ..
            } => format!("arn:aws:sts::{account}:assumed-role/{role_name}/{session}"),
            Self::Service { host } => (*host).to_owned(),
            Self::OtherAccount { principal_id, .. } => principal_id.clone(),
            Self::Federated { name, .. } => name.clone(),
        }
    }

    /// The identity at one time. Each session of a role has a temporary key of its own, the same
    /// for all calls of the session.
    pub(super) fn at(
        &self,
        seed: u64,
        time: Moment,
        invoked_by: Option<&'static str>,
    ) -> UserIdentity<'_> {
        let nobody = UserIdentity {
            r#type: "Unknown",
            principal_id: None,
            arn: None,
            account_id: None,
            access_key_id: None,
            user_name: None,
            identity_provider: None,
            session_context: None,
            invoked_by,
        };
        match self {
            Self::User {
                id,
                arn,
                account,
                name,
                key,
            } => UserIdentity {
                r#type: "IAMUser",
                principal_id: Some(id.clone()),
                arn: Some(arn.clone()),
                account_id: Some(account),
                access_key_id: key.clone(),
                user_name: Some(name),
                ..nobody
            },
            Self::Root { account, key } => UserIdentity {
                r#type: "Root",
                principal_id: Some(account.clone()),
                arn: Some(self.arn()),
                account_id: Some(account),
                access_key_id: key.clone(),
                ..nobody
            },
            Self::Session {
                role_id,
                role_arn,
                role_name,
                account,
                session,
            } => {
                let since = time.seconds_since(Moment::days_ago(10_000)).unsigned_abs();
                let key = access_key_id(&mut fork(seed, role_id, since), "ASIA");
                UserIdentity {
                    r#type: "AssumedRole",
                    principal_id: Some(format!("{role_id}:{session}")),
                    arn: Some(self.arn()),
                    account_id: Some(account),
                    access_key_id: Some(key),
                    session_context: Some(SessionContext {
                        session_issuer: SessionIssuer {
                            r#type: "Role",
                            principal_id: role_id,
                            arn: role_arn,
                            account_id: account,
                            user_name: role_name,
                        },
                        attributes: Attributes {
                            creation_date: Zulu(time),
                            mfa_authenticated: "false",
                        },
                    }),
                    ..nobody
                }
            }
            Self::Service { host } => UserIdentity {
                r#type: "AWSService",
                invoked_by: Some(host),
                ..nobody
            },
            Self::OtherAccount {
                account,
                principal_id,
            } => UserIdentity {
                r#type: "AWSAccount",
                principal_id: Some(principal_id.clone()),
                account_id: Some(account),
                ..nobody
            },
            Self::Federated {
                kind,
                provider,
                name,
            } => UserIdentity {
                r#type: kind,
                principal_id: Some(format!("{provider}:{name}")),
                user_name: Some(name),
                identity_provider: Some(provider),
                ..nobody
            },
        }
    }
}
