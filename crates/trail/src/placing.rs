//! From a record to its set of rows: who called what, and which permissions that needed.
//!
//! Calls that were met before go where they went, so that most requests are never read.

use std::sync::Arc;

use leastgrant_catalog::{EventRequest, EventResource, Need};
use serde::Deserialize;

use crate::call_kinds::CallKind;
use crate::callers::Caller;
use crate::collector::{RowPlace, UsageCollector};
use crate::decided::Decides;
use crate::groups::GroupKey;
use crate::interner::EMPTY;
use crate::known_rows::{Call, Deciding, Request};
use crate::{Record, Text};

/// Where a record goes.
pub(crate) struct Placed {
    /// The service that made the call with the caller's rights.
    pub(crate) invoked_by: Option<Arc<str>>,
    /// The number of the set of rows that it adds to.
    pub(crate) rows: u32,
    /// Whether the caller's own account received it.
    pub(crate) is_callers_account: bool,
    /// What the rows are known by.
    pub(crate) call: Call,
}

/// A record that is being placed.
pub(crate) struct Begun<'r> {
    invoked_by: Option<Arc<str>>,
    is_callers_account: bool,
    request: Request<'r>,
    /// Whether the request was read as far as it is for calls that nothing is known of.
    is_general: bool,
    pub(crate) call: Call,
    /// The number of the set of rows, as far as it is known.
    pub(crate) rows: Option<u32>,
}

#[derive(Deserialize)]
struct ListedResource<'a> {
    #[serde(borrow, rename = "ARN", alias = "arn")]
    arn: Option<Text<'a>>,
}

impl UsageCollector {
    /// Who a record was, and the rows that it adds to. It stands for so many that are alike in all that decides this.
    pub(crate) fn place(&mut self, record: &Record<'_>, records: u64) -> Placed {
        let begun = self.begin(record, records);
        self.finish(record, begun)
    }

    /// Who a record was, and what its rows are known by at first sight.
    pub(crate) fn begin<'r>(&mut self, record: &'r Record<'_>, records: u64) -> Begun<'r> {
        self.sessions.learn(record, &mut self.texts);
        let caller = self.caller(record);
        let kind = self.kinds.kind(record, &mut self.texts);
        if kind.is_unmapped {
            let event = self.unmapped.entry((kind.source, kind.name));
            *event.or_default() += records;
        }
        let account = kind.recipient.unwrap_or(caller.account);
        let [parameters, resources] = read_of(record, kind);
        let decides = self.decided.of(kind.number);
        let deciding = match decides {
            Decides::Whole => Deciding::Whole(parameters),
            Decides::Parts => self.read_parts.deciding(kind.read_members, parameters),
            Decides::Nothing => Deciding::Nothing,
        };
        let request = Request {
            caller: [
                caller.principal,
                caller.type_number,
                caller.access_key,
                account,
            ],
            kind: kind.number,
            deciding,
            resources,
        };
        // Where nobody tells the receiver, it is another one that names no more of the caller than its account.
        let is_told = kind.recipient.is_some() || caller.principal_type != "account";
        Begun {
            call: self.known_rows.call(&request),
            rows: None,
            is_callers_account: is_told && caller.account != EMPTY && caller.account == account,
            invoked_by: caller.invoked_by,
            request,
            is_general: decides == Decides::Parts,
        }
    }

    /// The rows of a record that was begun.
    pub(crate) fn finish(&mut self, record: &Record<'_>, begun: Begun<'_>) -> Placed {
        let (call, rows) = match begun.rows.or_else(|| self.known_rows.rows(begun.call)) {
            Some(rows) => (begun.call, rows),
            None => self.call(record, &begun),
        };
        Placed {
            invoked_by: begun.invoked_by,
            rows,
            is_callers_account: begun.is_callers_account,
            call,
        }
    }

    pub(crate) fn caller(&mut self, record: &Record<'_>) -> Caller {
        let user_identity = record.user_identity.map(|raw| raw.get());
        let number = record.identity_number;
        let (sessions, texts) = (&mut self.sessions, &mut self.texts);
        self.callers.caller(user_identity, number, sessions, texts)
    }

    /// What a call is known by that was not known at first sight, and its set of rows.
    fn call(&mut self, record: &Record<'_>, begun: &Begun<'_>) -> (Call, u32) {
        let request = begun.request;
        let caller = self.caller(record);
        // Where kinds were forgotten meanwhile, it has another number than in the request, and a hint is lost.
        let kind = &Arc::clone(self.kinds.kind(record, &mut self.texts));
        let general = match begun.is_general {
            true => request.deciding,
            false => {
                let [parameters, _] = read_of(record, kind);
                self.read_parts.deciding(kind.read_members, parameters)
            }
        };
        let known_by = |deciding| Request {
            deciding,
            ..request
        };
        if general != request.deciding {
            let call = self.known_rows.call(&known_by(general));
            if let Some(rows) = self.known_rows.rows(call) {
                self.decided.put(kind.number, general.into());
                return (call, rows);
            }
        }
        let [.., account] = request.caller;
        let (rows, reads_parameters) = self.read_request(record, &caller, kind, account);
        let deciding = match reads_parameters {
            true => general,
            false => Deciding::Nothing,
        };
        self.decided.put(kind.number, deciding.into());
        let call = self.known_rows.call(&known_by(deciding));
        if let Some(displaced) = self.known_rows.put(call, rows) {
            self.tell_rows(&displaced);
        }
        (call, rows)
    }

    /// The set of rows of a call, one for each permission that it needed, and whether its parameters decide that.
    fn read_request(
        &mut self,
        record: &Record<'_>,
        caller: &Caller,
        kind: &CallKind,
        account: u32,
    ) -> (u32, bool) {
        let key = GroupKey {
            account,
            principal: caller.principal,
            principal_type: caller.principal_type,
            access_key: caller.access_key,
            source: kind.source,
            name: kind.name,
            action: 0,
            region: kind.region,
            outcome: kind.outcome,
            shows: kind.shows,
        };
        let (needs, reads_parameters) = self.needs(record, kind, account);
        let places = self.places(key, &needs);
        (self.row_sets.number(&places), reads_parameters)
    }

    /// What a call needed, and whether its parameters say so.
    pub(crate) fn needs(
        &self,
        record: &Record<'_>,
        kind: &CallKind,
        account: u32,
    ) -> (Vec<Need>, bool) {
        let listed: Vec<ListedResource<'_>> = record
            .resources
            .filter(|_| kind.reads_request)
            .and_then(|list| serde_json::from_str(list.get()).ok())
            .unwrap_or_default();
        let resources: Vec<EventResource<'_>> = listed
            .into_iter()
            .filter_map(|listed| Some(EventResource { arn: listed.arn?.0 }))
            .collect();
        let request = EventRequest {
            region: record.aws_region.as_deref().unwrap_or_default(),
            account_id: self.texts.text(account),
            parameters: record.request_parameters.map(|raw| raw.get()),
            resources: &resources,
        };
        let mut needs = Vec::new();
        let mapping = kind.mapping.as_ref();
        let reads = mapping.is_some_and(|mapping| mapping.needs_into(&request, &mut needs));
        (needs, reads)
    }

    /// The rows that an event adds to, sorted, each once.
    fn places(&mut self, key: GroupKey, needs: &[Need]) -> Vec<RowPlace> {
        let mut places: Vec<RowPlace> = Vec::with_capacity(needs.len().max(1));
        let nothing = [("", "")];
        let needs = needs.iter().map(|need| (&*need.action, &*need.resource));
        let without_any = nothing.into_iter().take(usize::from(needs.len() == 0));
        for (action, resource) in needs.chain(without_any) {
            let action = self.texts.number(action);
            let number = self.group(GroupKey { action, ..key });
            places.extend(self.place_in(number, resource));
        }
        self.places_now(&places)
    }
}

/// Parameters and listed resources of a request, as far as its kind reads them.
fn read_of<'a>(record: &Record<'a>, kind: &CallKind) -> [&'a str; 2] {
    [record.request_parameters, record.resources].map(|raw| {
        let read = raw.filter(|_| kind.reads_request);
        read.map_or("", |raw| raw.get())
    })
}
