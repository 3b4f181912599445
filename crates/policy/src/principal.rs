//! Who calls, and the entries of Principal and NotPrincipal that name callers.
//!
//! IAM User Guide, "AWS JSON policy elements: Principal".

use std::fmt;

use crate::resource::arn_fields;

/// An entry of a Principal or NotPrincipal element. There are no partial wildcards in principals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalPattern {
    /// Under which member it stands.
    pub kind: PrincipalKind,
    /// The entry as it was written.
    pub text: Box<str>,
}

/// The members of a Principal element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// `"Principal": "*"`: everyone, also anonymous callers.
    Everyone,
    /// `AWS`: an account, user, role, session, or `*` for everyone.
    Aws,
    /// `Service`: a service of AWS.
    Service,
    /// `Federated`: an identity provider.
    Federated,
    /// `CanonicalUser`: an account by its S3 id.
    CanonicalUser,
}

impl PrincipalKind {
    /// The name of the member; `AWS` for everyone.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Everyone | Self::Aws => "AWS",
            Self::Service => "Service",
            Self::Federated => "Federated",
            Self::CanonicalUser => "CanonicalUser",
        }
    }

    /// The kind of a member's name, case-sensitive.
    #[must_use]
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        match name {
            "AWS" => Some(Self::Aws),
            "Service" => Some(Self::Service),
            "Federated" => Some(Self::Federated),
            "CanonicalUser" => Some(Self::CanonicalUser),
            _ => None,
        }
    }
}

impl fmt::Display for PrincipalPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PrincipalKind::Everyone => formatter.write_str(&self.text),
            kind => write!(formatter, "{} {}", kind.name(), self.text),
        }
    }
}

/// How exactly an entry names a caller. The order is that of rising exactness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Naming {
    /// The account it belongs to.
    Account,
    /// `*`.
    Everyone,
    /// The role behind the session.
    Role,
    /// The caller itself: a user, a session, a service, an identity provider.
    Itself,
}

/// A caller, as requests name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal {
    text: Box<str>,
    kind: CallerKind,
}

/// What a caller is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallerKind {
    /// Nobody that AWS knows: `*`.
    Anonymous,
    /// The root user of an account.
    Root {
        /// Twelve digits.
        account_id: Box<str>,
    },
    /// An IAM user.
    User {
        /// Twelve digits.
        account_id: Box<str>,
        /// The name, without the path.
        name: Box<str>,
    },
    /// A role, in no particular session.
    Role {
        /// Twelve digits.
        account_id: Box<str>,
        /// The name, without the path.
        name: Box<str>,
    },
    /// A session of a role.
    Session {
        /// Twelve digits.
        account_id: Box<str>,
        /// The role's name, without the path.
        role_name: Box<str>,
    },
    /// A federated user session, of sts:GetFederationToken.
    FederatedUser {
        /// Twelve digits.
        account_id: Box<str>,
    },
    /// A service of AWS.
    Service,
    /// An identity provider's user: a SAML or OpenID Connect provider's ARN, or a web identity host.
    Federated,
}

impl Principal {
    /// Reads a caller: an ARN, a service's host, a web identity host, an account's twelve digits, or `*`.
    ///
    /// `None` for an ARN that is none of a caller, and for a text that is none of these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let kind = if text == "*" {
            CallerKind::Anonymous
        } else if is_account_id(text) {
            CallerKind::Root {
                account_id: text.into(),
            }
        } else if text.starts_with("arn:") {
            kind_of_arn(text)?
        } else if is_service(text) {
            CallerKind::Service
        } else if text.contains('.') && !text.contains([':', ' ', '*']) {
            CallerKind::Federated
        } else {
            return None;
        };
        Some(Self {
            text: text.into(),
            kind,
        })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> &CallerKind {
        &self.kind
    }

    /// The account it belongs to; none for services, identity providers' users and anonymous callers.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        match &self.kind {
            CallerKind::Root { account_id }
            | CallerKind::User { account_id, .. }
            | CallerKind::Role { account_id, .. }
            | CallerKind::Session { account_id, .. }
            | CallerKind::FederatedUser { account_id } => Some(account_id),
            CallerKind::Anonymous | CallerKind::Service | CallerKind::Federated => None,
        }
    }

    /// Whether it is a service-linked role, which neither service nor resource control policies bind.
    #[must_use]
    pub fn is_service_linked_role(&self) -> bool {
        match &self.kind {
            CallerKind::Role { .. } => self.text.contains(":role/aws-service-role/"),
            CallerKind::Session { role_name, .. } => role_name.starts_with("AWSServiceRoleFor"),
            _ => false,
        }
    }

    /// The context keys that the caller's ARN implies (IAM User Guide, "AWS global condition context keys").
    #[must_use]
    pub fn implied_keys(&self) -> Vec<(&'static str, String)> {
        let mut keys = Vec::new();
        let (principal_type, arn) = match &self.kind {
            CallerKind::Anonymous => ("Anonymous", None),
            CallerKind::Root { account_id } => {
                let arn = match self.text.starts_with("arn:") {
                    true => self.text.to_string(),
                    false => format!("arn:aws:iam::{account_id}:root"),
                };
                ("Account", Some(arn))
            }
            CallerKind::User { name, .. } => {
                keys.push(("aws:username", name.to_string()));
                ("User", Some(self.text.to_string()))
            }
            CallerKind::Role { .. } => ("AssumedRole", Some(self.text.to_string())),
            CallerKind::Session {
                account_id,
                role_name,
            } => {
                let partition = self.text.split(':').nth(1).unwrap_or("aws");
                let arn = format!("arn:{partition}:iam::{account_id}:role/{role_name}");
                ("AssumedRole", Some(arn))
            }
            CallerKind::FederatedUser { .. } => ("FederatedUser", Some(self.text.to_string())),
            CallerKind::Service => {
                keys.push(("aws:principalisawsservice", "true".to_owned()));
                keys.push(("aws:principalservicename", self.text.to_string()));
                return keys;
            }
            CallerKind::Federated => return keys,
        };
        keys.push(("aws:principalisawsservice", "false".to_owned()));
        keys.push(("aws:principaltype", principal_type.to_owned()));
        if let Some(account_id) = self.account_id() {
            keys.push(("aws:principalaccount", account_id.to_owned()));
        }
        if let Some(arn) = arn {
            keys.push(("aws:principalarn", arn));
        }
        keys
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn kind_of_arn(arn: &str) -> Option<CallerKind> {
    let [_, _, service, _, account_id, resource] = arn_fields(arn)?;
    if !is_account_id(account_id) {
        return None;
    }
    let account_id: Box<str> = account_id.into();
    if service == "iam" && resource == "root" {
        return Some(CallerKind::Root { account_id });
    }
    let (kind, rest) = resource.split_once('/')?;
    if service == "iam" && kind == "oidc-provider" {
        // It is the issuer's address, which may end in a slash.
        return (!rest.is_empty()).then_some(CallerKind::Federated);
    }
    let name = rest.rsplit('/').next().filter(|name| !name.is_empty())?;
    match (service, kind) {
        ("iam", "user") => Some(CallerKind::User {
            account_id,
            name: name.into(),
        }),
        ("iam", "role") => Some(CallerKind::Role {
            account_id,
            name: name.into(),
        }),
        ("iam", "saml-provider") => Some(CallerKind::Federated),
        ("sts", "assumed-role") => {
            let (role_name, session) = rest.split_once('/')?;
            (!role_name.is_empty() && !session.is_empty()).then(|| CallerKind::Session {
                account_id,
                role_name: role_name.into(),
            })
        }
        ("sts", "federated-user") => Some(CallerKind::FederatedUser { account_id }),
        _ => None,
    }
}

/// What a text that is no caller has in the place of an account, if that is what is wrong with it.
#[must_use]
pub fn wrong_account(text: &str) -> Option<&str> {
    let account = match arn_fields(text) {
        Some([_, _, _, _, account, _]) => account,
        None => text,
    };
    let is_like_one = account
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    (is_like_one && !account.is_empty() && !is_account_id(account)).then_some(account)
}

/// Twelve digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Cognito's identity pools are identity providers, although their host is one of AWS.
fn is_service(host: &str) -> bool {
    let has_the_ending = [
        ".amazonaws.com",
        ".amazonaws.com.cn",
        ".amazon.com",
        ".aws.internal",
    ]
    .iter()
    .any(|ending| host.ends_with(ending));
    // The first label has the partition in it, as in `cognito-identity-us-gov.amazonaws.com`.
    let is_pool = host.starts_with("cognito-identity.") || host.starts_with("cognito-identity-");
    has_the_ending && !is_pool && host != "www.amazon.com"
}

impl PrincipalPattern {
    /// How it names the caller, if it does.
    #[must_use]
    pub fn names(&self, caller: &Principal) -> Option<Naming> {
        if &*self.text == "*" {
            return match (self.kind, &caller.kind) {
                (PrincipalKind::Everyone | PrincipalKind::Aws, _) => Some(Naming::Everyone),
                (PrincipalKind::Service, CallerKind::Service)
                | (PrincipalKind::Federated, CallerKind::Federated) => Some(Naming::Everyone),
                _ => None,
            };
        }
        match self.kind {
            PrincipalKind::Everyone | PrincipalKind::CanonicalUser => None,
            PrincipalKind::Service => (caller.kind == CallerKind::Service
                && self.text == caller.text)
                .then_some(Naming::Itself),
            PrincipalKind::Federated => (caller.kind == CallerKind::Federated
                && self.text == caller.text)
                .then_some(Naming::Itself),
            PrincipalKind::Aws => self.names_of_aws(caller),
        }
    }

    fn names_of_aws(&self, caller: &Principal) -> Option<Naming> {
        let account_id = caller.account_id()?;
        if self.text == caller.text {
            return Some(match caller.kind {
                CallerKind::Role { .. } => Naming::Role,
                CallerKind::Root { .. } => Naming::Account,
                _ => Naming::Itself,
            });
        }
        if is_account_id(&self.text) {
            return (*self.text == *account_id).then_some(Naming::Account);
        }
        let [_, _, service, _, own_account, resource] = arn_fields(&self.text)?;
        if own_account != account_id {
            return None;
        }
        if service == "iam" && resource == "root" {
            return Some(Naming::Account);
        }
        let own_name = |prefix: &str| {
            resource
                .strip_prefix(prefix)
                .and_then(|rest| rest.rsplit('/').next())
        };
        match &caller.kind {
            // A session's ARN has no path, its role's may have one.
            CallerKind::Session { role_name, .. } if service == "iam" => {
                (own_name("role/") == Some(role_name)).then_some(Naming::Role)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(kind: PrincipalKind, entry: &str, caller: &str) -> Option<Naming> {
        let pattern = PrincipalPattern {
            kind,
            text: entry.into(),
        };
        pattern.names(&Principal::parse(caller).unwrap())
    }

    const USER: &str = "arn:aws:iam::111122223333:user/team/ann";
    const ROLE: &str = "arn:aws:iam::111122223333:role/team/app";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/i-1";

    #[test]
    fn accounts_are_named_by_id_and_by_root() {
        for caller in [USER, ROLE, SESSION] {
            assert_eq!(
                naming(PrincipalKind::Aws, "111122223333", caller),
                Some(Naming::Account)
            );
            assert_eq!(
                naming(PrincipalKind::Aws, "arn:aws:iam::111122223333:root", caller),
                Some(Naming::Account)
            );
            assert_eq!(naming(PrincipalKind::Aws, "999999999999", caller), None);
        }
    }

    #[test]
    fn a_role_names_its_sessions_and_a_session_only_itself() {
        assert_eq!(
            naming(PrincipalKind::Aws, ROLE, SESSION),
            Some(Naming::Role)
        );
        assert_eq!(naming(PrincipalKind::Aws, ROLE, ROLE), Some(Naming::Role));
        assert_eq!(
            naming(PrincipalKind::Aws, SESSION, SESSION),
            Some(Naming::Itself)
        );
        assert_eq!(naming(PrincipalKind::Aws, SESSION, ROLE), None);
        assert_eq!(naming(PrincipalKind::Aws, USER, USER), Some(Naming::Itself));
    }

    #[test]
    fn there_are_no_partial_wildcards() {
        assert_eq!(
            naming(PrincipalKind::Aws, "arn:aws:iam::111122223333:role/*", ROLE),
            None
        );
        assert_eq!(naming(PrincipalKind::Aws, "*", "*"), Some(Naming::Everyone));
        assert_eq!(
            naming(PrincipalKind::Everyone, "*", "ec2.amazonaws.com"),
            Some(Naming::Everyone)
        );
    }

    #[test]
    fn services_and_identity_providers_are_told_apart() {
        let service = Principal::parse("ec2.amazonaws.com").unwrap();
        assert_eq!(service.kind(), &CallerKind::Service);
        for federated in [
            "accounts.google.com",
            "cognito-identity.amazonaws.com",
            "cognito-identity-us-gov.amazonaws.com",
            "cognito-identity.cn-north-1.amazonaws.com.cn",
            "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
        ] {
            assert_eq!(
                Principal::parse(federated).unwrap().kind(),
                &CallerKind::Federated
            );
        }
        assert_eq!(
            naming(
                PrincipalKind::Service,
                "ec2.amazonaws.com",
                "ec2.amazonaws.com"
            ),
            Some(Naming::Itself)
        );
        assert_eq!(
            naming(
                PrincipalKind::Federated,
                "ec2.amazonaws.com",
                "ec2.amazonaws.com"
            ),
            None
        );
    }

    #[test]
    fn what_is_no_caller_is_none() {
        for text in [
            "",
            "ann",
            "arn:aws:s3:::b",
            "arn:aws:iam::1:user/x",
            "arn:aws:sts::111122223333:assumed-role/app",
        ] {
            assert_eq!(Principal::parse(text), None, "{text}");
        }
    }
}
