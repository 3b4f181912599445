//! Which accounts are asked, and with which credentials: those of profiles, and roles in the accounts of their organisations.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use aws_config::sts::AssumeRoleProvider;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_types::SdkConfig;
use aws_types::sdk_config::SharedCredentialsProvider;
use futures::StreamExt as _;
use futures::future::{join3, join4};
use leastgrant_aws::{Connection, Failure, FailureKind};
use leastgrant_inventory::Timestamp;
use serde_json::json;

use super::asker::Asker;
use super::calls::{ASSUME_ROLE, GET_CALLER_IDENTITY, LIST_ACCOUNTS};
use super::store::AnswerStore;
use super::wire::Clients;
use super::{Counters, LiveError, iam, identity_center, organization, regional, resources};
use crate::facts::partition_of;
use crate::file::{
    ACCOUNT_NOT_ACTIVE, ACCOUNT_NOT_FOUND, ACCOUNTS_NOT_LISTED, NOT_ASKED_AGAIN, OTHER_ACCOUNT,
};

/// Accounts side by side; each has limits of its own at AWS.
pub(super) const ACCOUNTS_AT_A_TIME: usize = 8;

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

/// An account with the credentials that it is asked with.
struct Account {
    account_id: String,
    clients: Clients,
    partition: String,
    /// Whether the organisation is to be found by it.
    finds_organization: bool,
}

pub(super) async fn collect(
    sources: &Sources,
    store: &AnswerStore,
    run_time: Timestamp,
    counters: &Counters,
) -> Result<(), LiveError> {
    let mut met = BTreeSet::new();
    let mut first_failure = None;
    let mut has_account = false;
    for connection in &sources.connections {
        let config = connection.config().await;
        let name = connection.profile.as_deref().unwrap_or("default");
        let clients = Clients::new(&config, name);
        match identify(&clients, store, run_time, counters, None).await? {
            Ok(Identity {
                account_id,
                partition,
            }) => {
                has_account = true;
                store.replace_the_one_before()?;
                if !met.insert(account_id.clone()) {
                    continue;
                }
                let home = Account {
                    account_id: account_id.clone(),
                    clients,
                    partition: partition.clone(),
                    finds_organization: sources.organization.is_some(),
                };
                counters.accounts.fetch_add(1, Ordering::Relaxed);
                let members = home_account(&home, sources, store, counters).await?;
                let Some(role) = &sources.organization else {
                    continue;
                };
                if !members.are_all {
                    let failure = Failure {
                        call: LIST_ACCOUNTS.name,
                        kind: FailureKind::Other,
                        code: Some(ACCOUNTS_NOT_LISTED.to_owned()),
                        message: "the organisation's accounts could not all be listed, so that it may have some that are not here; allow what was refused and collect again with `--resume`".to_owned(),
                    };
                    keep_failure(
                        &format!("organization of {account_id}"),
                        &failure,
                        store,
                        counters,
                    )?;
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
                        let place = (&config, role, &*partition);
                        member_account(member, place, sources, store, run_time, counters)
                    })
                    .buffer_unordered(ACCOUNTS_AT_A_TIME);
                while let Some(done) = collected.next().await {
                    done?;
                }
            }
            Err(failure) => {
                // The other profiles go on.
                let place = format!("profile {}", file_name(name));
                keep_failure(&place, &failure, store, counters)?;
                first_failure.get_or_insert((connection.profile.clone(), failure));
            }
        }
    }
    for account_id in store.not_asked()? {
        let failure = Failure {
            call: GET_CALLER_IDENTITY,
            kind: FailureKind::Other,
            code: Some(NOT_ASKED_AGAIN.to_owned()),
            message: "an earlier run asked this account, and this one was not led to it; what was missing is still missing".to_owned(),
        };
        keep_failure(&account_id, &failure, store, counters)?;
    }
    for account_id in sources.only.difference(&met) {
        let failure = Failure {
            call: GET_CALLER_IDENTITY,
            kind: FailureKind::NotFound,
            code: Some(ACCOUNT_NOT_FOUND.to_owned()),
            message: "neither a profile nor the organisation has this account; it was not asked"
                .to_owned(),
        };
        keep_failure(account_id, &failure, store, counters)?;
    }
    match first_failure {
        Some((profile, failure)) if !has_account => Err(LiveError::NoAccount { profile, failure }),
        _ => Ok(()),
    }
}

impl Sources {
    fn wants(&self, account_id: &str) -> bool {
        self.only.is_empty() || self.only.contains(account_id)
    }
}

/// A profile's name may be anything.
fn file_name(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
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
    let answer = match Box::pin(clients.sts.get_caller_identity().send()).await {
        Ok(answer) => answer,
        Err(error) => {
            // The role is assumed by the first call that is made in it.
            let failure =
                refused_role(&error).unwrap_or_else(|| Failure::of(GET_CALLER_IDENTITY, &error));
            return Ok(Err(failure));
        }
    };
    let account_id = answer.account.unwrap_or_default();
    let is_id = account_id.len() == 12 && account_id.bytes().all(|byte| byte.is_ascii_digit());
    if !is_id || expected.is_some_and(|expected| expected != account_id) {
        return Ok(Err(Failure {
            call: GET_CALLER_IDENTITY,
            kind: FailureKind::Other,
            code: Some(OTHER_ACCOUNT.to_owned()),
            message: format!("the credentials are those of `{account_id}`"),
        }));
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
    account: &Account,
    sources: &Sources,
    store: &AnswerStore,
    counters: &Counters,
) -> Result<organization::Members, LiveError> {
    let asker = Asker::new(&account.account_id, store, counters)?;
    let clients = &account.clients;
    let organization = Box::pin(organization::collect(
        &asker,
        &clients.organizations,
        &account.account_id,
        account.finds_organization,
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
    counters.accounts_done.fetch_add(1, Ordering::Relaxed);
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
    if let Some(state) = member.closed() {
        let failure = Failure {
            call: ASSUME_ROLE,
            kind: FailureKind::Other,
            code: Some(ACCOUNT_NOT_ACTIVE.to_owned()),
            message: format!(
                "the organisation says that the account is `{state}`; it was not asked"
            ),
        };
        keep_failure(account_id, &failure, store, counters)?;
    } else {
        let arn = format!("arn:{partition}:iam::{account_id}:role/{}", role.role_name);
        let config = in_role(config, &arn, role).await;
        let clients = Clients::new(&config, account_id);
        match identify(&clients, store, run_time, counters, Some(account_id)).await? {
            Ok(_) => {
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
    counters.accounts_done.fetch_add(1, Ordering::Relaxed);
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

async fn in_role(config: &SdkConfig, arn: &str, role: &Member) -> SdkConfig {
    let mut provider = AssumeRoleProvider::builder(arn)
        .session_name(&role.session_name)
        .tags(role.session_tags.iter().cloned())
        .configure(config);
    if let Some(external_id) = &role.external_id {
        provider = provider.external_id(external_id);
    }
    let provider = provider.build().await;
    config
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .build()
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
