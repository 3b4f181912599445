//! Streams: equal events of one principal, together with the times at which they happen.
//!
//! A principal's uses become streams one by one. A session that is opened for a call adds the event
//! of its opening, made by whoever the role trusts.

use serde_json::value::RawValue;

use super::fill;
use super::identity::Identity;
use super::opening::{opening, session_name};
use super::record::{Resource, SignIn};
use crate::Error;
use crate::calls::{ASSUME_ROLE, ApiCall};
use crate::model::usage::Schedule;
use crate::model::{Account, Actor, Client, Common, Organisation, Place, Role, Use, User};

/// The client that people sign in with.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

/// Equal events and their times.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The account that the events are delivered to.
    pub(crate) account: String,
    /// When they happen.
    pub(crate) schedule: Schedule,
    /// The Region that they are logged in.
    pub(crate) region: &'static str,
    /// The API call.
    pub(crate) call: &'static ApiCall,
    /// Who is behind them: a user's or role's ARN, a service's host, or another account. None for
    /// people and workflows at an identity provider, who are nobody in IAM.
    pub(crate) principal: Option<String>,
    /// The long-term key that they are signed with.
    pub(crate) key: Option<String>,
    /// The error message, if they are denied.
    pub(crate) error: Option<String>,
    pub(super) identity: Identity,
    pub(super) source_ip: String,
    pub(super) user_agent: String,
    /// The host that the client asked for.
    pub(super) host: String,
    pub(super) parameters: Box<RawValue>,
    pub(super) resources: Vec<Resource>,
    pub(super) invoked_by: Option<&'static str>,
    /// The client that calls, where it is not the principal's usual one.
    pub(super) client: Option<Client>,
    /// The VPC endpoint that the calls come through.
    pub(super) vpc_endpoint: Option<&'static str>,
    pub(super) sign_in: Option<SignIn>,
    /// What the events' shared id is made from, where another account gets them as well.
    pub(super) shared: Option<String>,
}

/// The streams of one account.
pub(super) fn of_account(
    organisation: &Organisation,
    account: &Account,
) -> Result<Vec<Stream>, Error> {
    let mut streams = Vec::new();
    for used in &account.root.uses {
        streams.push(of_root(account, used)?);
    }
    for user in &account.users {
        for used in &user.common.uses {
            streams.push(of_user(user, used)?);
        }
    }
    for role in &account.roles {
        for used in &role.common.uses {
            streams.extend(opening(organisation, role, used)?);
            streams.push(of_session(role, used)?);
        }
    }
    Ok(streams)
}

/// A stream with everything that does not depend on the kind of caller.
pub(super) fn stream(place: &Place, used: &Use, identity: Identity) -> Result<Stream, Error> {
    let call = used.call;
    let parameters =
        RawValue::from_string(fill(call.parameters, place)).map_err(|source| Error::Call {
            call: call.name,
            source,
        })?;
    let resources = call.resource.map(|(kind, arn)| Resource {
        account_id: place.account.clone(),
        r#type: kind,
        arn: fill(arn, place),
    });
    let error = used.denied.map(|reason| {
        format!(
            "User: {} is not authorized to perform: {}:{} on resource: {} {reason}",
            identity.arn(),
            call.namespace,
            call.action,
            fill(call.denied_on, place),
        )
    });
    Ok(Stream {
        account: place.account.clone(),
        schedule: used.schedule,
        region: used.region,
        call,
        principal: None,
        key: None,
        error,
        identity,
        source_ip: String::new(),
        user_agent: String::new(),
        host: format!("{}.{}.amazonaws.com", call.service(), used.region),
        parameters,
        resources: resources.into_iter().collect(),
        invoked_by: used.invoked_by,
        client: used.client,
        vpc_endpoint: None,
        sign_in: None,
        shared: None,
    })
}

impl Stream {
    /// What its events have in common with their copies in another account.
    pub(crate) fn shared(&self) -> Option<&str> {
        self.shared.as_deref()
    }

    /// Whether the caller is of another account, which gets the same events if it is one of the demo's.
    pub(crate) fn is_of_another_account(&self) -> bool {
        matches!(self.identity, Identity::OtherAccount { .. })
    }

    /// Says where the calls come from: from the principal's own client, or from a service.
    pub(super) fn called_by_client_of(mut self, common: &Common) -> Self {
        match self.invoked_by {
            Some(service) => {
                service.clone_into(&mut self.source_ip);
                service.clone_into(&mut self.user_agent);
            }
            None => {
                let client = self.client;
                let address = client.map_or(common.source_ip.as_str(), |client| client.source_ip);
                address.clone_into(&mut self.source_ip);
                let user_agent = client.map_or(common.user_agent, |client| client.user_agent);
                user_agent.clone_into(&mut self.user_agent);
                self.vpc_endpoint = common.vpc_endpoint.filter(|_| client.is_none());
            }
        }
        self
    }
}

fn key_of(actor: &Actor) -> Option<String> {
    match actor {
        Actor::Key(id) => Some(id.clone()),
        Actor::Password | Actor::Session { .. } => None,
    }
}

fn of_root(account: &Account, used: &Use) -> Result<Stream, Error> {
    let key = key_of(&used.actor);
    let place = Place {
        account: account.id.clone(),
        neighbour: String::new(),
        organisation: String::new(),
        region: used.region,
        app: String::new(),
        target: String::new(),
    };
    let identity = Identity::Root {
        account: account.id.clone(),
        key: key.clone(),
    };
    let sign_in = matches!(used.actor, Actor::Password).then_some(SignIn {
        with_mfa: account.root.mfa,
    });
    Ok(Stream {
        principal: Some(account.root_arn()),
        key,
        source_ip: "198.51.100.7".to_owned(),
        user_agent: BROWSER.to_owned(),
        sign_in,
        ..stream(&place, used, identity)?
    })
}

fn of_user(user: &User, used: &Use) -> Result<Stream, Error> {
    let common = &user.common;
    let key = key_of(&used.actor);
    let identity = Identity::User {
        id: common.id.clone(),
        arn: user.arn.clone(),
        account: common.place.account.clone(),
        name: user.name.clone(),
        key: key.clone(),
    };
    let sign_in = matches!(used.actor, Actor::Password).then_some(SignIn { with_mfa: user.mfa });
    let stream = Stream {
        principal: Some(user.arn.clone()),
        key,
        sign_in,
        ..stream(&common.place, used, identity)?
    };
    let stream = stream.called_by_client_of(common);
    Ok(match stream.sign_in {
        Some(_) => Stream {
            user_agent: BROWSER.to_owned(),
            ..stream
        },
        None => stream,
    })
}

fn of_session(role: &Role, used: &Use) -> Result<Stream, Error> {
    let common = &role.common;
    let place = &common.place;
    let identity = Identity::Session {
        role_id: common.id.clone(),
        role_arn: role.arn.clone(),
        role_name: role.name.clone(),
        account: place.account.clone(),
        session: session_name(role),
    };
    // A role of another account is assumed: that account logs the same event.
    let elsewhere = std::ptr::eq(used.call, &ASSUME_ROLE)
        && !place
            .target
            .starts_with(&format!("arn:aws:iam::{}:", place.account));
    let stream = Stream {
        principal: Some(role.arn.clone()),
        shared: elsewhere.then(|| place.target.clone()),
        ..stream(place, used, identity)?
    };
    Ok(stream.called_by_client_of(common))
}
