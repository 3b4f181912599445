//! Since when a principal was there, and somebody could call as it.

use leastgrant_inventory::Timestamp;

use crate::evidence::Evidence;
use crate::principals::Usable;
use crate::{Reason, Window};

impl Evidence {
    /// The part of a window that tells what a principal is for: it was there and somebody could call as it, for long enough, and it is not
    /// that somebody signs in as it and does nothing that the logs show.
    pub(crate) fn telling_part(
        &self,
        principal_arn: &str,
        window: Window,
    ) -> Result<Window, Reason> {
        let least_days = self.options.least_days;
        let made_at = self.principals.made_at(principal_arn);
        let since = cut(window, made_at);
        let days = since.days().max(0);
        if days < least_days {
            return Err(match made_at {
                Some(_) => Reason::PrincipalMade { days, least_days },
                None => return Ok(window),
            });
        }
        let seen = self.seen.principals.get(principal_arn);
        if let Some(at) = seen.and_then(|seen| seen.signed_in_at)
            && at >= window.from
            && seen.is_some_and(|seen| seen.called_at < Some(window.from))
        {
            return Err(Reason::SignsInOnly { at });
        }
        // Calls show that there were credentials which are gone.
        let first_call =
            || seen.and_then(|seen| seen.used.values().filter_map(|used| used.first_seen).min());
        let usable_at = match self.principals.usable(principal_arn) {
            Usable::SinceMade => None,
            Usable::Never => Some(first_call().ok_or(Reason::NoCredentials)?),
            Usable::Since(made_at) => Some(first_call().map_or(made_at, |at| at.min(made_at))),
        };
        let usable = cut(since, usable_at);
        let days = usable.days().max(0);
        if days < least_days {
            return Err(Reason::CredentialsMade { days, least_days });
        }
        // A key that follows no other is for something new, and what that needs is seen from then on.
        let first_with_key = seen.and_then(|seen| seen.first_call_with_key);
        let follows_none = |made_at: &&Timestamp| first_with_key.is_none_or(|at| at >= **made_at);
        let keys = self.principals.keys_made_at(principal_arn).iter();
        let usable = cut(usable, keys.filter(follows_none).max().copied());
        let days = usable.days().max(0);
        match days < least_days {
            true => Err(Reason::FirstKeyMade { days, least_days }),
            false => Ok(usable),
        }
    }
}

fn cut(window: Window, at: Option<Timestamp>) -> Window {
    let from = at.map_or(window.from, |at| window.from.max(at));
    Window { from, ..window }
}
