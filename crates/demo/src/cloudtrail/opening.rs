//! The events of opening sessions: by whoever a role trusts.

use super::identity::Identity;
use super::stream::{Stream, stream};
use crate::Error;
use crate::calls::{ASSUME_ROLE, ASSUME_ROLE_WITH_SAML, ASSUME_ROLE_WITH_WEB_IDENTITY, ApiCall};
use crate::model::{Actor, Organisation, Place, Role, Trust, Use};

/// The name that the sessions of a role have.
pub(super) fn session_name(role: &Role) -> String {
    match &role.trust {
        Trust::IdentityCenter => "ada@example.com".to_owned(),
        Trust::GitHub { .. } => "GitHubActions".to_owned(),
        Trust::Service("ec2.amazonaws.com") => "i-0a1b2c3d4e5f60718".to_owned(),
        _ => role.common.place.app.clone(),
    }
}

/// The event of opening a session, where it is made by somebody who has no uses of its own.
pub(super) fn opening(
    organisation: &Organisation,
    role: &Role,
    used: &Use,
) -> Result<Option<Stream>, Error> {
    if !matches!(
        used.actor,
        Actor::Session {
            opened_for_it: true
        }
    ) {
        return Ok(None);
    }
    let account = &role.common.place.account;
    let place = Place {
        target: role.arn.clone(),
        app: session_name(role),
        ..role.common.place.clone()
    };
    let opening = |call: &'static ApiCall, identity: Identity| {
        let opening = Use {
            call,
            denied: None,
            invoked_by: None,
            ..used.clone()
        };
        stream(&place, &opening, identity)
    };
    let opened = match &role.trust {
        Trust::Service(host) => Stream {
            principal: Some((*host).to_owned()),
            source_ip: (*host).to_owned(),
            user_agent: (*host).to_owned(),
            shared: Some(format!("{host} {}", role.arn)),
            ..opening(&ASSUME_ROLE, Identity::Service { host })?
        },
        Trust::Vendor {
            account: vendor, ..
        } => {
            let identity = Identity::OtherAccount {
                account: vendor.clone(),
                principal_id: "AROAVENDORVENDORVEND2:poller".to_owned(),
            };
            Stream {
                principal: Some(vendor.clone()),
                source_ip: "198.51.100.23".to_owned(),
                user_agent: "aws-sdk-go-v2/1.39.2 os/linux lang/go#1.24.6".to_owned(),
                shared: Some(format!("{vendor} {}", role.arn)),
                ..opening(&ASSUME_ROLE, identity)?
            }
        }
        Trust::Hub { account: hub, arn } if hub != account => {
            let Some(caller) = find_role(organisation, arn) else {
                return Ok(None);
            };
            let identity = Identity::OtherAccount {
                account: hub.clone(),
                principal_id: format!("{}:{}", caller.common.id, session_name(caller)),
            };
            let stream = Stream {
                principal: Some(hub.clone()),
                // Like that of the hub's own event.
                shared: Some(role.arn.clone()),
                ..opening(&ASSUME_ROLE, identity)?
            };
            stream.called_by_client_of(&caller.common)
        }
        Trust::GitHub { repository } => {
            let identity = Identity::Federated {
                kind: "WebIdentityUser",
                provider: format!(
                    "arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
                ),
                name: format!("repo:{repository}:ref:refs/heads/main"),
            };
            opening(&ASSUME_ROLE_WITH_WEB_IDENTITY, identity)?.called_by_client_of(&role.common)
        }
        Trust::Cluster {
            provider,
            service_account,
        } => {
            let identity = Identity::Federated {
                kind: "WebIdentityUser",
                provider: format!(
                    "arn:aws:iam::{account}:oidc-provider/oidc.eks.{}.amazonaws.com/id/{provider}",
                    place.region
                ),
                name: format!("system:serviceaccount:{service_account}"),
            };
            opening(&ASSUME_ROLE_WITH_WEB_IDENTITY, identity)?.called_by_client_of(&role.common)
        }
        Trust::IdentityCenter => {
            let identity = Identity::Federated {
                kind: "SAMLUser",
                provider: "kX2bMadeUpDemoProviderK5Y=".to_owned(),
                name: session_name(role),
            };
            opening(&ASSUME_ROLE_WITH_SAML, identity)?.called_by_client_of(&role.common)
        }
        // Whoever opens these is a principal of the demo, with a use of its own for it.
        Trust::Hub { .. }
        | Trust::Principal(_)
        | Trust::OwnAccountWithMfa
        | Trust::WholeOrganisation
        | Trust::Everybody
        | Trust::DeletedUser { .. } => return Ok(None),
    };
    Ok(Some(opened))
}

fn find_role<'a>(organisation: &'a Organisation, arn: &str) -> Option<&'a Role> {
    organisation
        .accounts
        .iter()
        .flat_map(|account| &account.roles)
        .find(|role| role.arn == arn)
}
