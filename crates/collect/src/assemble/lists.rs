//! The newest whole list of something of each user.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;
use std::sync::Arc;

use leastgrant_inventory::tables::{LongLivedCredentialRow, MfaDeviceRow};

use super::{DatedPiece, Dating};
use crate::facts::{ListedKey, OwnedList};

/// An account and a name as IAM compares names: `ACCOUNT/lower-case name`.
pub(super) type OwnerKey = String;

/// Lists by their owner.
pub(super) type Lists<T> = HashMap<OwnerKey, DatedList<T>>;

/// All pages of one listing of one moment.
#[derive(Debug)]
pub(super) struct DatedList<T> {
    pub dating: Dating,
    pub user_name: String,
    pub path: Arc<Path>,
    pub place: String,
    has_end: bool,
    is_damaged: bool,
    pub items: Vec<T>,
}

impl<T> DatedList<T> {
    /// Whether what is not in the list does not exist.
    pub(super) fn is_whole(&self) -> bool {
        self.has_end && !self.is_damaged
    }
}

/// Something with an id, that two answers may show.
pub(super) trait Identified {
    fn id(&self) -> &str;
    /// Takes over what the other answer of the same moment shows in addition.
    fn absorb(&mut self, other: Self);
}

impl Identified for ListedKey {
    fn id(&self) -> &str {
        &self.access_key_id
    }

    fn absorb(&mut self, other: Self) {
        // Of one moment and in contradiction: the key may be usable, and the later use is one.
        self.is_active |= other.is_active;
        self.created_at = self.created_at.or(other.created_at);
        if self
            .last_use
            .as_ref()
            .is_none_or(|own| other.last_use.as_ref().is_some_and(|more| more.at > own.at))
        {
            self.last_use = other.last_use;
        }
    }
}

impl Identified for MfaDeviceRow {
    fn id(&self) -> &str {
        &self.serial_number
    }

    fn absorb(&mut self, other: Self) {
        self.enabled_at = self.enabled_at.or(other.enabled_at);
    }
}

impl Identified for LongLivedCredentialRow {
    fn id(&self) -> &str {
        self.credential_id.as_deref().unwrap_or_default()
    }

    fn absorb(&mut self, other: Self) {
        self.is_active |= other.is_active;
        self.created_at = self.created_at.or(other.created_at);
        self.expires_at = self.expires_at.or(other.expires_at);
    }
}

pub(super) fn owner_key(account_id: &str, user_name: &str) -> OwnerKey {
    format!("{account_id}/{}", user_name.to_ascii_lowercase())
}

/// Pieces come oldest first. Pages of one moment are one list; a newer list replaces an older one.
pub(super) fn keep_newest<T: Identified>(
    lists: &mut Lists<T>,
    piece: &DatedPiece,
    list: OwnedList<T>,
) {
    let mut new = DatedList {
        dating: piece.dating(),
        user_name: list.user_name,
        path: Arc::clone(&piece.piece.path),
        place: piece.piece.place.clone(),
        has_end: !list.truncated,
        is_damaged: piece.piece.damaged,
        items: Vec::new(),
    };
    let key = owner_key(&piece.account_id, &new.user_name);
    let known = match lists.entry(key) {
        Entry::Occupied(known) => {
            let known = known.into_mut();
            if known.dating.at == new.dating.at {
                known.has_end |= new.has_end;
                known.is_damaged |= new.is_damaged;
            } else {
                *known = new;
            }
            known
        }
        Entry::Vacant(vacant) => {
            new.items.reserve_exact(list.items.len());
            vacant.insert(new)
        }
    };
    for item in list.items {
        match known.items.iter_mut().find(|own| own.id() == item.id()) {
            Some(own) => own.absorb(item),
            None => known.items.push(item),
        }
    }
}
