//! One account asked: what is known is not asked again, what is refused to everybody is not asked of everybody.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use leastgrant_aws::{Failure, FailureKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore};

use super::Counters;
use super::account_answers::{AccountAnswers, Member};
use super::calls::Call;
use super::plan::Planner;
use super::store::{AnswerStore, StoreError};
use crate::file::{NO_ANSWER_OF_AWS, NOT_ANSWERED, NOT_READABLE};

/// An operation that is refused so many times, and never answered, is not asked again.
const REFUSED_ALIKE: usize = 5;
/// Calls of one account at a time. IAM throttles each account by itself.
const CALLS_AT_A_TIME: usize = 10;
/// No listing of IAM's has more pages; a server that sends tokens for ever has.
const MOST_PAGES: usize = 100_000;

/// How an operation has been answered so far.
#[derive(Debug, Default)]
struct Standing {
    /// Calls on their way, as long as there was no answer yet.
    on_trial: usize,
    is_answered: bool,
    /// Why nobody is asked any more.
    is_closed: Option<Refusal>,
    refusals: Vec<Refusal>,
}

#[derive(Debug, Clone)]
struct Refusal {
    parameters: String,
    code: String,
    message: String,
}

/// Asks one account.
#[derive(Debug)]
pub(super) struct Asker<'a> {
    answers: AccountAnswers,
    standings: Mutex<HashMap<&'static str, Standing>>,
    changed: Notify,
    calls: Semaphore,
    /// Credentials that are no more end everything.
    ended: OnceLock<Refusal>,
    disk_failed: OnceLock<io::Error>,
    counters: &'a Counters,
    account: String,
}

impl<'a> Asker<'a> {
    /// For an account, or another place that has answers of its own.
    pub(super) fn new(
        account: &str,
        store: &AnswerStore,
        counters: &'a Counters,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            answers: store.account(account)?,
            standings: Mutex::default(),
            changed: Notify::new(),
            calls: Semaphore::new(CALLS_AT_A_TIME),
            ended: OnceLock::new(),
            disk_failed: OnceLock::new(),
            counters,
            account: account.to_owned(),
        })
    }

    /// The answer to a call: the one that is kept, or else AWS's, which is then kept. None: it failed, and why is kept.
    pub(super) async fn ask(
        &self,
        call: &'static Call,
        parameters: &Value,
        attempt: impl Future<Output = Result<String, Failure>>,
    ) -> Option<Answered> {
        let parameters = parameters.to_string();
        if let Some(json) = self.answers.get(call.name, &parameters) {
            return Some(Answered {
                call: call.name,
                parameters,
                json,
            });
        }
        if self.answers.is_known_to_be_none(call.name, &parameters) {
            return None;
        }
        if self.counts_only(call) || !self.may_be_asked(call).await {
            return None;
        }
        let outcome = attempt.await;
        self.settle(call, parameters, outcome)
    }

    /// Whether this only finds out what a collection would ask.
    pub(super) fn is_planning(&self) -> bool {
        self.counters.planner.is_some()
    }

    /// Counts a call where calls are planned, and says whether that is all that is to be done.
    pub(super) fn counts_only(&self, call: &'static Call) -> bool {
        let Some(planner) = &self.counters.planner else {
            return false;
        };
        planner.count(&self.account, call.name);
        !Planner::asks(call)
    }

    /// One call of its own within a longer attempt: it waits for its turn.
    pub(super) async fn in_turn<T>(&self, sent: impl Future<Output = T>) -> T {
        // The semaphore is never closed.
        let _turn = self.calls.acquire().await;
        self.counters.call_of(&self.account);
        sent.await
    }

    /// All pages of a listing. `page` gets the token of the page, none for the first one; `token` is its parameter's name.
    pub(super) async fn pages<F>(
        &self,
        call: &'static Call,
        parameters: &Value,
        token: &str,
        mut page: impl FnMut(Option<String>) -> F,
    ) -> Listing
    where
        F: Future<Output = Result<String, Failure>>,
    {
        let mut listing = Listing::default();
        let mut next: Option<String> = None;
        let mut met = HashSet::new();
        loop {
            let mut asked = parameters.clone();
            if let (Some(next), Some(members)) = (&next, asked.as_object_mut()) {
                members.insert(token.to_owned(), json!(next));
            }
            let attempt = self.in_turn(page(next.clone()));
            let Some(answer) = self.ask(call, &asked, attempt).await else {
                return listing;
            };
            let following = answer.next_page(self);
            let page_parameters = answer.parameters.clone();
            listing.pages.push(answer);
            match following {
                Ok(None) => {
                    listing.is_whole = true;
                    return listing;
                }
                Ok(Some(token)) if met.insert(token.clone()) && met.len() < MOST_PAGES => {
                    next = Some(token);
                }
                Ok(Some(_)) => {
                    self.not_readable(
                        call.name,
                        page_parameters,
                        "its pages follow each other in a circle",
                    );
                    return listing;
                }
                Err(()) => return listing,
            }
        }
    }

    /// What is kept for a call, if it is.
    pub(super) fn kept(&self, call: &'static str, parameters: &Value) -> Option<Answered> {
        let parameters = parameters.to_string();
        let json = self.answers.get(call, &parameters)?;
        Some(Answered {
            call,
            parameters,
            json,
        })
    }

    /// Keeps an answer that was not asked by [`Asker::ask`].
    pub(super) fn keep(&self, call: &str, parameters: &Value, answer: &str) {
        self.put(call, &parameters.to_string(), &Member::Answer(answer));
    }

    /// Forgets an answer that is kept.
    pub(super) fn forget(&self, call: &str, parameters: &Value) {
        self.put(call, &parameters.to_string(), &Member::Forgotten);
    }

    /// Keeps a failure that was not met by [`Asker::ask`], as that of the call that the failure names.
    pub(super) fn keep_failure(&self, failure: &Failure) {
        self.put_refusal(
            failure.call,
            &refusal(failure.call, "{}".to_owned(), failure),
        );
    }

    /// Keeps that an answer is not what such a call answers, so that nobody takes for empty what could not be read.
    pub(super) fn not_readable(&self, call: &str, parameters: String, why: &str) {
        self.put_refusal(
            call,
            &Refusal {
                parameters,
                code: NOT_READABLE.to_owned(),
                message: why.to_owned(),
            },
        );
    }

    /// Writes down what was refused to some only, and says whether all could be written.
    pub(super) fn finish(self) -> io::Result<()> {
        let standings = std::mem::take(&mut *self.standings());
        for (call, standing) in standings {
            for refusal in standing.refusals {
                self.put_refusal(call, &refusal);
            }
        }
        self.disk_failed.into_inner().map_or(Ok(()), Err)
    }

    fn standings(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Standing>> {
        self.standings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is known whether an operation is answered at all, unless few were asked yet.
    async fn may_be_asked(&self, call: &'static Call) -> bool {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on, no change is missed.
            changed.as_mut().enable();
            {
                let mut standings = self.standings();
                let standing = standings.entry(call.name).or_default();
                if standing.is_closed.is_some() || self.disk_failed.get().is_some() {
                    return false;
                }
                if let Some(why) = self.ended.get() {
                    let refusal = Refusal {
                        parameters: "{}".to_owned(),
                        ..why.clone()
                    };
                    standing.is_closed = Some(refusal.clone());
                    drop(standings);
                    self.put_refusal(call.name, &refusal);
                    return false;
                }
                if standing.is_answered {
                    return true;
                }
                if standing.on_trial + standing.refusals.len() < REFUSED_ALIKE {
                    standing.on_trial += 1;
                    return true;
                }
            }
            changed.await;
        }
    }

    fn settle(
        &self,
        call: &'static Call,
        parameters: String,
        outcome: Result<String, Failure>,
    ) -> Option<Answered> {
        let mut closed = None;
        let answer = {
            let mut standings = self.standings();
            let standing = standings.entry(call.name).or_default();
            standing.on_trial = standing.on_trial.saturating_sub(1);
            match outcome {
                Ok(json) => {
                    standing.is_answered = true;
                    Ok(json)
                }
                Err(failure) => {
                    let refusal = refusal(call.name, parameters.clone(), &failure);
                    standing.is_answered |= failure.kind == FailureKind::NotFound;
                    if ends_the_account(&failure) {
                        let _ = self.ended.set(refusal.clone());
                    }
                    let is_refused = failure.kind == FailureKind::Denied
                        || failure.code.as_deref() == Some(NO_ANSWER_OF_AWS);
                    if is_refused && !standing.is_answered {
                        standing.refusals.push(refusal.clone());
                        closed = standing.close_if_refused_alike();
                        Err(None)
                    } else {
                        Err(Some(refusal))
                    }
                }
            }
        };
        if let Some(refusal) = closed {
            self.put_refusal(call.name, &refusal);
        }
        let answer = match answer {
            Ok(json) => {
                self.put(call.name, &parameters, &Member::Answer(&json));
                Some(Answered {
                    call: call.name,
                    parameters,
                    json,
                })
            }
            Err(refusal) => {
                if let Some(refusal) = refusal {
                    self.put_refusal(call.name, &refusal);
                }
                None
            }
        };
        self.changed.notify_waiters();
        answer
    }

    fn put_refusal(&self, call: &str, refusal: &Refusal) {
        let error = json!({"Code": refusal.code, "Message": refusal.message}).to_string();
        self.put(call, &refusal.parameters, &Member::Error(&error));
    }

    fn put(&self, call: &str, parameters: &str, member: &Member<'_>) {
        if let Err(error) = self.answers.put(call, parameters, member) {
            // The first one tells; nothing more is asked.
            let _ = self.disk_failed.set(error);
        }
    }
}

impl Standing {
    /// One refusal in the place of all, if all are alike and enough.
    fn close_if_refused_alike(&mut self) -> Option<Refusal> {
        let first = self.refusals.first()?.clone();
        let is_alike = self.refusals.iter().all(|other| other.code == first.code);
        if self.refusals.len() < REFUSED_ALIKE || !is_alike {
            // Different refusals tell nothing of the next one.
            self.is_answered |= !is_alike;
            return None;
        }
        let refusal = Refusal {
            parameters: "{}".to_owned(),
            message: format!(
                "{}; it was refused alike for the first {REFUSED_ALIKE}, and the others were not asked",
                first.message
            ),
            code: first.code,
        };
        self.refusals.clear();
        self.is_closed = Some(refusal.clone());
        Some(refusal)
    }
}

/// Whether nothing more is answered with these credentials. A Region that is not enabled says of itself alone that it does not know them.
fn ends_the_account(failure: &Failure) -> bool {
    let is_global = ["iam:", "sts:", "organizations:"]
        .iter()
        .any(|service| failure.call.starts_with(service));
    failure.kind == FailureKind::Credentials && (is_global || has_expired(failure))
}

/// Whether the credentials were good before. Services that speak JSON have a longer name for it.
pub(super) fn has_expired(failure: &Failure) -> bool {
    let code = failure.code.as_deref().unwrap_or_default();
    code.starts_with("ExpiredToken")
}

/// Why a call has no answer; where another one failed that it needs, that one is named.
fn refusal(call: &str, parameters: String, failure: &Failure) -> Refusal {
    let code = failure
        .code
        .clone()
        .unwrap_or_else(|| NOT_ANSWERED.to_owned());
    let message = failure.message.strip_prefix(&format!("{code}: "));
    let message = message.unwrap_or(&failure.message);
    let message = if failure.call == call {
        message.to_owned()
    } else {
        format!("{message} (`{}`)", failure.call)
    };
    Refusal {
        parameters,
        message,
        code,
    }
}

/// An answer as JSON, as it is kept.
#[derive(Debug)]
pub(super) struct Answered {
    call: &'static str,
    parameters: String,
    json: String,
}

impl Answered {
    /// Members of the answer. What cannot be read is kept as a failure of the call, and is here as if it were empty.
    pub(super) fn read<T: DeserializeOwned + Default>(&self, asker: &Asker<'_>) -> T {
        self.try_read().unwrap_or_else(|error| {
            asker.not_readable(self.call, self.parameters.clone(), &error.to_string());
            T::default()
        })
    }

    /// Members of the answer.
    pub(super) fn try_read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.json)
    }

    /// The token of the page that follows, if one does. An error is kept.
    fn next_page(&self, asker: &Asker<'_>) -> Result<Option<String>, ()> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Page {
            #[serde(default, alias = "Truncated")]
            is_truncated: Option<bool>,
            #[serde(alias = "NextMarker")]
            marker: Option<String>,
            #[serde(alias = "nextToken", alias = "ContinuationToken")]
            next_token: Option<String>,
        }
        let page: Page = self.try_read().map_err(|error| {
            asker.not_readable(self.call, self.parameters.clone(), &error.to_string());
        })?;
        let marker = page.marker.filter(|_| page.is_truncated != Some(false));
        let token = marker.or(page.next_token).filter(|token| !token.is_empty());
        if token.is_none() && page.is_truncated == Some(true) {
            let why = "another page follows and it does not say how to ask for it";
            asker.not_readable(self.call, self.parameters.clone(), why);
            return Err(());
        }
        Ok(token)
    }
}

/// The pages of a listing as far as they came.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pages: Vec<Answered>,
    is_whole: bool,
}

impl Listing {
    /// The elements of all pages, by the shape of a page.
    pub(super) fn items<P: DeserializeOwned + Default, T>(
        &self,
        asker: &Asker<'_>,
        items: impl Fn(P) -> Vec<T>,
    ) -> Vec<T> {
        self.pages
            .iter()
            .flat_map(|page| items(page.read(asker)))
            .collect()
    }

    /// Whether the last page came.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }
}
