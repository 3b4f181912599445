//! Which accounts are asked, and with which credentials: those of profiles, and roles in the accounts of their organisations.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_types::SdkConfig;
use futures::future::{join, join4, try_join};
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use leastgrant_aws::{Connection, Failure, FailureKind};
use leastgrant_inventory::Timestamp;
use leastgrant_inventory::is_account;
use serde_json::json;

use super::asker::Asker;
use super::calls::{ASSUME_ROLE, GET_CALLER_IDENTITY, LIST_ACCOUNTS};
use super::role::{LONGEST_ASSUMING, Member, in_role, refused_role};
use super::store::{AnswerStore, StoreError};
use super::wire::{Clients, with_body};
use super::{Counters, LiveError, iam, identity_center, organization, regional, resources};
use crate::facts::partition_of;
use crate::file::{
    ACCOUNT_NOT_ACTIVE, ACCOUNT_NOT_FOUND, ACCOUNTS_NOT_LISTED, NOT_ASKED_AGAIN, OTHER_ACCOUNT,
    SAME_ACCOUNT,
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

/// An account of a profile, with the credentials that it is asked with.
pub(super) struct Home {
    pub account_id: String,
    pub clients: Clients,
    pub config: SdkConfig,
    pub partition: String,
    pub profile: String,
}

/// The same while it is asked, for the organisation and for its own side by side.
struct OpenHome<'a> {
    home: Home,
    asker: Asker<'a>,
    is_half_done: AtomicBool,
}

impl OpenHome<'_> {
    /// The second of both ends the account.
    fn end_half(&self, counters: &Counters) {
        if self.is_half_done.swap(true, Ordering::Relaxed) {
            counters.end(&self.home.account_id);
        }
    }
}

/// Accounts of the profiles' organisations, each with the one that listed it.
#[derive(Default)]
struct Organizations<'a> {
    members: Vec<(&'a Home, organization::Member)>,
    /// Those of organisations that were listed to their end.
    listed: BTreeSet<String>,
    /// Those whose organisation they could not list.
    not_listed: Vec<String>,
}

pub(super) async fn collect(
    sources: &Sources,
    store: &AnswerStore,
    run_time: Timestamp,
    counters: &Counters,
) -> Result<(), LiveError> {
    let homes = homes(sources, store, run_time, counters).await?;
    from_homes(homes, sources, store, run_time, counters).await
}

/// The accounts of profiles and of their organisations, side by side.
pub(super) async fn from_homes(
    homes: Vec<Home>,
    sources: &Sources,
    store: &AnswerStore,
    run_time: Timestamp,
    counters: &Counters,
) -> Result<(), LiveError> {
    // Who has a profile of his own is asked with it, and not in a role.
    let mut met: BTreeSet<String> = homes.iter().map(|home| home.account_id.clone()).collect();
    let homes: Vec<OpenHome<'_>> = homes
        .into_iter()
        .map(|home| {
            Ok(OpenHome {
                asker: Asker::new(&home.account_id, store, counters)?,
                is_half_done: AtomicBool::new(false),
                home,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    let members = async {
        let organizations = organizations(&homes, sources, &mut met, counters).await;
        if let Some(role) = &sources.organization {
            let members = organizations.members.iter().map(|(home, member)| {
                let place = (&home.config, role, &*home.partition);
                member_account(member, place, sources, store, run_time, counters)
            });
            futures::stream::iter(members)
                .buffer_unordered(ACCOUNTS_AT_A_TIME)
                .try_collect::<()>()
                .await?;
        }
        Ok::<_, LiveError>(organizations)
    };
    let own = futures::stream::iter(&homes)
        .for_each_concurrent(ACCOUNTS_AT_A_TIME, |home| {
            Box::pin(home_account(home, sources, counters))
        })
        .map(Ok);
    let (organizations, ()) = try_join(Box::pin(members), own).await?;
    let Organizations {
        listed, not_listed, ..
    } = organizations;
    for OpenHome { asker, .. } in homes {
        finish(asker, store)?;
    }
    for account_id in not_listed {
        // Another profile may have listed the organisation of this one's account.
        if !listed.contains(&account_id) {
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

/// Asks the profiles' accounts for the accounts of their organisations, one after another: who is listed by one need not list them himself.
async fn organizations<'a>(
    homes: &'a [OpenHome<'_>],
    sources: &Sources,
    met: &mut BTreeSet<String>,
    counters: &Counters,
) -> Organizations<'a> {
    let mut organizations = Organizations::default();
    for open in homes {
        let home = &open.home;
        counters.begin(&home.account_id);
        let is_wanted =
            sources.organization.is_some() && !organizations.listed.contains(&home.account_id);
        let client = &home.clients.organizations;
        let found = organization::collect(&open.asker, client, &home.account_id, is_wanted);
        let found = Box::pin(found).await;
        open.end_half(counters);
        if sources.organization.is_none() {
            continue;
        }
        if found.are_all {
            let ids = found.accounts.iter().map(|member| member.id.clone());
            organizations.listed.extend(ids);
        } else {
            organizations.not_listed.push(home.account_id.clone());
        }
        let members = found.accounts.into_iter();
        let members =
            members.filter(|member| sources.wants(&member.id) && met.insert(member.id.clone()));
        let before = organizations.members.len();
        organizations
            .members
            .extend(members.map(|member| (home, member)));
        let count = organizations.members.len() - before;
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        counters.accounts.fetch_add(count, Ordering::Relaxed);
    }
    organizations
}

/// What the account of a profile has beside its organisation's accounts.
async fn home_account(open: &OpenHome<'_>, sources: &Sources, counters: &Counters) {
    let OpenHome { home, asker, .. } = open;
    counters.begin(&home.account_id);
    let clients = &home.clients;
    let (has_no_instance, regions) = join(
        Box::pin(identity_center::collect(asker, &clients.sso_admin)),
        async {
            if sources.wants(&home.account_id) {
                own_parts(asker, clients, sources, &home.partition).await
            } else {
                BTreeSet::new()
            }
        },
    )
    .await;
    if has_no_instance {
        let sso_admin = &clients.sso_admin;
        Box::pin(identity_center::collect_elsewhere(
            asker, sso_admin, &regions,
        ))
        .await;
    }
    open.end_half(counters);
}

/// An account of the organisation, in a role there.
pub(super) async fn member_account(
    member: &organization::Member,
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
