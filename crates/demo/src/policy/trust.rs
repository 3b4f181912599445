//! Trust policies: who may assume a role.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::VERSION;
use crate::model::{Place, Trust};

/// A role's trust policy, ready to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrustDocument<'a> {
    /// Who is trusted.
    pub(crate) trust: &'a Trust,
    /// The role's account and organisation.
    pub(crate) place: &'a Place,
}

/// One statement of a trust policy.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TrustStatement {
    effect: &'static str,
    principal: Principal,
    action: Actions,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "conditions")]
    condition: Vec<(&'static str, String, String)>,
}

#[derive(Serialize)]
enum Principal {
    Service(String),
    #[serde(rename = "AWS")]
    Aws(String),
    Federated(String),
}

#[derive(Serialize)]
#[serde(untagged)]
enum Actions {
    One(&'static str),
    Several(&'static [&'static str]),
}

/// Writes conditions: operator, key, value. No two of them share an operator.
fn conditions<S: Serializer>(
    list: &[(&'static str, String, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(list.len()))?;
    for (operator, key, value) in list {
        map.serialize_entry(operator, &Pair(key, value))?;
    }
    map.end()
}

struct Pair<'a>(&'a str, &'a str);

impl Serialize for Pair<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, self.1)])
    }
}

fn condition(operator: &'static str, key: &str, value: &str) -> (&'static str, String, String) {
    (operator, key.to_owned(), value.to_owned())
}

const ASSUME: Actions = Actions::One("sts:AssumeRole");

impl TrustDocument<'_> {
    fn statement(&self) -> TrustStatement {
        let account = &self.place.account;
        let (principal, action, condition) = match self.trust {
            Trust::Service(host) => (Principal::Service((*host).to_owned()), ASSUME, Vec::new()),
            Trust::OwnAccountWithMfa => (
                Principal::Aws(format!("arn:aws:iam::{account}:root")),
                ASSUME,
                vec![condition("Bool", "aws:MultiFactorAuthPresent", "true")],
            ),
            Trust::Principal(arn) | Trust::Hub { arn, .. } => {
                (Principal::Aws(arn.clone()), ASSUME, Vec::new())
            }
            Trust::Vendor {
                account: vendor,
                external_id,
            } => (
                Principal::Aws(format!("arn:aws:iam::{vendor}:root")),
                ASSUME,
                vec![condition("StringEquals", "sts:ExternalId", external_id)],
            ),
            Trust::GitHub { repository } => (
                Principal::Federated(format!(
                    "arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
                )),
                Actions::One("sts:AssumeRoleWithWebIdentity"),
                vec![
                    condition(
                        "StringEquals",
                        "token.actions.githubusercontent.com:aud",
                        "sts.amazonaws.com",
                    ),
                    condition(
                        "StringLike",
                        "token.actions.githubusercontent.com:sub",
                        &format!("repo:{repository}:ref:refs/heads/*"),
                    ),
                ],
            ),
            Trust::Cluster {
                provider,
                service_account,
            } => (
                Principal::Federated(format!(
                    "arn:aws:iam::{account}:oidc-provider/oidc.eks.{}.amazonaws.com/id/{provider}",
                    self.place.region
                )),
                Actions::One("sts:AssumeRoleWithWebIdentity"),
                vec![condition(
                    "StringEquals",
                    &format!(
                        "oidc.eks.{}.amazonaws.com/id/{provider}:sub",
                        self.place.region
                    ),
                    &format!("system:serviceaccount:{service_account}"),
                )],
            ),
            Trust::IdentityCenter => (
                Principal::Federated(format!(
                    "arn:aws:iam::{account}:saml-provider/AWSSSO_0f1e2d3c4b5a6978_DO_NOT_DELETE"
                )),
                Actions::Several(&["sts:AssumeRoleWithSAML", "sts:TagSession"]),
                vec![condition(
                    "StringEquals",
                    "SAML:aud",
                    "https://signin.aws.amazon.com/saml",
                )],
            ),
            Trust::WholeOrganisation => (
                Principal::Aws("*".to_owned()),
                ASSUME,
                vec![condition(
                    "StringEquals",
                    "aws:PrincipalOrgID",
                    &self.place.organisation,
                )],
            ),
            Trust::Everybody => (Principal::Aws("*".to_owned()), ASSUME, Vec::new()),
            Trust::DeletedUser { id } => (Principal::Aws(id.clone()), ASSUME, Vec::new()),
        };
        TrustStatement {
            effect: "Allow",
            principal,
            action,
            condition,
        }
    }
}

impl Serialize for TrustDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("Version", VERSION)?;
        map.serialize_entry("Statement", &[self.statement()])?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_is_trusted_under_two_conditions() {
        let place = Place {
            account: "111122223333".to_owned(),
            neighbour: "444455556666".to_owned(),
            organisation: "o-madeup1234".to_owned(),
            region: "eu-central-1",
            app: "orders-web".to_owned(),
            target: "*".to_owned(),
        };
        let trust = Trust::GitHub {
            repository: "example/orders".to_owned(),
        };
        let document = TrustDocument {
            trust: &trust,
            place: &place,
        };
        assert_eq!(
            serde_json::to_string(&document).unwrap(),
            concat!(
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"#,
                r#""arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},"#,
                r#""Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":"#,
                r#"{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":"#,
                r#"{"token.actions.githubusercontent.com:sub":"repo:example/orders:ref:refs/heads/*"}}}]}"#
            )
        );
    }
}
