//! Who makes the calls: identities that repeat from record to record, read once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::collector::cut;
use crate::identity::Identity;
use crate::interner::Interner;

/// Sessions repeat their identity in every record; past this many the oldest are of no use.
const MOST_SESSIONS: usize = 10_000;
/// Larger ones are not remembered.
const LARGEST_SESSION: usize = 4 << 10;

/// An identity, with numbers of its texts.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) identity: Identity,
    pub(crate) principal: u32,
    pub(crate) access_key: u32,
    pub(crate) account: u32,
}

/// Callers by what records say of them.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    sessions: FxHashMap<Box<str>, Arc<Caller>>,
    /// The caller of the record before, who often makes the next call too.
    last: Option<(Box<str>, Arc<Caller>)>,
}

impl Callers {
    /// The caller of a record, by its `userIdentity`.
    pub(crate) fn caller(
        &mut self,
        user_identity: Option<&str>,
        texts: &mut Interner,
    ) -> Arc<Caller> {
        let session = user_identity.unwrap_or("null");
        if let Some((last, caller)) = &self.last
            && **last == *session
        {
            return Arc::clone(caller);
        }
        if let Some((session, caller)) = self.sessions.get_key_value(session) {
            self.last = Some((session.clone(), Arc::clone(caller)));
            return Arc::clone(caller);
        }
        let identity = Identity::of(Some(session));
        let caller = Arc::new(Caller {
            principal: texts.number(&identity.principal_arn),
            access_key: texts.number(identity.access_key_id.as_deref().unwrap_or_default()),
            account: texts.number(cut(Some(&identity.account_id))),
            identity,
        });
        if session.len() <= LARGEST_SESSION {
            if self.sessions.len() >= MOST_SESSIONS {
                self.sessions.clear();
            }
            self.sessions.insert(session.into(), Arc::clone(&caller));
        }
        caller
    }
}
