//! Who makes the calls: identities that repeat from record to record, read once.

use std::num::NonZeroU64;
use std::sync::Arc;

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

/// An [`Identity`], as numbers of its texts as far as rows are told apart by them.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) principal: u32,
    pub(crate) access_key: u32,
    pub(crate) account: u32,
    /// The service that made the call with the caller's rights.
    pub(crate) invoked_by: Option<Arc<str>>,
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
            return caller.clone();
        }
        let caller = self.session(user_identity.unwrap_or("null"), sessions, texts);
        if let Some(known) = self.numbered.get_mut(place) {
            *known = Some((number, caller.clone()));
        }
        caller
    }

    fn session(&mut self, session: &str, sessions: &mut Sessions, texts: &mut Interner) -> Caller {
        if let Some(caller) = self.sessions.get(session) {
            return caller.clone();
        }
        let identity = Identity::of(Some(session));
        let caller = Caller {
            principal: match &identity.session_key {
                Some(key) => sessions.wait(key, &identity.principal_arn, texts),
                None => texts.number(&identity.principal_arn),
            },
            access_key: texts.number(identity.access_key_id.as_deref().unwrap_or_default()),
            account: texts.number(cut(Some(&identity.account_id))),
            invoked_by: identity.invoked_by.as_deref().map(Into::into),
            type_number: texts.number(identity.principal_type),
            principal_type: identity.principal_type,
        };
        if session.len() <= LARGEST_SESSION {
            if self.sessions.len() >= MOST_SESSIONS {
                self.sessions.clear();
            }
            self.sessions.insert(session.into(), caller.clone());
        }
        caller
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_that_make_calls_are_not_remembered_for_ever() {
        let (mut callers, mut sessions) = (Callers::default(), Sessions::default());
        let mut texts = Interner::default();
        let mut caller = |service: &str| {
            let user = r#""type":"IAMUser","arn":"arn:aws:iam::111122223333:user/u""#;
            let identity = format!(r#"{{{user},"invokedBy":"{service}"}}"#);
            callers.caller(Some(&identity), None, &mut sessions, &mut texts)
        };
        let [one, two] = ["one", "two"].map(&mut caller);
        assert_eq!(one.invoked_by.as_deref(), Some("one"));
        assert_eq!(two.invoked_by.as_deref(), Some("two"));
        assert_eq!(one.principal, two.principal);
        // Rows are told apart by numbers, which stay until the end; whoever writes logs can name any service.
        let before = texts.number("before");
        for service in 0..100 {
            let identity =
                format!(r#"{{"type":"IAMUser","arn":"x","invokedBy":"service {service}"}}"#);
            callers.caller(Some(&identity), None, &mut sessions, &mut texts);
        }
        assert_eq!(texts.number("after") - before, 2);
    }
}
