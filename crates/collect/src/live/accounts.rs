//! Which accounts are asked, and with which credentials: those of profiles, and roles in the accounts of their organisations.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_types::SdkConfig;
use aws_types::sdk_config::SharedCredentialsProvider;
use futures::StreamExt as _;
use futures::future::{join3, join4};
use leastgrant_aws::{Connection, Failure, FailureKind, causes, presentable};
use leastgrant_inventory::Timestamp;
use serde_json::json;

use super::asker::Asker;
use super::calls::{ASSUME_ROLE, GET_CALLER_IDENTITY, LIST_ACCOUNTS};
use super::store::{AnswerStore, is_account};
use super::wire::{Clients, with_body};
use super::{Counters, LiveError, iam, identity_center, organization, regional, resources};
use crate::facts::partition_of;
use crate::file::{
    ACCOUNT_NOT_ACTIVE, ACCOUNT_NOT_FOUND, ACCOUNTS_NOT_LISTED, NOT_ASKED_AGAIN, OTHER_ACCOUNT,
    SAME_ACCOUNT,
};

/// Accounts side by side; each has limits of its own at AWS.
pub(super) const ACCOUNTS_AT_A_TIME: usize = 8;

/// Some attempts of AssumeRole.
const LONGEST_ASSUMING: Duration = Duration::from_secs(90);

/// Where accounts come from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// How AWS is reached; more than one: with several profiles.
    pub connections: Vec<Connection>,
    /// The role in all accounts of the organisation, if these are wanted.
    pub organization: Option<Member>,
    /// Only these accounts; none: all.
    pub only: BTreeSet<String>,
    /// Whether the policies of resources are wanted.
    pub resource_policies: bool,
}

/// The role to be in each account of an organisation.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name, with a path before it if it has one.
    pub role_name: String,
    /// What its trust policy may ask for.
    pub external_id: Option<String>,
    /// How CloudTrail names the sessions.
    pub session_name: String,
    /// Tags of the sessions.
    pub session_tags: Vec<(String, String)>,
}

/// An account of a profile, with the credentials that it is asked with.
struct Home {
    account_id: String,
    clients: Clients,
    config: SdkConfig,
    partition: String,
    profile: String,
}

pub(super) async fn collect(
    sources: &Sources,
    store: &AnswerStore,
    run_time: Timestamp,
    counters: &Counters,
) -> Result<(), LiveError> {
    let homes = homes(sources, store, run_time, counters).await?;
    // Who has a profile of his own is asked with it, and not in a role.
    let mut met: BTreeSet<String> = homes.iter().map(|home| home.account_id.clone()).collect();
    let mut listed = BTreeSet::new();
    let mut not_listed = Vec::new();
    for home in &homes {
        let finds_organization =
            sources.organization.is_some() && !listed.contains(&home.account_id);
        let members = home_account(home, finds_organization, sources, store, counters).await?;
        let Some(role) = &sources.organization else {
            continue;
        };
        if members.are_all {
            listed.extend(members.accounts.iter().map(|member| member.id.clone()));
        } else {
            not_listed.push(&home.account_id);
        }
        let members: Vec<_> = members
            .accounts
            .into_iter()
            .filter(|member| sources.wants(&member.id) && met.insert(member.id.clone()))
            .collect();
        let count = u64::try_from(members.len()).unwrap_or(u64::MAX);
        counters.accounts.fetch_add(count, Ordering::Relaxed);
        let mut collected = futures::stream::iter(members)
            .map(|member| {
                let place = (&home.config, role, &*home.partition);
                member_account(member, place, sources, store, run_time, counters)
            })
            .buffer_unordered(ACCOUNTS_AT_A_TIME);
        while let Some(done) = collected.next().await {
            done?;
        }
    }
    for account_id in not_listed {
        // Another profile may have listed the organisation of this one's account.
        if !listed.contains(account_id) {
            let failure = failure(
                LIST_ACCOUNTS.name,
                ACCOUNTS_NOT_LISTED,
                "the organisation's accounts could not all be listed, so that it may have some that are not here; allow what was refused and collect again with `--resume`".to_owned(),
            );
            let place = format!("organization of {account_id}");
            keep_failure(&place, &failure, store, counters)?;
        }
    }
    for account_id in store.not_asked()? {
        let failure = failure(
            GET_CALLER_IDENTITY,
            NOT_ASKED_AGAIN,
            "an earlier run asked this account, and this one was not led to it; what was missing is still missing".to_owned(),
        );
        keep_failure(&account_id, &failure, store, counters)?;
    }
    for account_id in sources.only.difference(&met) {
        let failure = Failure {
            kind: FailureKind::NotFound,
            ..failure(
                GET_CALLER_IDENTITY,
                ACCOUNT_NOT_FOUND,
                "neither a profile nor the organisation has this account; it was not asked"
                    .to_owned(),
            )
        };
        keep_failure(account_id, &failure, store, counters)?;
    }
    Ok(())
}

/// The accounts of the profiles, each once.
async fn homes(
    sources: &Sources,
    store: &AnswerStore,
    run_time: Timestamp,
    counters: &Counters,
) -> Result<Vec<Home>, LiveError> {
    let mut homes: Vec<Home> = Vec::new();
    let mut first_failure = None;
    for connection in &sources.connections {
        let config = connection.config().await;
        let profile = connection
            .profile
            .as_deref()
            .unwrap_or("default")
            .to_owned();
        let clients = Clients::new(&config, &profile);
        let kept = match identify(&clients, store, run_time, counters, None).await? {
            Ok(Identity {
                account_id,
                partition,
            }) => {
                store.replace_the_one_before()?;
                let Some(first) = homes.iter().find(|home| home.account_id == account_id) else {
                    homes.push(Home {
                        account_id,
                        clients,
                        config,
                        partition,
                        profile,
                    });
                    continue;
                };
                failure(
                    GET_CALLER_IDENTITY,
                    SAME_ACCOUNT,
                    format!(
                        "the profiles `{}` and `{profile}` are of the same account, `{account_id}`, which was asked with the first alone; leave one out",
                        first.profile
                    ),
                )
            }
            Err(failure) => {
                first_failure.get_or_insert((connection.profile.clone(), failure.clone()));
                failure
            }
        };
        // The other profiles go on.
        keep_failure(&format!("profile {profile}"), &kept, store, counters)?;
    }
    let count = u64::try_from(homes.len()).unwrap_or(u64::MAX);
    counters.accounts.fetch_add(count, Ordering::Relaxed);
    match first_failure {
        Some((profile, failure)) if homes.is_empty() => {
            Err(LiveError::NoAccount { profile, failure })
        }
        _ => Ok(homes),
    }
}

/// What AWS did not say, and was found out.
fn failure(call: &'static str, code: &str, message: String) -> Failure {
    Failure {
        call,
        kind: FailureKind::Other,
        code: Some(code.to_owned()),
        message,
    }
}

impl Sources {
    fn wants(&self, account_id: &str) -> bool {
        self.only.is_empty() || self.only.contains(account_id)
    }
}

/// Whose credentials are.
struct Identity {
    account_id: String,
    partition: String,
}

/// Asks whose the credentials are. Kept once for each account, since it dates the collection: a run that goes on has the date of the first.
async fn identify(
    clients: &Clients,
    store: &AnswerStore,
    run_time: Timestamp,
    counters: &Counters,
    expected: Option<&str>,
) -> Result<Result<Identity, Failure>, LiveError> {
    counters.calls.fetch_add(1, Ordering::Relaxed);
    let asked = Box::pin(with_body(clients.sts.get_caller_identity().send()));
    let answer = match asked.await.0 {
        Ok(answer) => answer,
        Err(error) => {
            // A profile may be of a role, which is assumed by the first call that is made in it.
            let failure =
                refused_role(&error).unwrap_or_else(|| Failure::of(GET_CALLER_IDENTITY, &error));
            return Ok(Err(failure));
        }
    };
    let account_id = answer.account.unwrap_or_default();
    if !is_account(&account_id) || expected.is_some_and(|expected| expected != account_id) {
        return Ok(Err(failure(
            GET_CALLER_IDENTITY,
            OTHER_ACCOUNT,
            format!("the credentials are those of `{account_id}`"),
        )));
    }
    let arn = answer.arn.unwrap_or_default();
    let partition = partition_of(&arn).unwrap_or("aws").to_owned();
    let asker = Asker::new(&account_id, store, counters)?;
    if let Some(planner) = &counters.planner {
        planner.count(&account_id, GET_CALLER_IDENTITY);
        if expected.is_some() {
            planner.count(&account_id, ASSUME_ROLE);
        }
    }
    if asker.kept(GET_CALLER_IDENTITY, &json!({})).is_none() {
        let identity = json!({
            "Account": account_id,
            "Partition": partition,
            "collected_at": run_time.to_string(),
            "Arn": arn,
        });
        asker.keep(GET_CALLER_IDENTITY, &json!({}), &identity.to_string());
    }
    finish(asker, store)?;
    Ok(Ok(Identity {
        account_id,
        partition,
    }))
}

/// Keeps why an account, or another place, was not asked.
fn keep_failure(
    place: &str,
    failure: &Failure,
    store: &AnswerStore,
    counters: &Counters,
) -> Result<(), LiveError> {
    let asker = Asker::new(place, store, counters)?;
    asker.keep_failure(failure);
    finish(asker, store)
}

/// An account of a profile, and the accounts of its organisation.
async fn home_account(
    account: &Home,
    finds_organization: bool,
    sources: &Sources,
    store: &AnswerStore,
    counters: &Counters,
) -> Result<organization::Members, LiveError> {
    counters.begin(&account.account_id);
    let asker = Asker::new(&account.account_id, store, counters)?;
    let clients = &account.clients;
    let organization = Box::pin(organization::collect(
        &asker,
        &clients.organizations,
        &account.account_id,
        finds_organization,
    ));
    let (members, has_no_instance, regions) = join3(
        organization,
        Box::pin(identity_center::collect(&asker, &clients.sso_admin)),
        async {
            if sources.wants(&account.account_id) {
                own_parts(&asker, clients, sources, &account.partition).await
            } else {
                BTreeSet::new()
            }
        },
    )
    .await;
    if has_no_instance {
        let sso_admin = &clients.sso_admin;
        Box::pin(identity_center::collect_elsewhere(
            &asker, sso_admin, &regions,
        ))
        .await;
    }
    finish(asker, store)?;
    counters.end(&account.account_id);
    Ok(members)
}

/// An account of the organisation, in a role there.
pub(super) async fn member_account(
    member: organization::Member,
    (config, role, partition): (&SdkConfig, &Member, &str),
    sources: &Sources,
    store: &AnswerStore,
    run_time: Timestamp,
    counters: &Counters,
) -> Result<(), LiveError> {
    let account_id = &member.id;
    counters.begin(account_id);
    if let Some(state) = member.closed() {
        let failure = failure(
            ASSUME_ROLE,
            ACCOUNT_NOT_ACTIVE,
            format!("the organisation says that the account is `{state}`; it was not asked"),
        );
        keep_failure(account_id, &failure, store, counters)?;
    } else {
        let arn = format!("arn:{partition}:iam::{account_id}:role/{}", role.role_name);
        let asked = match in_role(config, &arn, role, LONGEST_ASSUMING).await {
            Ok(config) => {
                let clients = Clients::new(&config, account_id);
                let identity = identify(&clients, store, run_time, counters, Some(account_id));
                identity.await?.map(|_| clients)
            }
            Err(failure) => Err(failure),
        };
        match asked {
            Ok(clients) => {
                let asker = Asker::new(account_id, store, counters)?;
                own_parts(&asker, &clients, sources, partition).await;
                finish(asker, store)?;
            }
            Err(failure) => {
                let failure = Failure {
                    message: format!("cannot be `{arn}`: {}", failure.message),
                    ..failure
                };
                keep_failure(account_id, &failure, store, counters)?;
            }
        }
    }
    counters.end(account_id);
    Ok(())
}

/// What STS said to AssumeRole, if that is among the causes of an error.
fn refused_role(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>() {
            return Some(Failure::of(ASSUME_ROLE, refused));
        }
        cause = error.source();
    }
    None
}

/// The role's credentials: the first are had before anything is asked with them, so that it is known why there are none.
#[derive(Debug)]
struct Assumed {
    first: Mutex<Option<Credentials>>,
    role: AssumeRoleProvider,
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        match first.take() {
            Some(first) => future::ProvideCredentials::ready(Ok(first)),
            None => self.role.provide_credentials(),
        }
    }
}

/// The configuration of whom is in the role, which is assumed within a time, all attempts together.
pub(super) async fn in_role(
    config: &SdkConfig,
    arn: &str,
    role: &Member,
    longest: Duration,
) -> Result<SdkConfig, Failure> {
    let mut provider = AssumeRoleProvider::builder(arn)
        .session_name(&role.session_name)
        .tags(role.session_tags.iter().cloned())
        .configure(config);
    if let Some(external_id) = &role.external_id {
        provider = provider.external_id(external_id);
    }
    let role = provider.build().await;
    let not_assumed = |message: &str| Failure {
        call: ASSUME_ROLE,
        kind: FailureKind::Other,
        code: None,
        message: presentable(message),
    };
    let first = Box::pin(role.provide_credentials());
    let first = match tokio::time::timeout(longest, first).await {
        Ok(Ok(first)) => first,
        Ok(Err(error)) => {
            return Err(refused_role(&error).unwrap_or_else(|| not_assumed(&causes(&error))));
        }
        Err(_) => {
            let seconds = longest.as_secs();
            return Err(not_assumed(&format!("STS gave no answer in {seconds} s")));
        }
    };
    let provider = Assumed {
        first: Mutex::new(Some(first)),
        role,
    };
    Ok(config
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .build())
}

/// What every account has for itself. Gives the Regions whose permission sets have roles there.
async fn own_parts(
    asker: &Asker<'_>,
    clients: &Clients,
    sources: &Sources,
    partition: &str,
) -> BTreeSet<String> {
    let (regions, (), (), ()) = join4(
        Box::pin(iam::collect(asker, &clients.iam)),
        Box::pin(regional::analyzers(asker, &clients.access_analyzer)),
        Box::pin(regional::trails(asker, &clients.cloudtrail)),
        Box::pin(async {
            if sources.resource_policies {
                resources::collect(asker, clients, partition).await;
            }
        }),
    )
    .await;
    regions
}

fn finish(asker: Asker<'_>, store: &AnswerStore) -> Result<(), LiveError> {
    asker.finish().map_err(|source| LiveError::Disk {
        folder: store.folder().to_owned(),
        source,
    })
}
