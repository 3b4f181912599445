//! Who makes the calls: identities that repeat from record to record, read once.

use std::num::NonZeroU64;

use rustc_hash::FxHashMap;

use crate::collector::cut;
use crate::identity::Identity;
use crate::interner::Interner;
use crate::sessions::Sessions;

/// Sessions repeat their identity in every record; past this many the oldest are of no use.
const MOST_SESSIONS: usize = 10_000;
/// So many are found without looking at their text.
const NUMBERED: usize = 1 << 11;
/// Larger ones are not remembered.
const LARGEST_SESSION: usize = 4 << 10;

/// An [`Identity`], as numbers of its texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) principal: u32,
    pub(crate) access_key: u32,
    pub(crate) account: u32,
    pub(crate) invoked_by: u32,
    /// The type's number, and the type itself.
    pub(crate) type_number: u32,
    pub(crate) principal_type: &'static str,
}

/// Callers by what records say of them.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    sessions: FxHashMap<Box<str>, Caller>,
    /// Callers by the reader's numbers of the same texts, each over the one that was at its place.
    numbered: Vec<Option<(NonZeroU64, Caller)>>,
}

impl Callers {
    /// The caller of a record, by its `userIdentity`.
    pub(crate) fn caller(
        &mut self,
        user_identity: Option<&str>,
        number: Option<NonZeroU64>,
        sessions: &mut Sessions,
        texts: &mut Interner,
    ) -> Caller {
        let Some(number) = number else {
            return self.session(user_identity.unwrap_or("null"), sessions, texts);
        };
        if self.numbered.is_empty() {
            self.numbered.resize(NUMBERED, None);
        }
        let place = usize::try_from(number.get()).unwrap_or_default() % NUMBERED;
        if let Some(Some((known, caller))) = self.numbered.get(place)
            && *known == number
        {
            return *caller;
        }
        let caller = self.session(user_identity.unwrap_or("null"), sessions, texts);
        if let Some(known) = self.numbered.get_mut(place) {
            *known = Some((number, caller));
        }
        caller
    }

    fn session(&mut self, session: &str, sessions: &mut Sessions, texts: &mut Interner) -> Caller {
        if let Some(caller) = self.sessions.get(session) {
            return *caller;
        }
        let identity = Identity::of(Some(session));
        let caller = Caller {
            principal: match &identity.session_key {
                Some(key) => sessions.wait(key, &identity.principal_arn, texts),
                None => texts.number(&identity.principal_arn),
            },
            access_key: texts.number(identity.access_key_id.as_deref().unwrap_or_default()),
            account: texts.number(cut(Some(&identity.account_id))),
            invoked_by: texts.number(identity.invoked_by.as_deref().unwrap_or_default()),
            type_number: texts.number(identity.principal_type),
            principal_type: identity.principal_type,
        };
        if session.len() <= LARGEST_SESSION {
            if self.sessions.len() >= MOST_SESSIONS {
                self.sessions.clear();
            }
            self.sessions.insert(session.into(), caller);
        }
        caller
    }
}
